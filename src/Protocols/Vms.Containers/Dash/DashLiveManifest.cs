using System.Globalization;
using System.Text;

namespace Vms.Containers.Dash;

/// <summary>One segment: <c>{Number}.m4s</c>.</summary>
/// <param name="StartTicks">Presentation time of its first picture, 90 kHz, on the timeline of its period.</param>
public readonly record struct DashSegment(long Number, long StartTicks, long DurationTicks);

/// <summary>Segments with one init segment, without a break in what wall clock and timeline say of each other.</summary>
/// <param name="Id">The same for as long as any of its segments is listed.</param>
/// <param name="Start">Since the manifest's availability start.</param>
/// <param name="OffsetTicks">The media time that is presented at <paramref name="Start"/>.</param>
/// <param name="Codecs">RFC 6381.</param>
/// <param name="Sound">Null: there is none.</param>
public sealed record DashPeriod(
    long Id, TimeSpan Start, long OffsetTicks, string InitUri, string Codecs, int Width, int Height, IReadOnlyList<DashSegment> Segments,
    DashSound? Sound = null);

/// <summary>Sound in segments of its own, which begin and end with those of the video.</summary>
/// <param name="Codecs">RFC 6381.</param>
/// <param name="VideoPrefix">In front of the names of the video's files, which are without it those of both together.</param>
/// <param name="SoundPrefix">In front of the names of its own.</param>
public sealed record DashSound(string Codecs, string VideoPrefix, string SoundPrefix);

/// <summary>
/// A dynamic MPD (ISO/IEC 23009-1 §5.3, live profile): numbered segments with a timeline. The last ones it lists grow or are about
/// to begin, with the duration that the ones before had: they can be asked for as soon as their first part is there.
/// </summary>
/// <param name="BaseUrl">Where segments are, relative to the manifest; ends with a slash.</param>
/// <param name="Location">Where to ask for the next state, relative to the manifest; null: where it came from.</param>
/// <param name="AvailabilityStart">Never changes.</param>
/// <param name="Now">The server's clock as it answers.</param>
/// <param name="PartDuration">How late a growing segment's bytes come.</param>
public sealed record DashLiveManifest(
    string BaseUrl, string? Location, DateTimeOffset AvailabilityStart, DateTimeOffset Now, TimeSpan Window, TimeSpan SegmentDuration, TimeSpan PartDuration,
    long BandwidthBps, IReadOnlyList<DashPeriod> Periods)
{
    public const string ContentType = "application/dash+xml";

    /// <summary>What G.711 takes as it is packaged; others take less.</summary>
    private const int SoundBandwidthBps = 160_000;

    private static readonly TimeSpan s_updatePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_latency = TimeSpan.FromSeconds(1.5);

    public string Write()
    {
        var text = new StringBuilder(2048);
        text.Append("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"dynamic\"");
        text.Append(CultureInfo.InvariantCulture, $" availabilityStartTime=\"{Time(AvailabilityStart)}\" publishTime=\"{Time(Now)}\"");
        text.Append(CultureInfo.InvariantCulture, $" minimumUpdatePeriod=\"{Duration(s_updatePeriod)}\" minBufferTime=\"{Duration(s_updatePeriod)}\"");
        text.Append(CultureInfo.InvariantCulture, $" timeShiftBufferDepth=\"{Duration(Window)}\" maxSegmentDuration=\"{Duration(SegmentDuration)}\"");
        text.Append(CultureInfo.InvariantCulture, $" suggestedPresentationDelay=\"{Duration(s_latency)}\">\n");
        text.Append(CultureInfo.InvariantCulture, $"  <BaseURL>{BaseUrl}</BaseURL>\n");
        if (Location is not null)
            text.Append(CultureInfo.InvariantCulture, $"  <Location>{Location}</Location>\n");
        text.Append(CultureInfo.InvariantCulture, $"  <ServiceDescription id=\"0\">\n    <Latency target=\"{s_latency.TotalMilliseconds:F0}\"/>\n");
        text.Append("    <PlaybackRate min=\"0.96\" max=\"1.04\"/>\n  </ServiceDescription>\n");
        foreach (var period in Periods)
            Write(text, period);
        text.Append(CultureInfo.InvariantCulture, $"  <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:direct:2014\" value=\"{Time(Now)}\"/>\n</MPD>\n");
        return text.ToString();
    }

    private void Write(StringBuilder text, DashPeriod period)
    {
        text.Append(CultureInfo.InvariantCulture, $"  <Period id=\"{period.Id}\" start=\"{Duration(period.Start)}\">\n");
        text.Append("    <AdaptationSet id=\"1\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\">\n");
        text.Append(CultureInfo.InvariantCulture,
            $"      <Representation id=\"video\" codecs=\"{period.Codecs}\" bandwidth=\"{BandwidthBps}\" width=\"{period.Width}\" height=\"{period.Height}\">\n");
        WriteSegments(text, period, period.Sound?.VideoPrefix ?? "");
        if (period.Sound is { } sound)
        {
            text.Append("    <AdaptationSet id=\"2\" contentType=\"audio\" mimeType=\"audio/mp4\" segmentAlignment=\"true\">\n");
            text.Append(CultureInfo.InvariantCulture, $"      <Representation id=\"sound\" codecs=\"{sound.Codecs}\" bandwidth=\"{SoundBandwidthBps}\">\n");
            WriteSegments(text, period, sound.SoundPrefix);
        }

        text.Append("  </Period>\n");
    }

    /// <summary>Up to the end of the adaptation set.</summary>
    private void WriteSegments(StringBuilder text, DashPeriod period, string prefix)
    {
        var offset = SegmentDuration - PartDuration;
        text.Append(CultureInfo.InvariantCulture,
            $"        <SegmentTemplate timescale=\"{FragmentEntry.TicksPerSecond}\" presentationTimeOffset=\"{period.OffsetTicks}\" startNumber=\"{period.Segments[0].Number}\"");
        text.Append(CultureInfo.InvariantCulture, $" initialization=\"{prefix}{period.InitUri}\" media=\"{prefix}$Number$.m4s\"");
        text.Append(CultureInfo.InvariantCulture, $" availabilityTimeOffset=\"{offset.TotalSeconds:F3}\" availabilityTimeComplete=\"false\">\n");
        text.Append("          <SegmentTimeline>\n");
        long next = -1;
        foreach (var segment in period.Segments)
        {
            text.Append("            <S");
            if (segment.StartTicks != next)
                text.Append(CultureInfo.InvariantCulture, $" t=\"{segment.StartTicks}\"");
            text.Append(CultureInfo.InvariantCulture, $" d=\"{segment.DurationTicks}\"/>\n");
            next = segment.StartTicks + segment.DurationTicks;
        }

        text.Append("          </SegmentTimeline>\n        </SegmentTemplate>\n      </Representation>\n    </AdaptationSet>\n");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"PT{time.TotalSeconds:F3}S");
}
