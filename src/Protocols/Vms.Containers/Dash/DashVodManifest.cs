using System.Globalization;
using System.Security;
using System.Text;

namespace Vms.Containers.Dash;

/// <summary>A piece of a recording: <c>$Time$</c> in its period's addresses is <paramref name="StartTicks"/>.</summary>
/// <param name="StartTicks">Media time, 90 kHz.</param>
public readonly record struct DashVodSegment(long StartTicks, long DurationTicks);

/// <summary>A track of a period, alone in its files.</summary>
/// <param name="Codecs">RFC 6381.</param>
/// <param name="Init">Relative to the manifest.</param>
/// <param name="Media">As <paramref name="Init"/>, with <c>$Time$</c> in it.</param>
public sealed record DashVodTrack(string Codecs, string Init, string Media, long BandwidthBps);

/// <summary>Footage without a gap and with one set of codec parameters.</summary>
/// <param name="CaptureTime">Of its first picture.</param>
/// <param name="Sound">Null: there is none that browsers could play.</param>
/// <param name="SamplingRate">Of the sound.</param>
/// <param name="Segments">At least one, without holes between them; each starts with a keyframe. The sound's are the same.</param>
public sealed record DashVodPeriod(
    DateTimeOffset CaptureTime, DashVodTrack Video, int Width, int Height, DashVodTrack? Sound, int SamplingRate, IReadOnlyList<DashVodSegment> Segments)
{
    public long DurationTicks => Segments[^1].StartTicks + Segments[^1].DurationTicks - Segments[0].StartTicks;
}

/// <summary>
/// Writes static MPDs (ISO/IEC 23009-1 §5.3, live profile: segment templates with a timeline). Periods follow each other without a
/// hole, whatever lies between their wall clock: players stall in holes. The wall clock of each is its ProducerReferenceTime (§5.12).
/// </summary>
public static class DashVodManifest
{
    public static string Write(IReadOnlyList<DashVodPeriod> periods)
    {
        long total = 0;
        long longest = 0;
        foreach (var period in periods)
        {
            total += period.DurationTicks;
            foreach (var segment in period.Segments) longest = Math.Max(longest, segment.DurationTicks);
        }

        var text = new StringBuilder(1024 + periods.Count * 1024);
        text.Append("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"static\"");
        text.Append(CultureInfo.InvariantCulture, $" mediaPresentationDuration=\"{Duration(total)}\" minBufferTime=\"PT2S\" maxSegmentDuration=\"{Duration(longest)}\">\n");
        long start = 0;
        for (int i = 0; i < periods.Count; i++)
        {
            Write(text, periods[i], i, start);
            start += periods[i].DurationTicks;
        }

        return text.Append("</MPD>\n").ToString();
    }

    private static void Write(StringBuilder text, DashVodPeriod period, int id, long start)
    {
        text.Append(CultureInfo.InvariantCulture, $"  <Period id=\"{id}\" start=\"{Duration(start)}\" duration=\"{Duration(period.DurationTicks)}\">\n");
        text.Append("    <AdaptationSet id=\"1\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">\n");
        WriteSet(text, period, period.Video, string.Create(CultureInfo.InvariantCulture, $"id=\"video\" width=\"{period.Width}\" height=\"{period.Height}\""));
        if (period.Sound is { } sound)
        {
            text.Append("    <AdaptationSet id=\"2\" contentType=\"audio\" mimeType=\"audio/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">\n");
            WriteSet(text, period, sound, string.Create(CultureInfo.InvariantCulture, $"id=\"sound\" audioSamplingRate=\"{period.SamplingRate}\""));
        }

        text.Append("  </Period>\n");
    }

    /// <summary>Up to the end of the adaptation set.</summary>
    private static void WriteSet(StringBuilder text, DashVodPeriod period, DashVodTrack track, string attributes)
    {
        long first = period.Segments[0].StartTicks;
        text.Append(CultureInfo.InvariantCulture,
            $"      <ProducerReferenceTime id=\"0\" type=\"captured\" wallClockTime=\"{period.CaptureTime.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\" presentationTime=\"{first}\"/>\n");
        text.Append(CultureInfo.InvariantCulture, $"      <SegmentTemplate timescale=\"{FragmentEntry.TicksPerSecond}\" presentationTimeOffset=\"{first}\"");
        text.Append(CultureInfo.InvariantCulture, $" initialization=\"{SecurityElement.Escape(track.Init)}\" media=\"{SecurityElement.Escape(track.Media)}\">\n");
        text.Append("        <SegmentTimeline>\n");
        long next = -1;
        foreach (var segment in period.Segments)
        {
            text.Append("          <S");
            if (segment.StartTicks != next) text.Append(CultureInfo.InvariantCulture, $" t=\"{segment.StartTicks}\"");
            text.Append(CultureInfo.InvariantCulture, $" d=\"{segment.DurationTicks}\"/>\n");
            next = segment.StartTicks + segment.DurationTicks;
        }

        text.Append("        </SegmentTimeline>\n      </SegmentTemplate>\n");
        text.Append(CultureInfo.InvariantCulture, $"      <Representation {attributes} codecs=\"{track.Codecs}\" bandwidth=\"{Math.Max(1, track.BandwidthBps)}\"/>\n    </AdaptationSet>\n");
    }

    private static string Duration(long ticks) => string.Create(CultureInfo.InvariantCulture, $"PT{(double)ticks / FragmentEntry.TicksPerSecond:F5}S");
}
