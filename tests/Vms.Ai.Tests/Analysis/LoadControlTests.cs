using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Analysis;
using Vms.Ai.Events;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Testing;

namespace Vms.Ai.Tests.Analysis;

/// <summary>What is looked at less when it is too much for the machine, and that it is told once.</summary>
public sealed class LoadControlTests : IDisposable
{
    /// <summary>A little more than from one look to the next.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2.01);

    private readonly TestDirectory _data = new();
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly EventOutbox _outbox;
    private readonly AnalysisEvents _events;
    private readonly PlaneOptions _options;
    private long _refused;
    private LoadControl _load;

    public LoadControlTests()
    {
        _options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", _data.Path)]).Build());
        _outbox = new EventOutbox(_data["events"], AnalyticsEvent.FromAnalytics, "vms_analysis_events_lost_total", "vms_analysis_events_waiting_bytes");
        _events = new AnalysisEvents(_outbox);
        _load = Start();
    }

    [Fact]
    public void Threads_have_to_be_busy_three_times_in_a_row()
    {
        Look(1);
        Look(1);
        Look(0.5);
        Look(1);
        Look(1);
        Assert.Equal(1, _load.Part);
        Look(1);
        Assert.Equal(0.7, _load.Part);
        Assert.True(_load.IsOverloaded);
    }

    [Fact]
    public void Refused_pictures_and_streams_that_fall_behind_count_at_once()
    {
        _refused = 3;
        Look(0.1);
        Assert.Equal(0.7, _load.Part);
        Look(0.1);      // none was refused since
        Assert.Equal(0.7, _load.Part);
        _load.Behind();
        Look(0.1);
        Assert.Equal(0.5, _load.Part);
    }

    [Fact]
    public void At_the_last_step_only_keyframes_are_decoded_and_it_goes_no_lower()
    {
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(i >= 5, _load.KeyframesOnly);
            _load.Behind();
            Look(1);
        }

        Assert.Equal(0.1, _load.Part);
    }

    [Fact]
    public void After_twenty_calm_seconds_it_goes_up_one_step_and_a_busy_look_begins_them_anew()
    {
        Overload(steps: 2);
        for (int second = 2; second < 20; second += 2)
            Look(0.5);
        Assert.Equal(0.5, _load.Part);
        Look(0.8);      // neither too much nor room
        for (int second = 2; second < 20; second += 2)
            Look(0.5);
        Assert.Equal(0.5, _load.Part);
        Look(0.5);
        Assert.Equal(0.7, _load.Part);
    }

    [Fact]
    public async Task It_is_one_event_from_the_first_lowering_to_the_last_raising()
    {
        Overload(steps: 2);
        for (int second = 0; second < 50; second += 2)
            Look(0.1);
        Assert.Equal(1, _load.Part);

        var told = await ToldAsync(4);
        Assert.Single(told.Select(e => (e.GetProperty("id").GetString(), e.GetProperty("at").GetString())).Distinct());
        Assert.Equal([0.7, 0.5, 0.7, 1], told.Select(e => e.GetProperty("data").GetProperty("ratePart").GetDouble()));
        Assert.Equal([false, false, false, true], told.Select(e => e.TryGetProperty("endAt", out _)));
    }

    [Fact]
    public async Task An_overload_in_which_the_plane_ended_is_over_when_it_starts_again()
    {
        Overload(steps: 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        _load = Start();
        var told = await ToldAsync(2);
        Assert.Equal(told[0].GetProperty("id").GetString(), told[1].GetProperty("id").GetString());
        Assert.Equal(_time.GetUtcNow(), told[1].GetProperty("endAt").GetDateTimeOffset());

        long waiting = _outbox.Spool.Bytes;
        _load = Start();
        Assert.Equal(waiting, _outbox.Spool.Bytes);
    }

    [Fact]
    public async Task Who_stops_in_order_says_that_the_overload_is_over()
    {
        Overload(steps: 2);
        _load.Dispose();
        var told = await ToldAsync(3);
        Assert.Equal(["fallingBehind", "fallingBehind"], told.Take(2).Select(e => e.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Equal(_time.GetUtcNow(), told[2].GetProperty("endAt").GetDateTimeOffset());
        Assert.Single(told.Select(e => e.GetProperty("id").GetString()).Distinct());

        long waiting = _outbox.Spool.Bytes;
        _load = Start();
        Assert.Equal(waiting, _outbox.Spool.Bytes);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"At\":\"2026-03-01T12:00:00+00:00\"}")]
    [InlineData("{\"At\":\"2026-03-01T12:00:00+00:00\",\"Id\":\"no id\"}")]
    public void An_overload_that_cannot_be_read_is_none(string stored)
    {
        File.WriteAllText(Path.Combine(_options.StateDirectory, "analysis", "overload.json"), stored);
        _load = Start();
        Assert.Equal(0, _outbox.Spool.Bytes);
    }

    public void Dispose()
    {
        _load.Dispose();
        _events.Dispose();
        _outbox.Dispose();
        _data.Dispose();
    }

    private LoadControl Start() => new(_options, _events, _time, NullLogger<LoadControl>.Instance);

    private void Overload(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            _load.Behind();
            Look(1);
        }
    }

    private void Look(double busy)
    {
        _time.Advance(s_pause);
        _load.Look(() => busy, _refused);
    }

    private async Task<List<JsonElement>> ToldAsync(int count)
    {
        var told = new List<JsonElement>();
        for (int i = 0; i < count; i++)
        {
            SpooledEvent next = await _outbox.Spool.NextAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            told.Add(JsonDocument.Parse(next.Payload).RootElement);
            _outbox.Spool.Done(next);
        }

        return told;
    }
}
