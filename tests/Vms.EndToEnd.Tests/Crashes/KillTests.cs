using System.Globalization;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Crashes;

/// <summary><c>kill -9</c> of everything, one after the other, while cameras are recorded.</summary>
public sealed class KillTests
{
    private const int Cameras = 4;

    [Fact]
    public async Task Killing_control_recorder_ai_postgres_or_nats_loses_no_frame()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(Cameras, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        await RecordAllAsync(product, cameras);

        foreach (var victim in (string[])["control", "recorder", "ai", "postgres", "nats"])
        {
            await product.KillAndAwaitRestartAsync(victim);
            await Soak.RunForAsync(TimeSpan.FromSeconds(3));
        }

        await product.StopAsync();
        var frames = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory));
        RecordedFrames.AssertEachExactlyOnce(frames, Cameras);
        Soak.Measured($"kill -9 of control, recorder, ai, postgres, nats: {frames.Values.Sum(f => f.Count)} frames, 0 lost, 0 repeated");
    }

    [Fact]
    public async Task A_supervisor_that_stands_still_holds_nobody_up_and_kills_nobody_when_it_goes_on()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(Cameras, "360p");
        await using var product = await ProductRun.StartAsync(directory, ("VMS_LOG_LEVEL", "Debug"));
        await RecordAllAsync(product, cameras);
        var planes = ((string[])["media", "recorder", "control", "ai"]).ToDictionary(p => p, product.PidOf);

        product.SignalSupervisor(PosixSignalNumber.Stop);
        await Soak.RunForAsync(Soak.Length(seconds: 15, soakSeconds: 60));
        product.SignalSupervisor(PosixSignalNumber.Continue);
        await Soak.RunForAsync(TimeSpan.FromSeconds(3));       // it asks the planes again

        Assert.All(planes, plane => Assert.Equal(plane.Value, product.PidOf(plane.Key)));
        await product.StopAsync();
        var frames = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory));
        RecordedFrames.AssertEachExactlyOnce(frames, Cameras);
        Soak.Measured($"supervisor stopped, planes at Debug: {frames.Values.Sum(f => f.Count)} frames, 0 lost, 0 repeated");
    }

    [Fact]
    public async Task Killing_media_leaves_a_short_gap_that_the_timeline_explains()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(Cameras, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var ids = await RecordAllAsync(product, cameras);
        var from = DateTimeOffset.UtcNow.AddSeconds(-5);

        var away = await product.KillAndAwaitRestartAsync("media");
        foreach (var id in ids)
            await product.Api.AwaitRecordingAsync(id);
        await Soak.RunForAsync(TimeSpan.FromSeconds(5));

        foreach (var id in ids)
        {
            var timeline = await product.Api.GetAsync($"/api/cameras/{id}/timeline?from={Iso(from)}&to={Iso(DateTimeOffset.UtcNow)}");
            var gap = timeline["gaps"]!.AsArray().Single(g => g!["cause"]!.GetValue<string>() == "mediaRestart")!;
            var seconds = (gap["to"]!.GetValue<DateTimeOffset>() - gap["from"]!.GetValue<DateTimeOffset>()).TotalSeconds;
            // At most 1.5 s until media accepts access units again, and then up to a GOP (1 s here) to the next keyframe.
            Assert.InRange(seconds, 0.01, 1.5 + 1.0 + 0.5);
            Soak.Measured($"kill -9 of media: gap of {seconds:0.00} s, cause mediaRestart; back and ready after {away.TotalSeconds:0.00} s");
        }

        await product.StopAsync();
        foreach (var (camera, numbers) in RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory)))
            Assert.True(RecordedFrames.Account(numbers).Repeated.Count == 0, $"camera {camera} has repeated frames");
    }

    [Fact]
    public async Task Killing_the_supervisor_leaves_no_orphan_and_the_next_start_records_nothing_twice()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(Cameras, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var ids = await RecordAllAsync(product, cameras);

        var before = product.Processes();
        await product.KillSupervisorAsync();
        await product.UpAsync();
        foreach (var id in ids)
            await product.Api.AwaitRecordingAsync(id);
        await Soak.RunForAsync(TimeSpan.FromSeconds(3));

        var after = product.Processes();
        var orphans = before.Select(PidOf).Intersect(after.Select(PidOf)).ToList();
        Assert.True(orphans.Count == 0, $"still there from the first run: {string.Join(", ", after.Where(p => orphans.Contains(PidOf(p))))}");
        foreach (var plane in (string[])["vms-control", "vms-media", "vms-recorder", "vms-ai", "nats-server"])
            Assert.Single(after, p => p.Contains($"/{plane} ", StringComparison.Ordinal) && !p.Contains(" guard ", StringComparison.Ordinal));

        await product.StopAsync();
        foreach (var (camera, numbers) in RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory)))
            Assert.True(RecordedFrames.Account(numbers).Repeated.Count == 0, $"camera {camera} was recorded twice");
    }

    [Fact]
    public async Task A_plane_that_is_stopped_is_killed_and_restarted_with_the_cause_in_the_log()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        var pid = product.PidOf("ai");
        await ChildProcess.RunAsync("kill", ["-STOP", $"{pid}"]);
        await Eventually.TrueAsync(() => product.PidOf("ai") != pid, TimeSpan.FromMinutes(2));
        Assert.Matches($@"ai \(pid {pid}\) is stuck: no answer within 2 s", product.Log);
    }

    [Fact]
    public async Task An_ordered_stop_leaves_no_process_behind()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        Assert.NotEmpty(product.Processes());
        await product.StopAsync();
        Assert.Empty(product.Processes());
    }

    private static async Task<IReadOnlyList<string>> RecordAllAsync(ProductRun product, SimulatedCameras cameras)
    {
        var ids = new List<string>();
        for (var camera = 1; camera <= Cameras; camera++)
            ids.Add(await product.Api.AddCameraAsync($"Camera {camera}", cameras.UrlOf(camera)));
        foreach (var id in ids)
            await product.Api.AwaitRecordingAsync(id);
        await Soak.RunForAsync(TimeSpan.FromSeconds(4));
        return ids;
    }

    private static string PidOf(string process) => process[..process.IndexOf(' ', StringComparison.Ordinal)];

    private static string Iso(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
