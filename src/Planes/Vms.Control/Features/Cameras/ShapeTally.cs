using Vms.Contracts.Ai;

namespace Vms.Control.Features.Cameras;

/// <summary>What one zone or line would have told of objects of the past. One caller at a time.</summary>
internal sealed class ShapeTally(string kind, string id, string name, bool isTried)
{
    private const int MaxSamples = 20;

    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly SortedDictionary<DateTimeOffset, int> _hours = [];
    private readonly PriorityQueue<DryRunAnalytics.Sample, DateTimeOffset> _samples = new();

    public bool IsOf(PastFinding finding) => finding.ShapeId == id && finding.Type.StartsWith(kind, StringComparison.Ordinal);

    public void Add(PastFinding finding, DateTimeOffset at, StoredTrack of)
    {
        var what = finding.Direction.Length > 0 ? finding.Direction : finding.Type[(finding.Type.IndexOf('.', StringComparison.Ordinal) + 1)..];
        _told[what] = _told.GetValueOrDefault(what) + 1;
        var hour = HourOf(at);
        _hours[hour] = _hours.GetValueOrDefault(hour) + 1;
        _samples.Enqueue(new DryRunAnalytics.Sample(of.Seen.Id, of.Seen.At, at, what, of.Seen.Class, of.Seen.CropUrl), at);
        if (_samples.Count > MaxSamples)
            _samples.Dequeue();
    }

    public DryRunAnalytics.Shape ToShape() => new(
        id, kind, name, isTried ? null : "presets", _told.Values.Sum(), [.. _told.OrderByDescending(t => t.Value).Select(t => new DryRunAnalytics.Told(t.Key, t.Value))],
        [.. _hours.Select(h => new DryRunAnalytics.Hour(h.Key, h.Value))], [.. _samples.UnorderedItems.OrderByDescending(s => s.Priority).Select(s => s.Element)]);

    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
}
