using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>A keyframe and the samples up to the next one of its segment, as the index knows them.</summary>
/// <param name="Fragments">In file order, without holes; the first one begins with the keyframe.</param>
/// <param name="FromUs">Wall clock of the first picture, UTC microseconds since 1970.</param>
/// <param name="ToUs">Of the end of the last one by the camera's clock, never behind the GOP that follows.</param>
internal readonly record struct RecordedGop(SegmentRow Segment, ReadOnlyMemory<FragmentEntry> Fragments, long FromUs, long ToUs)
{
    /// <summary>Of one segment, in file order. What follows a damaged place decodes from its next keyframe only and is left out up to there.</summary>
    public static IEnumerable<RecordedGop> In(SegmentRow segment)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var table)) yield break;
        for (int first = 0, end; first < table.Length; first = end)
        {
            end = first + 1;
            if (!table[first].StartsWithKeyframe) continue;
            while (end < table.Length && !table[end].StartsWithKeyframe && table[end].Offset == table[end - 1].EndOffset) end++;
            long fromUs = table[first].CaptureTimeUs;
            long toUs = fromUs + Math.Max(1, new MediaTime(table[end - 1].EndTicks - table[first].StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds());
            // Capture times are estimates: whoever asks for what follows this GOP is to get the next one, and not the one behind it.
            if (end < table.Length && table[end].StartsWithKeyframe && table[end].CaptureTimeUs > fromUs) toUs = Math.Min(toUs, table[end].CaptureTimeUs);
            yield return new RecordedGop(segment, table.AsMemory(first, end - first), fromUs, toUs);
        }
    }
}
