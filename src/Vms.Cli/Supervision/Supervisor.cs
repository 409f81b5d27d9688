using Microsoft.Extensions.Logging;
using Vms.Cli.Infrastructure;
using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Cli.Supervision;

/// <summary>
/// Starts the infrastructure and the planes, keeps them running, stops them in order: media stops pulling, recorder drains and
/// commits, ai, control, nats, PostgreSQL (docs/design/supervision.md).
/// </summary>
internal sealed partial class Supervisor(PlaneOptions options, bool demo, BoundedLineWriter output, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan s_readyPoll = TimeSpan.FromMilliseconds(100);
    private static readonly IReadOnlyList<string> s_stopOrder = ["cameras", "media", "recorder", "ai", "control", "sensors", "nats", "postgres"];

    private readonly List<ChildProcess> _children = [];

    /// <summary>Runs until cancelled; then everything has stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var limiter = ChildLimiter.Create();
        try
        {
            await StartAsync(limiter, stop);
            await WaitUntilReadyAsync(stop);
            output.WriteLine($"ready http://{options.BindAddress}:{options.HttpPort}");
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopping(logger);
        }
        finally
        {
            foreach (var name in s_stopOrder)
            {
                foreach (var child in _children.Where(c => c.Name == name))
                    await child.StopAsync();
            }

            foreach (var child in _children)
                child.Dispose();
            Log.Stopped(logger);
        }
    }

    private async Task StartAsync(ChildLimiter limiter, CancellationToken stop)
    {
        var settings = new Dictionary<string, string?>
        {
            ["VMS_DATA"] = options.DataDirectory,
            ["VMS_RUN_DIR"] = options.RunDirectory,
            ["VMS_HTTP_PORT"] = $"{options.HttpPort}",
            ["VMS_MEDIA_PORT"] = $"{options.MediaPort}",
            ["VMS_PLAYBACK_PORT"] = $"{options.PlaybackPort}",
            ["VMS_WEBRTC_PORT"] = $"{options.WebRtcPort}",
            ["VMS_RTSP_PORT"] = options.RtspPort is { } rtsp ? $"{rtsp}" : PlaneOptions.Off,
            ["VMS_BIND"] = options.BindAddress,
        };
        var infrastructure = new List<Task>();

        if (options.Postgres is { } external)
        {
            settings["VMS_POSTGRES"] = external;
        }
        else
        {
            var postgres = PrivatePostgres.Prepare(options, OperatingSystem.IsWindows() ? LoopbackPort.For(options, "postgres") : 0);
            settings["VMS_POSTGRES"] = postgres.ConnectionString;
            infrastructure.Add(Launch(postgres.Child(new ChildLimits("postgres", CpuWeight: 100, MemoryBytes: null, Nice: 0, OomScore: 0)), limiter));
        }

        if (options.Nats is { } externalBus)
        {
            settings["VMS_NATS"] = externalBus;
        }
        else
        {
            var nats = PrivateNats.Prepare(options, LoopbackPort.For(options, "nats"));
            settings["VMS_NATS"] = nats.Url;
            infrastructure.Add(Launch(nats.Child(new ChildLimits("nats", CpuWeight: 100, MemoryBytes: 1L << 30, Nice: 0, OomScore: 100)), limiter));
        }

        if (options.SensorPort is { } sensorPort)
        {
            var sensors = SensorNats.Prepare(options, sensorPort, logger, time);
            settings["VMS_NATS_PORT"] = $"{sensorPort}";
            settings["VMS_SENSOR_NATS"] = sensors.Url;
            // Not waited for: what cannot be told by sensors is no reason not to record.
            _ = Launch(sensors.Child(new ChildLimits("sensors", CpuWeight: 20, MemoryBytes: 256L << 20, Nice: 5, OomScore: 500)), limiter);
            _ = sensors.WatchAsync(stop);
        }

        if (demo)
        {
            var cameras = DemoCameras.Create();
            settings["VMS_DEMO_CAMERAS"] = cameras.Setting;
            // Not waited for: the first start encodes the scenes, and a camera that comes later is what the product is used to.
            _ = Launch(cameras.Child, limiter);
        }

        await Task.WhenAll(infrastructure).WaitAsync(stop);
        await Launch(PlaneProcesses.Of("control", options, settings), limiter).WaitAsync(stop);
        await Task.WhenAll(PlaneProcesses.Names.Where(n => n != "control").Select(n => Launch(PlaneProcesses.Of(n, options, settings), limiter))).WaitAsync(stop);
    }

    /// <returns>The first good answer. A plane that gives none keeps the others waiting only here, at the first start.</returns>
    private Task Launch(ChildSpec spec, ChildLimiter limiter)
    {
        var child = new ChildProcess(spec, limiter, output, logger, time);
        _children.Add(child);
        child.Start();
        return child.FirstAnswer;
    }

    private async Task WaitUntilReadyAsync(CancellationToken stop)
    {
        foreach (var plane in PlaneProcesses.Names)
        {
            using var probe = new PlaneProbe(options.SocketOf(plane, "http"));
            var waits = 0;
            while (await probe.AskAsync("/health/ready", stop) is (false, var reason))
            {
                if (++waits % 100 == 0)
                    Log.NotReady(logger, plane, reason);
                await Task.Delay(s_readyPoll, time, stop);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "Stopping: media, recorder, ai, control, nats, postgres")]
        public static partial void Stopping(ILogger logger);

        [LoggerMessage(5002, LogLevel.Information, "Everything has stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(5003, LogLevel.Warning, "{Plane} is not ready yet: {Reason}")]
        public static partial void NotReady(ILogger logger, string plane, string reason);
    }
}
