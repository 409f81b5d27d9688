using System.Collections.Concurrent;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>The segments being written now. Retention leaves them alone; the index answers for them from here. Any thread.</summary>
internal sealed class OpenSegments
{
    private readonly ConcurrentDictionary<Guid, SegmentFile> _segments = new();

    public void Add(SegmentFile segment) => _segments[segment.Name.Id] = segment;

    public void Remove(SegmentFile segment) => _segments.TryRemove(segment.Name.Id, out _);

    /// <summary>Forgets a stream's segments that were begun and never got a fragment.</summary>
    public void KeepOnly(string cameraId, string stream, SegmentFile? kept)
    {
        foreach (var (_, segment) in _segments)
        {
            if (segment != kept && segment.Name.CameraId == cameraId && segment.Name.Stream == stream && !segment.HasFragments)
            {
                Remove(segment);
            }
        }
    }

    public bool Contains(Guid id) => _segments.ContainsKey(id);

    public int CountOf(string cameraId) => _segments.Values.Count(s => s.Name.CameraId == cameraId);

    public int Count => _segments.Count;

    /// <summary>When the first of a camera's began; null when there is none.</summary>
    public DateTimeOffset? EarliestOf(string cameraId)
    {
        DateTimeOffset? earliest = null;
        foreach (var (_, segment) in _segments)
        {
            if (segment.Name.CameraId == cameraId && !(earliest <= segment.Name.Start))
            {
                earliest = segment.Name.Start;
            }
        }

        return earliest;
    }

    /// <summary>Rows of one stream's segments that have content.</summary>
    public IEnumerable<SegmentRow> Of(string cameraId, string stream, bool withGops)
    {
        foreach (var (_, segment) in _segments)
        {
            if (segment.Name.CameraId == cameraId && segment.Name.Stream == stream && segment.Row(withGops) is { } row)
            {
                yield return row;
            }
        }
    }
}
