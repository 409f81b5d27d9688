using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.ReadBack;

/// <summary>A stored fragment that begins with a keyframe, to be read back.</summary>
internal sealed record FreshFragment(SegmentRow Segment, FragmentEntry Entry)
{
    /// <summary>What is younger may still be on its way to the disk: a commit a second, and what a slow one takes.</summary>
    private const long SettledUs = 5_000_000;

    public DateTimeOffset From => UnixTime.FromMicroseconds(Entry.CaptureTimeUs);

    public DateTimeOffset To => UnixTime.FromMicroseconds(Entry.CaptureTimeUs + (Entry.DurationTicks * 1_000_000L / FragmentEntry.TicksPerSecond));

    /// <summary>The newest one of a segment that can be decoded by itself.</summary>
    /// <param name="segment">With its fragment table.</param>
    /// <returns>Null when the segment has none yet.</returns>
    public static FreshFragment? In(SegmentRow segment)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var table) || table.Length == 0)
        {
            return null;
        }

        long settled = segment.Closed ? long.MaxValue : table[^1].CaptureTimeUs - SettledUs;
        int newest = Array.FindLastIndex(table, e => e.StartsWithKeyframe && e.CaptureTimeUs <= settled);
        return newest < 0 ? null : new FreshFragment(segment, table[newest]);
    }

    public bool IsSameAs(FreshFragment? other) => other is not null && (Segment.Id, Entry.Offset) == (other.Segment.Id, other.Entry.Offset);
}
