using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Reconciliation;

/// <summary>
/// Keeps one plane at the desired state: asks what it has applied, starts what is missing or older, stops what nobody wants. Runs after
/// every change, every two seconds, and as soon as a plane that was away answers again. Every call is idempotent by generation, so a
/// pass that is cut off is simply followed by the next.
/// </summary>
internal abstract partial class PlaneReconciler(
    string plane, DesiredState desired, ObservedState observed, PlaneOptions options, ProgressMonitor progress, TimeProvider time, ILogger logger)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_intervalWhileAway = TimeSpan.FromMilliseconds(500);
    private const int QuickTries = 20;   // a restart takes a second or two; a plane that is not installed costs little
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(4);

    // What a plane refused, so that each refusal is logged once and not every two seconds. The loop's own.
    private readonly Dictionary<StreamKey, string> _refused = [];
    private bool? _connected;
    private int _triesWhileAway;

    protected DesiredState DesiredState { get; } = desired;

    protected ObservedState Observed { get; } = observed;

    protected RpcChannel Channel { get; } = new(new Uri("unix://" + options.SocketOf(plane, "rpc")), time);

    protected static TimeSpan CallDeadline => s_callDeadline;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = progress.Register("reconcile " + plane);
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = DesiredState.Replaced.Next;
            beat.Beat();
            try
            {
                await PassAsync(beat, stoppingToken);
                SetConnected(true, "");
            }
            catch (RpcException e)
            {
                SetConnected(false, e.Message);
            }

            // While the plane is away a change does not hurry: nobody is there to take it.
            var interval = _connected == true || _triesWhileAway++ >= QuickTries ? s_interval : s_intervalWhileAway;
            await (_connected == true ? changed : Task.Delay(interval, time, stoppingToken))
                .WaitAsync(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        Channel.Dispose();
        base.Dispose();
    }

    /// <summary>What the plane should have. A spec carries the generation it is applied with.</summary>
    protected abstract IEnumerable<Wanted> WantedOf(Desired camera);

    /// <summary>What the plane has, reported to <see cref="Observed"/> on the way.</summary>
    protected abstract Task<Listed> ListAsync(CancellationToken cancellationToken);

    protected abstract Task StopAsync(StreamKey key, long generation, CancellationToken cancellationToken);

    private async Task PassAsync(Progress beat, CancellationToken cancellationToken)
    {
        var cameras = DesiredState.Cameras;   // before asking the plane: what it has may only be newer
        var (instance, applied) = await ListAsync(cancellationToken);
        Observed.SetInstance(plane, instance);
        if (cameras is null)
            return;

        var wanted = cameras.Values.SelectMany(WantedOf).ToDictionary(w => w.Key);
        foreach (var (key, has) in applied)
        {
            if (!has.Running || wanted.ContainsKey(key))
                continue;
            beat.Beat();
            await TryAsync(key, "stop", () => StopAsync(key, has.Generation, cancellationToken));
        }

        foreach (var want in wanted.Values)
        {
            var has = applied.TryGetValue(want.Key, out var known) ? known.Generation : -1;
            if (has == want.Generation)
                continue;
            beat.Beat();
            if (has > want.Generation)
                await MovePastAsync(want, has, cancellationToken);
            else
                await TryAsync(want.Key, "start", () => want.StartAsync(cancellationToken));
        }

        if (_refused.Count > 0)
            ForgetRefusalsOfOthers(wanted);
    }

    /// <summary>One stream that a plane refuses must not keep the others from starting.</summary>
    private async Task TryAsync(StreamKey key, string what, Func<Task> call)
    {
        try
        {
            await call();
            _refused.Remove(key);
        }
        catch (RpcException e) when (e.Status is not (RpcStatus.Unavailable or RpcStatus.DeadlineExceeded))
        {
            if (_refused.TryGetValue(key, out var known) && known == e.Message)
                return;
            _refused[key] = e.Message;
            Log.Refused(logger, plane, what, key.CameraId, key.Stream, e.Message);
        }
    }

    private async Task MovePastAsync(Wanted want, long generation, CancellationToken cancellationToken)
    {
        Log.PlaneIsNewer(logger, plane, want.Key.CameraId, want.Key.Stream, generation, want.Generation);
        try
        {
            await DesiredState.MovePastAsync(want.Key.CameraId, want.Column, generation, cancellationToken);
        }
        catch (Exception e) when (Data.DatabaseOutage.Is(e))
        {
            // The next pass tries again.
        }
    }

    private void ForgetRefusalsOfOthers(Dictionary<StreamKey, Wanted> wanted)
    {
        foreach (var key in _refused.Keys.Where(k => !wanted.ContainsKey(k)).ToList())
            _refused.Remove(key);
    }

    private void SetConnected(bool connected, string reason)
    {
        if (_connected == connected)
            return;
        if (connected)
            Log.Connected(logger, plane);
        else
            Log.Away(logger, plane, reason);
        _connected = connected;
        _triesWhileAway = 0;
        Observed.SetConnected(plane, connected);
    }

    private static partial class Log
    {
        [LoggerMessage(1041, LogLevel.Information, "Plane {Plane} answers: applying the desired state")]
        public static partial void Connected(ILogger logger, string plane);

        [LoggerMessage(1042, LogLevel.Information, "Plane {Plane} does not answer ({Reason}); it gets the desired state when it is back")]
        public static partial void Away(ILogger logger, string plane, string reason);

        [LoggerMessage(1043, LogLevel.Warning, "Plane {Plane} refused to {What} camera {CameraId} stream {Stream}: {Reason}")]
        public static partial void Refused(ILogger logger, string plane, string what, string cameraId, string stream, string reason);

        [LoggerMessage(1044, LogLevel.Warning, "Plane {Plane} holds generation {Applied} of camera {CameraId} stream {Stream}, the database {Wanted}: "
            + "it was restored from a backup. What the database says is applied again")]
        public static partial void PlaneIsNewer(ILogger logger, string plane, string cameraId, string stream, long applied, long wanted);
    }
}

/// <summary>All that a plane has.</summary>
/// <param name="Instance">Of the plane: another after each of its starts.</param>
internal sealed record Listed(string Instance, IReadOnlyDictionary<StreamKey, Applied> Applied);

/// <summary>One thing a plane has.</summary>
/// <param name="Running">False for what is over and only remembered: a recording that was stopped and whose video is still kept.</param>
internal readonly record struct Applied(long Generation, bool Running);

/// <summary>One thing a plane should run.</summary>
/// <param name="Column">Where its generation is stored.</param>
/// <param name="StartAsync">Applies it; doing so twice changes nothing.</param>
internal sealed record Wanted(StreamKey Key, long Generation, GenerationColumn Column, Func<CancellationToken, Task> StartAsync);
