using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>
/// Keeps one stream of one camera pulled: tries, watches, waits, tries again. What it found out is <see cref="State"/>. Viewers and
/// recorder notice nothing of it but a gap in the stream log.
/// </summary>
/// <remarks>
/// After a session that played, the next try is at once; then 0.25 s, doubling to 10 s, with jitter. Refused credentials wait
/// five minutes: cameras lock accounts. An edit makes a new puller, which tries at once.
/// </remarks>
internal sealed partial class RtspPuller
{
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(1);

    private readonly RtspPullSpec _spec;
    private readonly LiveStream _live;
    private readonly TrackReceivers _tracks;
    private readonly SampleAppender _samples;
    private readonly IngestCounters _counters;
    private readonly IIngestLoop _loop;
    private readonly SemaphoreSlim _playGate;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private RtspTransport _transport;
    private bool _transportSwitched;
    private bool _hasPlayed;            // this puller, at any time
    private volatile PullState _state;

    /// <param name="playGate">Shared by all pullers of the node: how many may be between DESCRIBE and PLAY.</param>
    public RtspPuller(
        RtspPullSpec spec, LiveStream live, TrackReceivers tracks, SampleAppender samples, IngestCounters counters, IIngestLoop loop,
        SemaphoreSlim playGate, IngestOptions options, TimeProvider clock, ILogger logger)
    {
        _spec = spec;
        _live = live;
        _tracks = tracks;
        _samples = samples;
        _counters = counters;
        _loop = loop;
        _playGate = playGate;
        _options = options;
        _clock = clock;
        _logger = logger;
        _backoff = new(options.BackoffMinimum, options.BackoffMaximum);
        _transport = spec.Transport ?? RtspTransport.Tcp;
        _state = new(spec.OnDemand ? PullStateKind.Idle : PullStateKind.Connecting, PullReason.None, "", clock.GetUtcNow(), null);
    }

    public PullState State => _state;

    /// <summary>Raised when <see cref="State"/> was replaced, on any thread but an ingest thread. Handlers must not block.</summary>
    public event Action? StateChanged;

    /// <summary>How often the camera refused our credentials.</summary>
    public int RefusedAnswers { get; private set; }

    /// <summary>Runs until the token ends it; says TEARDOWN then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var demand = new DemandWatch(_live, _clock);
        _tracks.Video.Forget();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (_spec.OnDemand && _live.DemandCount == 0)
                {
                    Enter(PullStateKind.Idle, PullReason.None, "", null);
                    await WithHeartbeat(demand.WaitForDemandAsync(cancellationToken));
                }

                if (_state.Kind == PullStateKind.Idle)
                    Enter(PullStateKind.Connecting, PullReason.None, "", null);
                await PullAsync(demand, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An ordered stop.
        }
    }

    /// <summary>One try, and the wait that its outcome asks for.</summary>
    private async Task PullAsync(DemandWatch demand, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var unwanted = _spec.OnDemand ? CancelWhenUnwantedAsync(demand, ended) : Task.CompletedTask;
        long started = _clock.GetTimestamp();
        var (end, played) = await TryOnceAsync(ended.Token);
        await ended.CancelAsync();
        await unwanted;

        if (played)
        {
            _tracks.EndRun(end.Kind == PullEndKind.Stopped ? GapCause.Disabled : GapCause.CameraOffline, IngestTime.Now(_clock));
            _counters.Reconnected();
            _transportSwitched = false;
            _hasPlayed = true;
            if (_clock.GetElapsedTime(started) >= _options.StableAfter)
                _backoff.Reset();
        }

        if (end.Kind == PullEndKind.Stopped)
            return;
        if (end.Kind is PullEndKind.TransportRefused or PullEndKind.NoPackets && _spec.Transport is null)
        {
            _transport = _transport == RtspTransport.Tcp ? RtspTransport.Udp : RtspTransport.Tcp;
            if (!_transportSwitched)
            {
                _transportSwitched = true;
                Log.TransportSwitched(_logger, _spec.CameraId, _spec.Stream, end.Detail, _transport);
                return;
            }
        }

        // The way back from a switch that led nowhere: a firewall, most often.
        if (end.Kind == PullEndKind.NoVideo && _transport == RtspTransport.Udp && _spec.Transport is null && !played)
            _transport = RtspTransport.Tcp;

        await WaitAsync(end, played, cancellationToken);
    }

    private async Task WaitAsync(PullEnd end, bool played, CancellationToken cancellationToken)
    {
        var (kind, reason) = StateOf(end.Kind);
        var wait = kind switch
        {
            PullStateKind.Unauthorized => _options.UnauthorizedPause,
            PullStateKind.Unsupported when !_hasPlayed => _options.UnsupportedPause,     // else it came back without its picture
            _ => _backoff.Next(),
        };
        bool again = wait == TimeSpan.Zero && played;
        if (end.Error is not null)
            Log.Internal(_logger, end.Error, _spec.CameraId, _spec.Stream, wait);
        else if (_state.Kind != kind || _state.Reason != reason)
            Log.Ended(_logger, _spec.CameraId, _spec.Stream, end.Kind, end.Detail, wait);
        else
            Log.EndedAgain(_logger, _spec.CameraId, _spec.Stream, end.Kind, end.Detail, wait);

        Enter(again ? PullStateKind.Connecting : kind, reason, end.Detail, again ? null : _clock.GetUtcNow() + wait);
        if (wait > TimeSpan.Zero)
            await WithHeartbeat(Task.Delay(wait, _clock, cancellationToken));
    }

    private async Task CancelWhenUnwantedAsync(DemandWatch demand, CancellationTokenSource ended)
    {
        try
        {
            await demand.WaitForNoDemandAsync(_options.DemandLinger, ended.Token);
            await ended.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The session ended first.
        }
    }

    private static (PullStateKind Kind, PullReason Reason) StateOf(PullEndKind end) => end switch
    {
        PullEndKind.BadCredentials => (PullStateKind.Unauthorized, PullReason.BadCredentials),
        PullEndKind.UnsupportedCodec => (PullStateKind.Unsupported, PullReason.UnsupportedCodec),
        PullEndKind.NoSuchPath => (PullStateKind.Offline, PullReason.NoSuchPath),
        PullEndKind.NoVideo or PullEndKind.NoPackets => (PullStateKind.Offline, PullReason.NoVideo),
        PullEndKind.TlsRefused => (PullStateKind.Offline, PullReason.BadCertificate),
        PullEndKind.Timeout => (PullStateKind.Offline, PullReason.Timeout),
        PullEndKind.Unreachable or PullEndKind.PeerClosed => (PullStateKind.Offline, PullReason.Unreachable),
        _ => (PullStateKind.Offline, PullReason.ProtocolViolation),
    };

    private void Enter(PullStateKind kind, PullReason reason, string detail, DateTimeOffset? retryAt)
    {
        var before = _state;
        _state = new(kind, reason, detail, kind == before.Kind ? before.Since : _clock.GetUtcNow(), retryAt);
        if (kind != before.Kind || reason != before.Reason || detail != before.Detail || retryAt != before.RetryAt)
            StateChanged?.Invoke();
    }

    /// <summary>While no session does it: readers of the log are to know that its writer lives.</summary>
    private async Task WithHeartbeat(Task task)
    {
        while (!task.IsCompleted)
        {
            _samples.Heartbeat();
            await Task.WhenAny(task, Task.Delay(s_heartbeat, _clock));
        }

        await task;
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Information, "Camera {CameraId}.{Stream}: playing over {Transport}")]
        public static partial void Playing(ILogger logger, string cameraId, string stream, RtspTransport transport);

        [LoggerMessage(2001, LogLevel.Warning, "Camera {CameraId}.{Stream}: not pulled ({Kind}): {Detail} Next try in {Delay}")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, PullEndKind kind, string detail, TimeSpan delay);

        [LoggerMessage(2002, LogLevel.Debug, "Camera {CameraId}.{Stream}: still not pulled ({Kind}): {Detail} Next try in {Delay}")]
        public static partial void EndedAgain(ILogger logger, string cameraId, string stream, PullEndKind kind, string detail, TimeSpan delay);

        [LoggerMessage(2003, LogLevel.Error, "Camera {CameraId}.{Stream}: internal error, the session is given up. Next try in {Delay}")]
        public static partial void Internal(ILogger logger, Exception error, string cameraId, string stream, TimeSpan delay);

        [LoggerMessage(2004, LogLevel.Information, "Camera {CameraId}.{Stream}: {Detail} Trying {Transport} now")]
        public static partial void TransportSwitched(ILogger logger, string cameraId, string stream, string detail, RtspTransport transport);
    }
}
