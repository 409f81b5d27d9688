using Vms.Control.Auth;

namespace Vms.Control.Tests.Auth;

public sealed class LoginThrottleTests
{
    private readonly LoginThrottle _throttle = new();
    private DateTimeOffset _now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Waits_double_from_five_seconds_to_five_minutes()
    {
        for (var i = 0; i < 5; i++)
            Assert.Equal(TimeSpan.Zero, _throttle.Enter("ip", "a", _now));
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = _throttle.Enter("ip", "a", _now);
            waits.Add(wait.TotalSeconds);
            _now += wait;
            Assert.Equal(TimeSpan.Zero, _throttle.Enter("ip", "a", _now));
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300], waits);
    }

    [Fact]
    public void A_success_forgets_and_a_quarter_of_an_hour_does_too()
    {
        for (var i = 0; i < 4; i++)
            _throttle.Enter("ip", "a", _now);
        _throttle.Succeeded("ip", "A ");
        for (var i = 0; i < 5; i++)
            Assert.Equal(TimeSpan.Zero, _throttle.Enter("ip", "a", _now));
        Assert.NotEqual(TimeSpan.Zero, _throttle.Enter("ip", "a", _now));
        Assert.Equal(TimeSpan.Zero, _throttle.Enter("other", "a", _now));   // the owner, elsewhere, is not locked out
        _now += TimeSpan.FromMinutes(16);
        Assert.Equal(TimeSpan.Zero, _throttle.Enter("ip", "a", _now));
    }

    [Fact]
    public void One_address_that_tries_many_names_is_stopped_and_memory_stays_bounded()
    {
        var passed = Enumerable.Range(0, 50_000).Count(i => _throttle.Enter("ip", $"name{i}", _now) == TimeSpan.Zero);
        Assert.Equal(30, passed);
        var others = Enumerable.Range(0, 50_000).Count(i => _throttle.Enter($"ip{i}", "admin", _now) == TimeSpan.Zero);
        Assert.Equal(50_000, others);
    }
}
