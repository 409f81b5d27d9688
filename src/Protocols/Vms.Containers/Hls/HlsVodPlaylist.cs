using System.Globalization;
using System.Text;

namespace Vms.Containers.Hls;

/// <summary>One media segment of a playlist.</summary>
/// <param name="Uri">Relative to the playlist.</param>
/// <param name="InitUri">Its init segment; a new EXT-X-MAP is written where it changes.</param>
/// <param name="DurationTicks">90 kHz.</param>
/// <param name="IsDiscontinuous">Does not continue the segment before it: a gap in time or other codec parameters.</param>
/// <param name="ProgramDateTime">Capture time of the first picture. With every segment: cameras' clocks drift, and some count at
/// another rate than they deliver pictures.</param>
public readonly record struct HlsSegment(
    string Uri, string InitUri, long DurationTicks, bool IsDiscontinuous, DateTimeOffset ProgramDateTime);

/// <summary>Writes VOD media playlists (RFC 8216, version 7: fragmented MP4). Every segment starts with a keyframe.</summary>
public static class HlsVodPlaylist
{
    public const string ContentType = "application/vnd.apple.mpegurl";

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <param name="startOffset">Where players should begin, from the first segment's start.</param>
    public static string Write(IReadOnlyList<HlsSegment> segments, TimeSpan startOffset)
    {
        var text = new StringBuilder(256 + segments.Count * 128);
        text.Append("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:").Append(TargetDuration(segments))
            .Append("\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        if (startOffset > TimeSpan.Zero)
        {
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-START:TIME-OFFSET={startOffset.TotalSeconds:F3},PRECISE=YES\n");
        }

        string? init = null;
        for (int i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (segment.IsDiscontinuous && i > 0) text.Append("#EXT-X-DISCONTINUITY\n");
            if (segment.InitUri != init) text.Append("#EXT-X-MAP:URI=\"").Append(init = segment.InitUri).Append("\"\n");
            text.Append("#EXT-X-PROGRAM-DATE-TIME:")
                .Append(segment.ProgramDateTime.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)).Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{Seconds(segment.DurationTicks):F5},\n");
            text.Append(segment.Uri).Append('\n');
        }

        return text.Append("#EXT-X-ENDLIST\n").ToString();
    }

    // §4.3.3.1: every EXTINF, rounded to the nearest integer, is at most this.
    private static long TargetDuration(IReadOnlyList<HlsSegment> segments)
    {
        long longest = 1;
        foreach (var segment in segments)
        {
            longest = Math.Max(longest, (segment.DurationTicks + FragmentEntry.TicksPerSecond - 1) / FragmentEntry.TicksPerSecond);
        }

        return longest;
    }

    private static double Seconds(long ticks) => (double)ticks / FragmentEntry.TicksPerSecond;
}
