using System.Globalization;
using System.Text;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Recording;

/// <summary>Twenty cameras that drop, reboot, lie about time, send garbage and leave half-open connections, beside eight that do none of it.
/// <c>./dev soak MisbehavingCameras</c> takes half an hour; it is no part of the ordinary run.</summary>
public sealed class MisbehavingCamerasTests
{
    private const int Healthy = 8;
    private const int Misbehaving = 20;
    private const int Seed = 20261128;

    [Fact(Explicit = true)]
    public async Task Healthy_cameras_are_complete_and_memory_is_flat_beside_twenty_that_misbehave()
    {
        using var directory = new TestDirectory();
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small);
        await using var good = FakeCameraServer.Start(new FakeCameraOptions { Footage = footage, Cameras = Healthy });
        await using var bad = FakeCameraServer.Start(new FakeCameraOptions { Footage = footage, Cameras = Misbehaving });
        await using var product = await ProductRun.StartAsync(directory);
        var healthy = new List<string>();
        foreach (var camera in good.Cameras)
            healthy.Add(await product.Api.AddCameraAsync($"Good {camera.Number}", good.UrlOf(camera.Number), segmentSeconds: 60));
        var misbehaving = new List<string>();
        foreach (var camera in bad.Cameras)
            misbehaving.Add(await product.Api.AddCameraAsync($"Bad {camera.Number}", bad.UrlOf(camera.Number), camera.Number % 3 == 0 ? "udp" : "tcp", segmentSeconds: 60));
        foreach (var id in healthy.Concat(misbehaving))
            await product.Api.AwaitRecordingAsync(id);

        // Of the processes that are there now: reading a pid at the end would also find one that was started again.
        var (media, recorder) = (product.PidOf("media"), product.PidOf("recorder"));
        var from = DateTimeOffset.UtcNow;
        var third = Soak.Length(seconds: 30, soakSeconds: 1800) / 3;
        var mischief = new CameraMischief(bad.Cameras, Seed);
        await mischief.RunForAsync(third);
        var (mediaBefore, recorderBefore) = (PrivateMemory(media), PrivateMemory(recorder));
        await mischief.RunForAsync(third * 2);
        var (mediaAfter, recorderAfter) = (PrivateMemory(media), PrivateMemory(recorder));
        mischief.End();
        foreach (var id in misbehaving)
            await Eventually.TrueAsync(async () => (await product.Api.GetAsync($"/api/cameras/{id}"))["state"]!.GetValue<string>() == "online", TimeSpan.FromMinutes(2));

        var booked = new List<double>();
        foreach (var id in misbehaving)
            booked.Add(await UnexplainedSecondsAsync(product, id, from.AddSeconds(5), DateTimeOffset.UtcNow.AddSeconds(-10)));
        Soak.Measured($"{mischief.Acts} acts of {Misbehaving} cameras; media {mediaBefore} to {mediaAfter} KiB, recorder {recorderBefore} to {recorderAfter} KiB of private memory");
        Soak.Measured($"seconds of the misbehaving cameras that are neither recorded nor a booked gap: {booked.Max():0.0} at the most");
        Assert.DoesNotContain("restarting it", product.Log, StringComparison.Ordinal);
        Assert.True(Directory.Exists($"/proc/{media}") && Directory.Exists($"/proc/{recorder}"), "a plane was restarted");
        await product.StopAsync();

        long frames = 0;
        foreach (var id in healthy)
        {
            var recorded = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory, id));
            RecordedFrames.AssertEachExactlyOnce(recorded, cameras: 1);
            frames += recorded.Values.Single().Count;
        }

        Soak.Measured($"{frames} frames of {Healthy} healthy cameras, 0 lost, 0 repeated");
        foreach (var id in misbehaving)
        {
            foreach (var numbers in RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory, id)).Values)
                Assert.Empty(RecordedFrames.Account(numbers).Repeated);
        }

        if (Soak.IsOn)
        {
            Assert.InRange(mediaAfter, 0, mediaBefore * 1.1 + 16 * 1024);
            Assert.InRange(recorderAfter, 0, recorderBefore * 1.1 + 16 * 1024);
        }

        Assert.All(booked, seconds => Assert.InRange(seconds, 0, 2));
    }

    /// <summary>What belongs to the process alone, KiB: stream logs are shared and have their own limit.</summary>
    private static long PrivateMemory(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/smaps_rollup").Single(l => l.StartsWith("Pss_Anon:", StringComparison.Ordinal))[9..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);

    /// <summary>Recorded and gaps together are wall time: what is left is a missing stretch that nobody was told about.</summary>
    private static async Task<double> UnexplainedSecondsAsync(ProductRun product, string id, DateTimeOffset from, DateTimeOffset to)
    {
        var timeline = await product.Api.GetAsync($"/api/cameras/{id}/timeline?from={Iso(from)}&to={Iso(to)}");
        var known = timeline["recordings"]!.AsArray().Concat(timeline["gaps"]!.AsArray())
            .Select(span => (From: span!["from"]!.GetValue<DateTimeOffset>(), To: span["to"]!.GetValue<DateTimeOffset>())).OrderBy(span => span.From);
        var unexplained = TimeSpan.Zero;
        var reached = from;
        foreach (var span in known)
        {
            if (span.From > reached)
                unexplained += span.From - reached;
            reached = span.To > reached ? span.To : reached;
        }

        return (unexplained + (to > reached ? to - reached : TimeSpan.Zero)).TotalSeconds;
    }

    private static string Iso(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What cameras do to us, at random but the same each time: one act every two seconds or so and camera.</summary>
internal sealed class CameraMischief(IReadOnlyList<FakeCamera> cameras, int seed)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(seed);

    /// <summary>Done so far.</summary>
    public int Acts { get; private set; }

    public async Task RunForAsync(TimeSpan time)
    {
        using var tick = new PeriodicTimer(s_tick);
        for (var left = time; left > TimeSpan.Zero; left -= s_tick)
        {
            await tick.WaitForNextTickAsync();
            foreach (var camera in cameras)
            {
                if (_random.Next(20) == 0)
                    Act(camera);
            }
        }
    }

    /// <summary>From now on all behave.</summary>
    public void End()
    {
        foreach (var camera in cameras)
            Behave(camera);
    }

    private void Act(FakeCamera camera)
    {
        Acts++;
        switch (_random.Next(14))
        {
            case 0:
                camera.DropConnections();
                break;
            case 1:                                             // reboots: gone, then refusing for a while
                camera.Faults.RefusePath = true;
                camera.DropConnections();
                break;
            case 2:
                camera.SayGoodbye();
                break;
            case 3:                                             // half-open: the connection stands and nothing comes
                camera.Faults.StopSending = true;
                camera.Faults.StopAnswering = true;
                break;
            case 4:
                camera.Faults.TimestampShiftSeconds = _random.Next(-100_000, 100_000);
                break;
            case 5:
                camera.Faults.SenderReportShift = TimeSpan.FromSeconds(_random.Next(-4000, 4000));
                break;
            case 6:
                var garbage = new byte[_random.Next(1, 4000)];
                _random.NextBytes(garbage);
                camera.SendRaw(garbage);
                break;
            case 7:
                camera.SendOversizedLength();
                break;
            case 8:
                camera.SendRaw(Encoding.ASCII.GetBytes("RTSP/1.0 200 OK\r\nX: " + new string('x', 70_000)));
                break;
            case 9:
                camera.Faults.HeaderPadding = _random.Next(100_000);
                camera.DropConnections();
                break;
            case 10:
                camera.Faults.ContentLengthError = _random.Next(-20, 20);
                camera.DropConnections();
                break;
            case 11:
                camera.Faults.UdpLoss = _random.NextDouble() * 0.2;
                camera.Faults.UdpReordering = _random.NextDouble() * 0.2;
                camera.Faults.UdpDuplication = _random.NextDouble() * 0.2;
                break;
            default:
                Behave(camera);
                break;
        }
    }

    private static void Behave(FakeCamera camera)
    {
        var faults = camera.Faults;
        faults.RefusePath = faults.StopSending = faults.StopAnswering = false;
        faults.HeaderPadding = faults.ContentLengthError = 0;
        faults.UdpLoss = faults.UdpReordering = faults.UdpDuplication = 0;
        faults.SenderReportShift = TimeSpan.Zero;
        faults.TimestampShiftSeconds = 0;
    }
}
