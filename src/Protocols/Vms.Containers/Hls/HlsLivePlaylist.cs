using System.Globalization;
using System.Text;

namespace Vms.Containers.Hls;

/// <summary>One partial segment.</summary>
/// <param name="DurationTicks">90 kHz.</param>
/// <param name="IsIndependent">Starts with a keyframe.</param>
public readonly record struct HlsLivePart(long DurationTicks, bool IsIndependent);

/// <summary>One segment of a live playlist: <c>{Number}.m4s</c>, its parts <c>{Number}.{index}.m4s</c>.</summary>
/// <param name="Number">Media sequence number.</param>
/// <param name="InitUri">Its init segment; a new EXT-X-MAP is written where it changes.</param>
/// <param name="IsDiscontinuous">Does not continue the segment before it: a gap in time or other codec parameters.</param>
/// <param name="ProgramDateTime">Capture time of its first picture.</param>
/// <param name="DurationTicks">90 kHz; null while it grows. Only the last one grows.</param>
/// <param name="StartsWithKeyframe">False for the rest of a group of pictures that was too long for one segment.</param>
public sealed record HlsLiveSegment(
    long Number, string InitUri, bool IsDiscontinuous, DateTimeOffset ProgramDateTime, long? DurationTicks, bool StartsWithKeyframe,
    IReadOnlyList<HlsLivePart> Parts);

/// <summary>
/// A Low-Latency HLS media playlist (draft-pantos-hls-rfc8216bis: blocking reload, parts, preload hint, delta updates). The text is
/// the same for every viewer.
/// </summary>
/// <param name="TargetDurationSeconds">No segment is longer, rounded; never changes.</param>
/// <param name="PartTargetTicks">No part is longer, 90 kHz.</param>
/// <param name="DiscontinuitySequence">Discontinuities that left the window with their segments.</param>
/// <param name="Segments">At least one; consecutive numbers.</param>
public sealed record HlsLivePlaylist(
    int TargetDurationSeconds, long PartTargetTicks, long DiscontinuitySequence, IReadOnlyList<HlsLiveSegment> Segments)
{
    public const string ContentType = "application/vnd.apple.mpegurl";

    /// <summary>§4.4.3.8: at least six target durations.</summary>
    private const int SkipTargets = 6;

    /// <summary>§4.4.4.9: parts of segments that lie further back have no use; their segment is there.</summary>
    private const int SegmentsWithParts = 3;

    /// <summary>§4.4.3.8: a player stays at least twice, better three times a part behind.</summary>
    private const int HoldBackParts = 3;

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <param name="skip">The player has the segments that a delta update leaves out (§6.2.5.1). Without any, the playlist is whole.</param>
    public string Write(bool skip)
    {
        var text = new StringBuilder(4096);
        double partTarget = Seconds(PartTargetTicks);
        text.Append("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:").Append(TargetDurationSeconds);
        text.Append(CultureInfo.InvariantCulture,
            $"\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={partTarget * HoldBackParts:F5},CAN-SKIP-UNTIL={TargetDurationSeconds * SkipTargets:F1}");
        text.Append(CultureInfo.InvariantCulture, $"\n#EXT-X-PART-INF:PART-TARGET={partTarget:F5}");
        text.Append("\n#EXT-X-MEDIA-SEQUENCE:").Append(Segments[0].Number);
        if (DiscontinuitySequence > 0)
            text.Append("\n#EXT-X-DISCONTINUITY-SEQUENCE:").Append(DiscontinuitySequence);
        if (Segments.All(s => s.StartsWithKeyframe))
            text.Append("\n#EXT-X-INDEPENDENT-SEGMENTS");
        text.Append('\n');

        int first = skip ? Skippable() : 0;
        if (first > 0)
            text.Append("#EXT-X-SKIP:SKIPPED-SEGMENTS=").Append(first).Append('\n');
        int firstWithParts = Segments.Count - SegmentsWithParts;
        string? init = null;
        for (int i = first; i < Segments.Count; i++)
            Write(text, Segments[i], withDiscontinuity: i > 0, withParts: i >= firstWithParts, ref init);
        var (number, part) = Next();
        return text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{number}.{part}.m4s\"\n").ToString();
    }

    private static void Write(StringBuilder text, HlsLiveSegment segment, bool withDiscontinuity, bool withParts, ref string? init)
    {
        if (segment.IsDiscontinuous && withDiscontinuity)
            text.Append("#EXT-X-DISCONTINUITY\n");
        if (segment.InitUri != init)
            text.Append("#EXT-X-MAP:URI=\"").Append(init = segment.InitUri).Append("\"\n");
        text.Append("#EXT-X-PROGRAM-DATE-TIME:")
            .Append(segment.ProgramDateTime.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)).Append('\n');
        for (int i = 0; withParts && i < segment.Parts.Count; i++)
        {
            var part = segment.Parts[i];
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PART:DURATION={Seconds(part.DurationTicks):F5},URI=\"{segment.Number}.{i}.m4s\"");
            text.Append(part.IsIndependent ? ",INDEPENDENT=YES\n" : "\n");
        }

        if (segment.DurationTicks is { } duration)
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{Seconds(duration):F5},\n{segment.Number}.m4s\n");
    }

    /// <summary>What comes next: another part of the growing segment, or the first of the one after the last.</summary>
    private (long Number, int Part) Next() =>
        Segments[^1] is { DurationTicks: null } growing ? (growing.Number, growing.Parts.Count) : (Segments[^1].Number + 1, 0);

    // Segments that lie wholly before the skip boundary.
    private int Skippable()
    {
        long after = 0;
        for (int i = Segments.Count - 1; i >= 0; i--)
        {
            if (after >= (long)TargetDurationSeconds * SkipTargets * FragmentEntry.TicksPerSecond)
                return i + 1;
            after += DurationOf(Segments[i]);
        }

        return 0;
    }

    private static long DurationOf(HlsLiveSegment segment) => segment.DurationTicks ?? segment.Parts.Sum(p => p.DurationTicks);

    private static double Seconds(long ticks) => (double)ticks / FragmentEntry.TicksPerSecond;
}
