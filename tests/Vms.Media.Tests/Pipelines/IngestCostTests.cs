using System.Globalization;
using Vms.Media.Tests.Ingest;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Pipelines;

/// <summary>What the media plane costs per camera, nobody watching. A measurement, not a test: it runs only when asked for, in a
/// Release build (docs/design/ingest.md has command and results).</summary>
public sealed class IngestCostTests
{
    private const int Cameras = 10;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(60);

    /// <summary>Wire-paced: every RTP packet in a write of its own, as real cameras do. Else one write per frame.</summary>
    [Theory(Explicit = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cpu_seconds_per_camera_minute(bool wirePaced)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Cameras = Cameras, WirePaced = wirePaced }, FootageSpec.FullHd);
        await using var media = new MediaProcess($"nats://127.0.0.1:{FreePort.Tcp()}");
        await media.StartAsync();
        for (int n = 1; n <= Cameras; n++)
            await media.ApplyAsync(IngestRig.Spec(server.UrlOf(n), $"c{n}"));
        await Eventually.TrueAsync(async () => (await media.ListAsync()).Pipelines.Count(p => p.State == "online") == Cameras);

        await WaitAsync(s_warmUp);
        var before = Cost.Of(media.Pid);
        long sent = server.BytesSent;
        long from = TimeProvider.System.GetTimestamp();
        await WaitAsync(s_window);
        var spent = Cost.Of(media.Pid) - before;
        double cameraMinutes = TimeProvider.System.GetElapsedTime(from).TotalMinutes * Cameras;

        Report(string.Create(CultureInfo.InvariantCulture,
            $"{Cameras} cameras, {(wirePaced ? "wire-paced" : "a write per frame")}, {(server.BytesSent - sent) * 8 / 60e6 / Cameras:0.00} Mbit/s each: "
            + $"{spent.All / cameraMinutes:0.000} CPU-s per camera-minute, ingest threads {spent.Ingest / cameraMinutes:0.000}; {server.FramesDropped} frames dropped by the simulator"));
        Assert.All((await media.ListAsync()).Pipelines, p => Assert.Equal("online", p.State));
    }

    private static void Report(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static async Task WaitAsync(TimeSpan duration)
    {
        using var timer = new PeriodicTimer(duration);
        await timer.WaitForNextTickAsync();
    }

    /// <summary>CPU seconds of a process, and of its threads named "ingest".</summary>
    private readonly record struct Cost(double All, double Ingest)
    {
        private const double TicksPerSecond = 100;      // USER_HZ

        public static Cost Of(int pid)
        {
            double ingest = Directory.EnumerateDirectories($"/proc/{pid}/task")
                .Select(task => File.ReadAllText(Path.Combine(task, "stat")))
                .Where(stat => stat.Contains("(ingest ", StringComparison.Ordinal))
                .Sum(Seconds);
            return new(Seconds(File.ReadAllText($"/proc/{pid}/stat")), ingest);
        }

        public static Cost operator -(Cost a, Cost b) => new(a.All - b.All, a.Ingest - b.Ingest);

        private static double Seconds(string stat)
        {
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');       // proc(5): utime and stime are fields 14 and 15
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }
}
