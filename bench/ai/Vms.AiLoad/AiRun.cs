using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Vms.Contracts.Ai;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.AiLoad;

/// <summary>One run of the published <c>vms-ai</c> with cameras of one kind.</summary>
/// <param name="CpuShare">Of one core, the whole process.</param>
/// <param name="Pictures">Looked at per second, all cameras.</param>
/// <param name="Detections">Regions that the detector looked at, likewise.</param>
/// <param name="RatePart">Of the rate wanted, at the end: below 1 it was too much, and the other figures are of less work.</param>
/// <param name="Stages">Share of one core of each stage.</param>
internal sealed record AiRun(double CpuShare, double Pictures, double Detections, double RatePart, IReadOnlyDictionary<string, double> Stages)
{
    private const string RatePartMetric = "vms_analysis_rate_part";

    /// <summary>The detector takes the first second of a stream and its model some to be loaded.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    /// <summary>Where the machine was busy at the start, analysis comes back to its rate step by step: so long is waited for it.</summary>
    private static readonly TimeSpan s_untilFullRate = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    /// <summary>Percent of the process's time.</summary>
    internal double ShareOf(string stage) => Stages.GetValueOrDefault(stage) / CpuShare * 100;

    /// <summary>What is left: detectors, and the process's own housekeeping.</summary>
    internal double DetectorShare => 100 - Stages.Keys.Sum(ShareOf);

    internal static async Task<AiRun> MeasureAsync(VideoFootage footage, int cameras, TimeSpan length)
    {
        TimeProvider time = TimeProvider.System;
        using var directory = new TestDirectory();
        string program = Path.Combine(TestPaths.Artifacts, "vms", "vms-ai");
        await using var process = await ChildProcess.StartAsync(program, [], new Dictionary<string, string?>
        {
            ["VMS_DATA"] = directory["data"],
            ["VMS_RUN_DIR"] = directory["run"],
            ["VMS_RING_DIR"] = directory["rings"],
            ["VMS_NATS"] = $"nats://127.0.0.1:{FreePort.Tcp()}",
            ["VMS_LOG_LEVEL"] = "Warning",
        });
        var logs = new StreamLogDirectory(directory["rings"]);
        var samples = footage.ToSamples();
        var all = Enumerable.Range(0, cameras).Select(i => new LogCamera(logs, $"cam-{i}", footage, samples, i * 37, time)).ToList();
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(() => WriteAsync(all, time, stop.Token));
        try
        {
            using var rpc = new RpcChannel(new Uri("unix://" + Path.Combine(directory["run"], "planes", "ai.rpc.sock")));
            for (int i = 0; i < cameras; i++)
                await StartAsync(rpc, $"cam-{i}", time);
            await PassAsync(s_warmUp, time);
            for (long waited = time.GetTimestamp(); time.GetElapsedTime(waited) < s_untilFullRate && (await MetricsAsync(directory["run"]))[RatePartMetric] < 1;)
                await PassAsync(s_look, time);

            var (cpuBefore, before) = (CpuOf(process.Pid), await MetricsAsync(directory["run"]));
            long began = time.GetTimestamp();
            await PassAsync(length, time);
            var (cpuAfter, after) = (CpuOf(process.Pid), await MetricsAsync(directory["run"]));
            double seconds = time.GetElapsedTime(began).TotalSeconds;
            double Rate(string name) => (after.GetValueOrDefault(name) - before.GetValueOrDefault(name)) / seconds;
            string[] stages = ["decode", "motion", "convert", "track"];
            return new AiRun(
                (cpuAfter - cpuBefore) / seconds, Rate("vms_analysis_pictures_total"), Rate("vms_analysis_detections_total"), after[RatePartMetric],
                stages.ToDictionary(s => s, s => Rate($"vms_analysis_stage_seconds_total/{s}")));
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
            all.ForEach(c => c.Dispose());
        }
    }

    private static async Task StartAsync(RpcChannel rpc, string camera, TimeProvider time)
    {
        var spec = new AnalysisSpec
        {
            CameraId = camera,
            Stream = "main",
            SiteId = "bench",
            Generation = 1,
            Settings = new AnalysisSettings { Fps = 5, Model = "default", MinConfidence = 0.8, TrackConfidence = 0.3, Motion = new MotionSettings { Sensitivity = 50 } },
        };
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await rpc.UnaryAsync("vms.ai.v1.AiPlane/StartAnalysis", spec, StartAnalysisReply.Parser, s_deadline, CancellationToken.None);
                return;
            }
            catch (RpcException e) when (e.Status == RpcStatus.Unavailable && time.GetElapsedTime(began) < s_deadline)
            {
                await PassAsync(TimeSpan.FromMilliseconds(100), time);     // it is still starting
            }
        }
    }

    private static async Task WriteAsync(List<LogCamera> cameras, TimeProvider time, CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        do
            cameras.ForEach(c => c.Write());
        while (!cancellationToken.IsCancellationRequested && await pace.WaitForNextTickAsync(CancellationToken.None));
    }

    /// <summary>What is measured is what happens in a time, so that a time has to pass.</summary>
    private static async Task PassAsync(TimeSpan length, TimeProvider time)
    {
        using var timer = new PeriodicTimer(length, time);
        await timer.WaitForNextTickAsync();
    }

    /// <summary>Seconds of processor time of a process, user and system.</summary>
    private static double CpuOf(int pid)
    {
        string[] fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>Sums by name, and by name and stage.</summary>
    private static async Task<Dictionary<string, double>> MetricsAsync(string run)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(run, "planes", "ai.http.sock")), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        var sums = new Dictionary<string, double>();
        foreach (Match line in Regex.Matches(await client.GetStringAsync(new Uri("http://ai/metrics")), @"^(vms_analysis_\w+)(?:\{(.*)\})? (\S+)$", RegexOptions.Multiline))
        {
            var stage = Regex.Match(line.Groups[2].Value, "stage=\"(\\w+)\"");
            string name = stage.Success ? $"{line.Groups[1].Value}/{stage.Groups[1].Value}" : line.Groups[1].Value;
            sums[name] = sums.GetValueOrDefault(name) + double.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture);
        }

        return sums;
    }
}
