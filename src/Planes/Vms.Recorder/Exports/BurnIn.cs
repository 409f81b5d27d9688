using System.Globalization;
using System.Text;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Exports;

/// <summary>What is burnt into the pictures of one camera: parts made black, faces hidden, the time, a line of text.</summary>
/// <param name="Watermark">One line; empty for none.</param>
/// <param name="ShowsTime">When each picture was captured.</param>
/// <param name="TimeZone">IANA name; empty: UTC.</param>
/// <param name="Masks">In parts of the picture, 0 to 1.</param>
/// <param name="HidesFaces">Where analysis found people.</param>
internal sealed record BurnIn(string Watermark, bool ShowsTime, string TimeZone, IReadOnlyList<ExportMask> Masks, bool HidesFaces)
{
    /// <summary>The same ceilings as at control's API.</summary>
    public const int MaxWatermarkCharacters = 120;
    public const int MaxMasks = 16;

    private const string WatermarkFile = "watermark.txt";
    private const string TimeFile = "time.txt";
    private const int MaxZoneCharacters = 64;

    /// <summary>DejaVu of Debian and of Fedora; elsewhere the system's default font.</summary>
    private static readonly string[] s_fontFolders = ["/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts"];

    /// <summary>Null where nothing is burnt into this camera's pictures.</summary>
    public static BurnIn? Of(ExportSpec spec, string cameraId)
    {
        if (spec.BurnIn is not { } asked) return null;
        var masks = asked.Masks.Where(m => m.CameraId.Length == 0 || m.CameraId == cameraId).ToList();
        return asked.Watermark.Length > 0 || asked.Time || asked.Faces || masks.Count > 0
            ? new BurnIn(asked.Watermark, asked.Time, asked.TimeZone, masks, asked.Faces) : null;
    }

    /// <returns>What is wrong with a wish; null when nothing is.</returns>
    public static string? ProblemWith(ExportBurnIn asked)
    {
        if (asked.Watermark.Length > MaxWatermarkCharacters || asked.Watermark.Any(char.IsControl)) return $"burn_in.watermark must be one line of at most {MaxWatermarkCharacters} characters";
        if (asked.TimeZone.Length > MaxZoneCharacters || (asked.TimeZone.Length > 0 && (!IsZoneName(asked.TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(asked.TimeZone, out _))))
            return "burn_in.time_zone must be the IANA name of a time zone";
        if (asked.Masks.GroupBy(m => m.CameraId).Any(g => g.Count() > MaxMasks)) return $"burn_in.masks: at most {MaxMasks} for a camera";
        return asked.Masks.All(m => m is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 } && m.X + m.Width <= 1.000001 && m.Y + m.Height <= 1.000001)
            ? null : "burn_in.masks must lie within the picture, 0 to 1";
    }

    /// <summary>In words, for the manifest and the file's own tags.</summary>
    public IReadOnlyList<string> Words()
    {
        var words = new List<string>();
        if (Masks.Count > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"hidden areas: {Masks.Count}"));
        if (ShowsTime) words.Add($"time shown: {(TimeZone.Length > 0 ? TimeZone : "UTC")}");
        if (Watermark.Length > 0) words.Add($"text shown: {Watermark}");
        return words;
    }

    /// <summary>Writes what the filters read: what somebody typed stands in a file, and is in no command line and no filter's syntax.</summary>
    /// <param name="wallAtZero">Of a picture with the converter's time 0.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void WriteTexts(string folder, DateTimeOffset wallAtZero)
    {
        if (Watermark.Length > 0) File.WriteAllText(Path.Combine(folder, WatermarkFile), Watermark, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (!ShowsTime) return;
        // Rounded to milliseconds first, and then cut into seconds and the rest: else 59.9996 would show as 59.000.
        long us = UnixTime.ToMicroseconds(wallAtZero) + 500;
        string zone = TimeZone.Length > 0 ? "localtime" : "gmtime";
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{us / 1_000_000}.{us % 1_000_000:D6}");
        string rest = string.Create(CultureInfo.InvariantCulture, $"0.{us % 1_000_000:D6}");
        File.WriteAllText(
            Path.Combine(folder, TimeFile),
            $$"""%{pts:{{zone}}:{{seconds}}:%Y-%m-%d %H\:%M\:%S}.%{eif:mod(floor((t+{{rest}})*1000)\,1000):d:3} {{(TimeZone.Length > 0 ? $$"""%{pts:localtime:{{seconds}}:%z}""" : "UTC")}}""");
    }

    public static void RemoveTexts(string folder)
    {
        File.Delete(Path.Combine(folder, WatermarkFile));
        File.Delete(Path.Combine(folder, TimeFile));
    }

    /// <summary>ffmpeg's filters; the files of <see cref="WriteTexts"/> are in its working directory.</summary>
    public string Filters()
    {
        // Chroma has half the resolution: a mask of whole pairs of pixels leaves no coloured edge of what is below it.
        var filters = new List<string> { "format=yuv420p", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0" };
        filters.AddRange(Masks.Select(m => string.Create(
            CultureInfo.InvariantCulture,
            $"drawbox=x=floor(iw*{m.X:F6}/2)*2:y=floor(ih*{m.Y:F6}/2)*2:w=ceil(iw*{m.X + m.Width:F6}/2)*2-floor(iw*{m.X:F6}/2)*2:h=ceil(ih*{m.Y + m.Height:F6}/2)*2-floor(ih*{m.Y:F6}/2)*2:color=black:t=fill")));
        if (HidesFaces) filters.Add(FaceCover.Filter);
        if (ShowsTime)
            filters.Add($"drawtext={Font("DejaVuSansMono.ttf")}textfile={TimeFile}:fontsize=min(max(12\\,h/24)\\,w/18):fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=4:x=h/60+4:y=h/60+4");
        if (Watermark.Length > 0)
        {
            filters.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"drawtext={Font("DejaVuSans.ttf")}textfile={WatermarkFile}:expansion=none:fontsize=min(max(12\\,h/22)\\,1.5*w/{Watermark.Length}):fontcolor=white@0.8:shadowcolor=black@0.8:shadowx=1:shadowy=1:x=h/60+4:y=h-h/60-4-th"));
        }

        return string.Join(',', filters);
    }

    private static string Font(string name) =>
        s_fontFolders.Select(f => $"{f}/{name}").FirstOrDefault(File.Exists) is { } path ? $"fontfile={path}:" : "";

    /// <summary>It becomes an environment variable that names a file to the C library.</summary>
    private static bool IsZoneName(string name) =>
        char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
}
