using System.Globalization;
using Vms.Hosting.Heads;
using Vms.Recorder.Archive;
using Vms.Recorder.Heads;

namespace Vms.Recorder.Exports;

/// <summary>
/// What hides faces in one file of an export: plain areas over the heads that analysis found, a little longer than they were there. Nothing of what is below can
/// be had back. They stand in a file of subtitles that the converter draws: any number at a time, each with its own time.
/// </summary>
internal sealed class FaceCover
{
    /// <summary>Of a file of an hour at the most: fifty a second.</summary>
    internal const int MaxSpans = 200_000;

    private const string AreaFile = "faces.ass";

    /// <summary>Steps of the picture's width and of its height: the subtitles' own resolution, whatever that of the video.</summary>
    private const int Steps = 10_000;

    /// <summary>Everything in one dark grey, without edge or shadow, placed by its upper left corner.</summary>
    private const string Head = """
        [Script Info]
        ScriptType: v4.00+
        PlayResX: 10000
        PlayResY: 10000

        [V4+ Styles]
        Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
        Style: Area,Sans,20,&H00484848,&H00484848,&H00484848,&H00484848,0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,1

        [Events]
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
        """;

    /// <summary>Capture times of two streams of a camera differ, and in one file the clock may go by a quarter of a second.</summary>
    private static readonly TimeSpan s_hold = TimeSpan.FromMilliseconds(600);

    private readonly List<HeadSpan> _spans;

    private FaceCover(List<HeadSpan> spans, TimeSpan unlooked) => (_spans, Unlooked) = (spans, unlooked);

    /// <summary>ffmpeg's filter; the file of <see cref="WriteAreas"/> is in its working directory.</summary>
    public static string Filter => $"ass={AreaFile}";

    /// <summary>How long nobody looked for people: there nothing is hidden.</summary>
    public TimeSpan Unlooked { get; }

    /// <exception cref="ExportFailedException">There are too many, or it is not known where they are.</exception>
    public static FaceCover Of(HeadStore heads, string cameraId, DateTimeOffset from, DateTimeOffset to)
    {
        long fromUs = UnixTime.ToMicroseconds(from - s_hold), toUs = UnixTime.ToMicroseconds(to + s_hold);
        var (spans, looked) = (new List<HeadSpan>(), new LookedTime());
        try
        {
            foreach (var entry in heads.Between(cameraId, from - s_hold, to + s_hold))
            {
                looked.Add(entry);
                spans.AddRange(entry.Spans.Where(s => s.ToUs > fromUs && s.FromUs < toUs));
                if (spans.Count > MaxSpans)
                    throw new ExportFailedException("tooManyFaces", $"More people went through the picture from {from:u} on than can be hidden in one file. Choose a shorter time, or hide areas instead.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExportFailedException("facesUnknown", $"Where people were in the pictures cannot be read: {e.Message}. Nothing is exported with faces that were to be hidden.");
        }

        return new FaceCover(spans, looked.MissingIn(from, to));
    }

    /// <summary>In words, for the manifest and the file's own tags.</summary>
    public IReadOnlyList<string> Words() => Unlooked < TimeSpan.FromSeconds(1)
        ? ["faces hidden where people were found"]
        : ["faces hidden where people were found", string.Create(CultureInfo.InvariantCulture, $"faces not looked for, and not hidden, during {Unlooked:hh\\:mm\\:ss} of this file")];

    /// <param name="wallAtZero">Of a picture with the converter's time 0.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void WriteAreas(string folder, DateTimeOffset wallAtZero)
    {
        using var file = new StreamWriter(Path.Combine(folder, AreaFile));
        file.WriteLine(Head);
        long zeroUs = UnixTime.ToMicroseconds(wallAtZero), holdUs = (long)s_hold.TotalMicroseconds;
        foreach (var span in _spans)
        {
            // Outwards: hundredths of seconds, and steps of the picture.
            long start = Math.Max(0, span.FromUs - zeroUs - holdUs) / 10_000, end = (span.ToUs - zeroUs + holdUs + 9_999) / 10_000;
            int left = Down(span.X), top = Down(span.Y), width = Up(span.X + span.Width) - left, height = Up(span.Y + span.Height) - top;
            file.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $$"""Dialogue: 0,{{Time(start)}},{{Time(end)}},Area,,0,0,0,,{\pos({{left}},{{top}})\p1}m 0 0 l {{width}} 0 {{width}} {{height}} 0 {{height}}"""));
        }
    }

    public static void RemoveAreas(string folder) => File.Delete(Path.Combine(folder, AreaFile));

    private static int Down(double part) => (int)Math.Floor(part * Steps);

    private static int Up(double part) => (int)Math.Ceiling(part * Steps);

    private static string Time(long hundredths) =>
        string.Create(CultureInfo.InvariantCulture, $"{hundredths / 360_000}:{hundredths / 6_000 % 60:D2}:{hundredths / 100 % 60:D2}.{hundredths % 100:D2}");
}
