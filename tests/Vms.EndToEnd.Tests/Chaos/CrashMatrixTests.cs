using System.Globalization;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>Everything that may die or fail does, one after the other, and what it costs becomes <c>docs/ref/crash-matrix.md</c>. <c>./dev chaos</c>: minutes, root and
/// strace; no part of the ordinary run, which has <see cref="Crashes.KillTests"/>.</summary>
[Trait("Category", "Chaos")]
public sealed class CrashMatrixTests
{
    private const long DiskBytes = 64 << 20;
    private const string PowerCutRow = "power cut";

    /// <summary>Fragment, look at the stream logs, commit interval; and what a busy machine adds to each.</summary>
    private const double PowerCutBoundMs = 1000 + 400 + 1000 + 1000;

    private static readonly TimeSpan s_standstill = TimeSpan.FromSeconds(10);

    /// <summary>With what the processes need to start again, and the drain to catch up, within the 30 s that stream logs hold.</summary>
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(25);

    [Fact(Explicit = true)]
    public async Task Nothing_but_the_loss_of_media_costs_footage()
    {
        var matrix = new CrashMatrix();
        await using var cameras = await SimulatedCameras.StartAsync(ChaosRun.Cameras, "360p");
        await ProcessesAsync(matrix, cameras);
        await FullDiskAsync(matrix, cameras);
        await SlowDiskAndPowerCutAsync(matrix, cameras);
        var broken = matrix.Cells.Where(c => c.Cell.LostMs > 0 && !c.Name.StartsWith("media,", StringComparison.Ordinal) && c.Name != PowerCutRow).ToList();
        Assert.True(broken.Count == 0, string.Join("; ", broken.Select(b => $"{b.Name}: {b.Cell} ms lost")));
        // Stopped for as long as the supervisor is patient, it may come through.
        Assert.All(matrix.Cells.Where(c => c.Name == "media, killed"), c => Assert.NotEqual(0, c.Cell.LostMs));
        matrix.Write(ChaosRun.Cameras);
    }

    private static async Task ProcessesAsync(CrashMatrix matrix, SimulatedCameras cameras)
    {
        using var directory = new TestDirectory();
        await using var run = await ChaosRun.StartAsync(cameras, () => ProductRun.StartAsync(directory));
        await run.RecordAsync();
        var faults = new List<(string Process, string Kind, Fault Fault)>();
        foreach (var process in CrashMatrix.Processes)
        {
            string name = process == "PostgreSQL" ? "postgres" : process;
            faults.Add((process, "killed", await run.KillAsync(name)));
            faults.Add((process, "stopped", await run.StopAsync(name, s_standstill)));
        }

        var away = await run.KeepAwayAsync(["control", "recorder", "ai", "postgres", "nats"], s_away);
        await run.Product.StopAsync();

        var recorded = Recorded(run.Product.DataDirectory);
        foreach (var (process, kind, fault) in faults)
            matrix.Add(process, kind, fault.Cost(recorded));
        matrix.AddRow(
            "all but media away", away.Cost(recorded),
            $"control, recorder, ai, PostgreSQL and nats are killed at once and started again {s_away.TotalSeconds:0} s later; control is ready again after another {MatrixCell.Whole(away.Back.TotalMilliseconds)} ms");
        AssertNothingIsLostBesides(faults.Select(f => f.Fault).Append(away), recorded);
    }

    private static async Task FullDiskAsync(CrashMatrix matrix, SimulatedCameras cameras)
    {
        using var directory = new TestDirectory();
        await using var disk = await SmallDisk.StartAsync(Path.Combine(directory["data"], "recordings"), DiskBytes);
        await using var run = await ChaosRun.StartAsync(
            cameras, () => ProductRun.StartThroughAsync(disk.Command, directory, ("VMS_RECORDER_MIN_FREE_BYTES", "0"), ("VMS_RECORDER_HEADROOM_HOURS", "0")));
        await run.RecordAsync();
        var full = await run.MeasureAsync(async () =>
        {
            var begun = TimeProvider.System.GetTimestamp();
            disk.Fill();
            await Eventually.TrueAsync(async () => (await run.RecordingAsync(1))["stateReason"]?.GetValue<string>() == "diskFull", TimeSpan.FromSeconds(20));
            if (s_standstill - TimeProvider.System.GetElapsedTime(begun) is { Ticks: > 0 } left)
                await Soak.RunForAsync(left);
            disk.Empty();
            return TimeProvider.System.GetTimestamp();
        });
        await run.Product.StopAsync();

        var recorded = Recorded(disk.From(run.Product.DataDirectory));
        matrix.AddRow(
            "disk full", full.Cost(recorded),
            $"something else takes all {DiskBytes >> 20} MiB of the recordings' file system for 10 s, and nothing there may be deleted: recording stops, says so, and goes on when there is room");
        AssertNothingIsLostBesides([full], recorded);
    }

    private static async Task SlowDiskAndPowerCutAsync(CrashMatrix matrix, SimulatedCameras cameras)
    {
        using var directory = new TestDirectory();
        using var memory = new MemoryDirectory();
        await using var run = await ChaosRun.StartAsync(cameras, () => ProductRun.StartAsync(directory, ("VMS_RING_DIR", Path.Combine(memory.Path, "rings"))));
        await run.RecordAsync();
        var slow = await run.MeasureAsync(async () =>
        {
            await using var delays = await SystemCallTrace.AttachAsync(
                run.Product.PidOf("recorder"), directory["delays"],
                "-e", "trace=pwrite64,syncfs", "-e", "inject=pwrite64:delay_enter=300000", "-e", "inject=syncfs:delay_enter=2000000");
            await Soak.RunForAsync(TimeSpan.FromSeconds(15));
            await delays.DetachAsync();
            return TimeProvider.System.GetTimestamp();
        });
        Assert.Contains(File.ReadLines(directory["delays"]), l => l.Contains("pwrite64", StringComparison.Ordinal) && l.Contains("(DELAYED)", StringComparison.Ordinal));

        string pool = Path.Combine(run.Product.DataDirectory, "recordings");
        await using (var writing = await SystemCallTrace.AttachAsync(run.Product.PidOf("recorder"), directory["writes"], WriteLog.Arguments))
        {
            PowerCut.Copy(pool, directory["before"]);
            await Soak.RunForAsync(TimeSpan.FromSeconds(20));
            await writing.DetachAsync();
        }

        await run.Product.KillEverythingAsync();
        var recorded = Recorded(run.Product.DataDirectory);
        matrix.AddRow("disk slow", slow.Cost(recorded), "for 15 s every write of the recorder takes 300 ms longer, four cameras writing one a second each, and every commit 2 s");
        AssertNothingIsLostBesides([slow], recorded);

        var cut = new PowerCut(WriteLog.Read(directory["writes"], pool), pool, directory["before"]);
        var (worst, losses) = WorstMoment(cut, cameras);
        memory.Forget();
        var survived = await GoOnAsync(run, cut, worst, pool);
        losses.Sort();
        Assert.InRange(losses[^1], 0, PowerCutBoundMs + (cut.Commits.Max() * 1000));
        matrix.AddRow(
            PowerCutRow, new MatrixCell(losses[^1], "", survived.TotalMilliseconds),
            string.Create(CultureInfo.InvariantCulture,
                $"the worst of {losses.Count} moments; half of them lost {MatrixCell.Whole(losses[losses.Count / 2])} ms or less; the longest commit took {MatrixCell.Whole(cut.Commits.Max() * 1000)} ms"));
    }

    /// <summary>Looks at a power cut every 20 ms.</summary>
    private static (double Worst, List<double> LossesMs) WorstMoment(PowerCut cut, SimulatedCameras cameras)
    {
        // Both clocks at the same time: stamps are monotonic, the log has wall clock.
        double toMonotonic = (FrameStamp.NowNs / 1e9) - ((DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds);
        var moments = new List<(double Cut, double LostMs)>();
        for (double moment = cut.From; moment < cut.To; moment += 0.020)
        {
            long now = (long)((moment + toMonotonic) * 1e9);
            moments.Add((moment, Enumerable.Range(1, ChaosRun.Cameras).Max(c => Math.Max(0, cameras.FrameAt(c, now) - cut.LastFrame(c, moment)) * FrameWindow.FrameMs)));
        }

        return (moments.MaxBy(m => m.LostMs).Cut, [.. moments.Select(m => m.LostMs)]);
    }

    /// <summary>The product starts on what the disk had, and goes on: nothing that was on it is lost or there twice.</summary>
    /// <returns>How long the start took.</returns>
    private static async Task<TimeSpan> GoOnAsync(ChaosRun run, PowerCut cut, double moment, string pool)
    {
        Directory.Delete(pool, recursive: true);
        cut.Replay(moment, pool);
        var left = RecordedFrames.In(RecordedFrames.SegmentsOf(run.Product.DataDirectory)).ToDictionary(c => c.Key, c => c.Value);
        Assert.Equal(ChaosRun.Cameras, left.Count);
        foreach (var (camera, numbers) in left)
            Assert.Equal(cut.LastFrame(camera, moment), numbers.Max());

        var started = TimeProvider.System.GetTimestamp();
        await run.Product.UpAsync();
        var back = TimeProvider.System.GetElapsedTime(started);
        await run.SettleAsync();
        string check = "";
        await Eventually.TrueAsync(
            async () =>
            {
                await using var vms = await ChildProcess.StartAsync(
                    Path.Combine(TestPaths.Artifacts, "vms", "vms"), ["index", "check", "--level", "hash", "--data", run.Product.DataDirectory]);
                await vms.WaitForExitAsync(TimeSpan.FromMinutes(1));
                check = vms.Output;
                return vms.ExitCode == 0;
            },
            TimeSpan.FromMinutes(1));
        Soak.Measured($"index after the power cut: {check.Trim()}");
        await run.Product.StopAsync();
        foreach (var (camera, numbers) in Recorded(run.Product.DataDirectory))
            Assert.True(left[camera].TrueForAll(new HashSet<long>(numbers).Contains), $"camera {camera} lost what was on the disk");
        return back;
    }

    private static Dictionary<int, List<long>> Recorded(string data)
    {
        var recorded = RecordedFrames.In(RecordedFrames.SegmentsOf(data));
        Assert.Equal(ChaosRun.Cameras, recorded.Count);
        foreach (var (camera, numbers) in recorded)
            Assert.True(RecordedFrames.Account(numbers).Repeated.Count == 0, $"camera {camera} has frames twice");
        return recorded;
    }

    /// <summary>Each lost frame is one of a fault: else a figure would be too small.</summary>
    private static void AssertNothingIsLostBesides(IEnumerable<Fault> faults, Dictionary<int, List<long>> recorded) =>
        Assert.Equal(recorded.Values.Sum(numbers => RecordedFrames.Account(numbers).Lost.Count), faults.Sum(f => f.Window.LostFrames(recorded)));
}
