using Vms.Containers;
using Vms.Hosting.Motion;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>Two keyframes of one recording that are compared.</summary>
internal readonly record struct KeyframePair(RecordedKeyframe Before, RecordedKeyframe After)
{
    public long BeforeUs => Before.Fragment.CaptureTimeUs;

    public long AfterUs => After.Fragment.CaptureTimeUs;
}

/// <summary>Which keyframes of a segment are compared with each other. The choice for a segment that grows never changes.</summary>
internal static class KeyframePairs
{
    /// <summary>In order of time, each beginning where the one before ended unless something is missing between.</summary>
    /// <param name="next">The first keyframe of the recording behind the segment; the last pair ends with it when it follows without a hole.</param>
    public static List<KeyframePair> Of(SegmentRow segment, FragmentEntry[] table, RecordedKeyframe? next)
    {
        var pairs = new List<KeyframePair>();
        RecordedKeyframe? before = null;
        for (int i = 0; i < table.Length; i++)
        {
            if (i > 0 && PreviewGrid.IsHole(table[i - 1], table[i])) before = null;
            if (!table[i].StartsWithKeyframe) continue;
            if (before is { } known && table[i].CaptureTimeUs - known.Fragment.CaptureTimeUs < PictureComparison.LeastApartUs) continue;
            var keyframe = new RecordedKeyframe(segment, table[i], PlaybackPlan.EndUs(table[i]));
            if (before is { } last) pairs.Add(new KeyframePair(last, keyframe));
            before = keyframe;
        }

        if (before is { } end && next is { } follows && !PreviewGrid.IsHole(table[^1], follows.Fragment)) pairs.Add(new KeyframePair(end, follows));
        return pairs;
    }

    /// <summary>The first keyframe of a segment; null when it has none.</summary>
    public static RecordedKeyframe? FirstOf(SegmentRow segment, FragmentEntry[] table)
    {
        foreach (var fragment in table)
        {
            if (fragment.StartsWithKeyframe) return new RecordedKeyframe(segment, fragment, PlaybackPlan.EndUs(fragment));
        }

        return null;
    }
}
