using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Vms.Recorder.Motion;

internal enum SearchOutcome
{
    /// <summary>To the end of its range, or as many hits as there may be.</summary>
    Done,

    /// <summary>The client hung up.</summary>
    Left,

    /// <summary>The index went away, or the recorder stopped.</summary>
    Failed,

    /// <summary>As many as may already ran.</summary>
    Refused,
}

/// <summary>What motion search does.</summary>
internal sealed class MotionMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Recorder.Motion");
    private readonly Counter<long> _computed;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _handed;
    private readonly Counter<long> _searches;
    private readonly UpDownCounter<int> _active;

    public MotionMetrics()
    {
        _computed = _meter.CreateCounter<long>("vms_motion_grids_computed_total", null, "Motion grids made from two keyframes of the archive.");
        _stored = _meter.CreateCounter<long>("vms_motion_grids_read_total", null, "Motion grids that a search found made already.");
        _handed = _meter.CreateCounter<long>("vms_motion_grids_handed_total", null, "Motion grids that the analytics plane handed over.");
        _searches = _meter.CreateCounter<long>("vms_motion_searches_total", null, "Motion searches that ended or were refused, by outcome.");
        _active = _meter.CreateUpDownCounter<int>("vms_motion_searches_active", null, "Motion searches that run now.");
    }

    public void Computed() => _computed.Add(1);

    public void Read() => _stored.Add(1);

    public void Handed() => _handed.Add(1);

    public void Started() => _active.Add(1);

    public void Ended(SearchOutcome outcome)
    {
        _active.Add(-1);
        Count(outcome);
    }

    public void Refused() => Count(SearchOutcome.Refused);

    public void Dispose() => _meter.Dispose();

    private void Count(SearchOutcome outcome) =>
        _searches.Add(1, new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString())));
}
