using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>The program <c>camera-sim</c>: every frame it sends carries its number (SEI), so that lost and repeated ones can be counted.</summary>
public sealed partial class SimulatedCameras : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly int _port;

    private SimulatedCameras(ChildProcess process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <param name="footage">1080p or 360p.</param>
    /// <param name="codec">h264 or h265.</param>
    /// <param name="more">Further arguments of the program.</param>
    public static async Task<SimulatedCameras> StartAsync(int cameras, string footage, string codec = "h264", params string[] more)
    {
        var port = FreePort.Tcp();
        var process = await ChildProcess.StartAsync(
            Path.Combine(TestPaths.Artifacts, "vms", "camera-sim"),
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--cameras", cameras.ToString(CultureInfo.InvariantCulture), "--footage", footage, "--codec", codec, .. more]);
        // The first start on a machine encodes the footage.
        await process.WaitForOutputAsync(o => o.Contains("listening", StringComparison.Ordinal), TimeSpan.FromMinutes(4));
        return new SimulatedCameras(process, port);
    }

    /// <param name="number">From 1.</param>
    public string UrlOf(int number) => $"rtsp://127.0.0.1:{_port}/cam/{number}";

    /// <summary>When the camera sent the frame with this burnt-in number last, before a time.</summary>
    /// <param name="camera">From 1.</param>
    /// <param name="beforeNs">By <see cref="Vms.Testing.Footage.FrameStamp.NowNs"/>, and so is the answer.</param>
    public long SentNs(int camera, int number, long beforeNs)
    {
        var line = Schedule().Matches(_process.Output).Single(m => Number(m, 1) == camera);
        var (first, frame, loop) = (Number(line, 2), Number(line, 3), Number(line, 4));
        var sent = first + (number * frame);
        return sent + ((beforeNs - sent) / (frame * loop) * frame * loop);

        static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The frame that a camera sends at a time, as it stands in the stamps: it counts on from loop to loop.</summary>
    /// <param name="camera">From 1.</param>
    /// <param name="atNs">By <see cref="Vms.Testing.Footage.FrameStamp.NowNs"/>.</param>
    public long FrameAt(int camera, long atNs)
    {
        var line = Schedule().Matches(_process.Output).Single(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) == camera);
        return (atNs - long.Parse(line.Groups[2].ValueSpan, CultureInfo.InvariantCulture)) / long.Parse(line.Groups[3].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>After so many frames the burnt-in numbers begin again at 0.</summary>
    /// <param name="camera">From 1.</param>
    public int LoopOf(int camera) =>
        int.Parse(Schedule().Matches(_process.Output).Single(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) == camera).Groups[4].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^camera (\d+) frame 0 at (-?\d+) ns every (\d+) ns loop (\d+)", RegexOptions.Multiline)]
    private static partial Regex Schedule();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
