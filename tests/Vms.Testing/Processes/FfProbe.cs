using System.Globalization;
using System.Text.Json;
using Vms.Testing.Footage;

namespace Vms.Testing.Processes;

/// <summary>What ffprobe, an independent judge, says about a file or URL after decoding all of it.</summary>
/// <param name="Frames">Pictures that decoded.</param>
/// <param name="Warnings">Everything it complained about; empty for good media.</param>
public sealed record FfProbe(int Frames, int Width, int Height, string Codec, string Profile, int Level, double FrameRate, int BFrames, string Warnings)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    /// <param name="input">File or URL.</param>
    /// <param name="options">Input options before it, e.g. <c>-rtsp_transport tcp</c>.</param>
    public static async Task<FfProbe> InspectAsync(string input, params string[] options)
    {
        using var folder = new TestDirectory();
        string report = folder["report.json"];
        await using var probe = await ChildProcess.StartAsync(
            "ffprobe",
            ["-hide_banner", "-v", "warning", .. options, "-select_streams", "v:0", "-count_frames", "-show_streams", "-of", "json", "-o", report, input]);
        await probe.WaitForExitAsync(s_deadline);
        if (!File.Exists(report))
            throw new InvalidOperationException($"ffprobe -o failed:\n{probe.Output}");

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        var streams = json.RootElement.TryGetProperty("streams", out var found) ? found : default;
        if (streams.ValueKind != JsonValueKind.Array || streams.GetArrayLength() == 0)
            throw new InvalidOperationException($"ffprobe found no video in {input}:\n{probe.Output}");

        var video = streams[0];
        return new FfProbe(
            int.Parse(Text("nb_read_frames", "0"), CultureInfo.InvariantCulture),
            video.GetProperty("width").GetInt32(),
            video.GetProperty("height").GetInt32(),
            Text("codec_name", ""),
            Text("profile", ""),
            video.TryGetProperty("level", out var level) ? level.GetInt32() : 0,
            Ratio(Text("r_frame_rate", "0/1")),
            video.TryGetProperty("has_b_frames", out var reorder) ? reorder.GetInt32() : 0,
            probe.Output.Trim());

        string Text(string name, string otherwise) => video.TryGetProperty(name, out var value) ? value.GetString() ?? otherwise : otherwise;
    }

    /// <summary>The <see cref="FrameCounter"/> of every picture, in output order; null where it cannot be read.</summary>
    public static async Task<IReadOnlyList<int?>> FrameNumbersAsync(string input, params string[] options)
    {
        var stream = await InspectAsync(input, options);
        using var folder = new TestDirectory();
        string rows = folder["rows.gray"];
        await ChildProcess.RunAsync(
            "ffmpeg",
            [
                "-hide_banner", "-loglevel", "error", .. options, "-i", input, "-fps_mode", "passthrough",
                "-vf", $"format=gray,crop={stream.Width}:1:0:{FrameCounter.RowOf(stream.Width)}:exact=1", "-f", "rawvideo", rows,
            ],
            s_deadline);
        return [.. (await File.ReadAllBytesAsync(rows)).Chunk(stream.Width).Select(row => FrameCounter.ReadRow(row))];
    }

    /// <summary>Of an elementary stream: for each picture in the order in which they stand in it, the how-manieth it is that is shown.</summary>
    public static async Task<IReadOnlyList<int>> DisplayOrderAsync(string input)
    {
        var rows = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "frame=pkt_pos", "-of", "json", input], s_deadline);
        using var json = JsonDocument.Parse(rows);
        var shown = json.RootElement.GetProperty("frames").EnumerateArray()
            .Select((frame, number) => (Position: long.Parse(frame.GetProperty("pkt_pos").GetString()!, CultureInfo.InvariantCulture), Number: number));
        return [.. shown.OrderBy(f => f.Position).Select(f => f.Number)];
    }

    private static double Ratio(string text)
    {
        string[] parts = text.Split('/');
        return double.Parse(parts[0], CultureInfo.InvariantCulture) / double.Parse(parts[1], CultureInfo.InvariantCulture);
    }
}
