using Vms.Testing;

namespace Vms.Rtp.Tests.Testing;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Wall_and_monotonic_time_pass_together()
    {
        var utc = _clock.GetUtcNow();
        long timestamp = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(TimeSpan.FromSeconds(90), _clock.GetUtcNow() - utc);
        Assert.Equal(90, _clock.GetElapsedTime(timestamp).TotalSeconds, 5);
    }

    [Fact]
    public void Setting_the_wall_clock_leaves_monotonic_time_alone()
    {
        long timestamp = _clock.GetTimestamp();
        _clock.SetWallClock(DateTimeOffset.UnixEpoch);
        Assert.Equal(timestamp, _clock.GetTimestamp());
        Assert.Equal(DateTimeOffset.UnixEpoch, _clock.GetUtcNow());
    }

    [Fact]
    public void Timers_fire_in_order_as_often_as_they_are_due_and_see_their_own_time()
    {
        var start = _clock.GetUtcNow();
        var fired = new List<string>();
        using var periodic = _clock.CreateTimer(_ => Note("p"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using var once = _clock.CreateTimer(_ => Note("o"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using (_clock.CreateTimer(_ => Note("never"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan))
        {
        }

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["p2", "o3", "p4"], fired);
        Assert.Equal(TimeSpan.FromSeconds(5), _clock.GetUtcNow() - start);

        void Note(string name) => fired.Add($"{name}{(_clock.GetUtcNow() - start).TotalSeconds}");
    }

    [Fact]
    public async Task Delays_and_cancellation_end_when_time_has_come()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), _clock);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2), _clock);
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await delay;
        Assert.False(limit.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limit.IsCancellationRequested);
    }
}
