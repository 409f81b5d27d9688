using System.Globalization;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Exports;

/// <summary>The command lines of ffmpeg that make files of an export out of one fragmented MP4 on its input.</summary>
internal static class ConversionArguments
{
    /// <summary>Input time of the first fragment: what decodes or sounds before it has room there.</summary>
    public const long StartTicks = 10 * FragmentEntry.TicksPerSecond;

    /// <summary>In front of everything: no question, no file as input, no allocation beyond 256 MiB at once.</summary>
    private static readonly string[] s_common =
        ["-hide_banner", "-nostats", "-nostdin", "-y", "-loglevel", "error", "-max_alloc", "268435456", "-protocol_whitelist", "pipe", "-progress", "pipe:1"];

    /// <summary>The same pictures and sound in Matroska.</summary>
    public static IEnumerable<string> Remux(SegmentLabel label, string output) =>
    [
        .. s_common, "-f", "mp4", "-i", "pipe:0", "-map", "0:v:0", "-map", "0:a?", "-map_metadata", "-1", "-c", "copy",
        .. Tags(label, []), "-f", "matroska", "file:" + output,
    ];

    /// <summary>Pictures with something burnt in, as H.264; the sound goes along.</summary>
    /// <param name="altered">What is changed on purpose, in words.</param>
    /// <param name="tracks">Of the input.</param>
    /// <param name="fromTicks">Input time of the first picture that is kept; 90 kHz.</param>
    public static IEnumerable<string> Encode(
        BurnIn burnIn, IReadOnlyList<string> altered, SegmentLabel label, IReadOnlyList<TrackInfo> tracks, string format, long fromTicks, long durationTicks, string output) =>
    [
        .. s_common, "-threads", "2", "-copyts", "-f", "mp4", "-i", "pipe:0", "-ss", Seconds(fromTicks), "-t", Seconds(durationTicks),
        "-map", "0:v:0", "-map", "0:a?", "-map_metadata", "-1", "-filter_threads", "1", "-vf", burnIn.Filters(),
        "-fps_mode", "passthrough", "-enc_time_base", "1/90000",
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "20", "-maxrate", "16M", "-bufsize", "32M", "-bf", "0", "-threads", "2",
        "-g", "100000", "-force_key_frames", "expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+2))",
        .. Sound(tracks, format),
        .. Tags(label, altered),
        .. format == ExportFormats.Matroska ? new[] { "-f", "matroska" } : ["-video_track_timescale", "90000", "-movflags", "use_metadata_tags", "-f", "mp4"],
        "file:" + output,
    ];

    /// <summary>MP4 has no place for telephone codecs that players know.</summary>
    private static string[] Sound(IReadOnlyList<TrackInfo> tracks, string format) =>
        format == ExportFormats.Matroska || tracks.All(t => t.Codec is not (CodecKind.PcmA or CodecKind.PcmU or CodecKind.G726 or CodecKind.L16))
            ? ["-c:a", "copy"] : ["-c:a", "aac", "-b:a", "96k"];

    private static IEnumerable<string> Tags(SegmentLabel label, IReadOnlyList<string> altered)
    {
        string start = label.Start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var tags = new List<(string Name, string Value)>
        {
            ("title", label.Title), ("CAMERA_ID", label.CameraId), ("CAMERA_NAME", label.Title), ("SITE_ID", label.SiteId), ("STREAM", label.Stream),
            ("DATE_RECORDED", start), ("creation_time", start), ("SOFTWARE", label.Software),
        };
        if (altered.Count > 0) tags.Add(("comment", "Altered on purpose when it was exported: " + string.Join("; ", altered)));
        return tags.Where(t => t.Value.Length > 0).SelectMany(t => new[] { "-metadata", $"{t.Name}={t.Value}" });
    }

    private static string Seconds(long ticks) => ((decimal)ticks / FragmentEntry.TicksPerSecond).ToString("0.000000", CultureInfo.InvariantCulture);
}

/// <summary>Kinds of files that exports are made of.</summary>
internal static class ExportFormats
{
    public const string Mp4 = "mp4";
    public const string Matroska = "mkv";
}
