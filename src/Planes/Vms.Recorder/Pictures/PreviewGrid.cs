using Vms.Containers;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>Which keyframes of a segment become previews: the first one, the first behind each hole, and one for each interval. The choice
/// for a segment that grows never changes: what was chosen stays chosen.</summary>
internal static class PreviewGrid
{
    public static IEnumerable<FragmentEntry> Of(FragmentEntry[] table, TimeSpan interval)
    {
        long? chosenUs = null;
        for (int i = 0; i < table.Length; i++)
        {
            var fragment = table[i];
            if (!fragment.StartsWithKeyframe) continue;
            bool isBehindHole = i > 0 && IsHole(table[i - 1], fragment);
            if (chosenUs is { } last && !isBehindHole && fragment.CaptureTimeUs - last < (long)interval.TotalMicroseconds) continue;
            chosenUs = fragment.CaptureTimeUs;
            yield return fragment;
        }
    }

    /// <summary>Is something missing between two fragments? The clock may have been set back, too.</summary>
    public static bool IsHole(in FragmentEntry before, in FragmentEntry next) =>
        next.CaptureTimeUs > PlaybackPlan.EndUs(before) + KeyframeSearch.ToleranceUs || next.CaptureTimeUs < before.CaptureTimeUs;
}
