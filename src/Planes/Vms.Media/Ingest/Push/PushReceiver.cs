using Vms.Codecs;
using Vms.Media.Ingest.Rtsp;
using Vms.Media.Streams;

namespace Vms.Media.Ingest.Push;

/// <summary>
/// Keeps one stream ready for a publisher: waits for one, receives, waits for the next. The twin of <see cref="RtspPuller"/>: what it found out
/// is <see cref="State"/>, and viewers and recorder notice nothing of it but a gap in the stream log.
/// </summary>
internal sealed partial class PushReceiver
{
    private const int MaxNamed = 6;         // tracks that are left out; an operator reads it
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(1);

    private readonly LiveStream _live;
    private readonly TrackReceivers _tracks;
    private readonly SampleAppender _samples;
    private readonly IngestCounters _counters;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly PublishPoint _point;
    private volatile PullState _state;

    public PushReceiver(
        LiveStream live, TrackReceivers tracks, SampleAppender samples, IngestCounters counters, IngestOptions options, TimeProvider clock,
        ILogger<PushReceiver> logger)
    {
        _live = live;
        _tracks = tracks;
        _samples = samples;
        _counters = counters;
        _options = options;
        _clock = clock;
        _logger = logger;
        _point = new PublishPoint(clock);
        _point.Unsupported += OnUnsupported;
        _state = new(PullStateKind.Offline, PullReason.NoPublisher, "Nobody has sent pictures yet.", clock.GetUtcNow(), null);
    }

    public PullState State => _state;

    /// <summary>Raised when <see cref="State"/> was replaced. Any thread; handlers must not block.</summary>
    public event Action? StateChanged;

    /// <summary>Runs until the token ends it; a publisher is sent away then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _live.PublishPoint = _point;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var session = await WithHeartbeat(_point.NextAsync(cancellationToken));
                await ReceiveAsync(session, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An ordered stop.
        }
        finally
        {
            _live.PublishPoint = null;
            _point.Close();
        }
    }

    private async Task ReceiveAsync(PublishSession session, CancellationToken cancellationToken)
    {
        Enter(PullStateKind.Connecting, PullReason.None, "");
        _tracks.Video.Forget();     // another encoder, perhaps: its parameter sets are its own
        session.Attach(_tracks, _samples, _counters, _options, IngestTime.Now(_clock));
        while (!session.Ended.IsCompleted)
        {
            session.Tick(IngestTime.Now(_clock));
            if (session.FirstSample.IsCompleted && _state.Kind != PullStateKind.Online)
            {
                string leftOut = session.LeftOut.Count == 0 ? "" : $"Not taken: {string.Join(", ", session.LeftOut.Take(MaxNamed))}.";
                Enter(PullStateKind.Online, PullReason.None, leftOut);
                Log.Published(_logger, _live.CameraId, _live.Name, session.User, session.From.ToString(), session.Transport);
            }

            if (cancellationToken.IsCancellationRequested)
                session.Finish(new(PullEndKind.Stopped, "Ended."));
            await Task.WhenAny(session.Ended, Task.Delay(s_tick, _clock, CancellationToken.None));
        }

        var end = session.End!;
        if (session.FirstSample.IsCompleted)
        {
            _tracks.EndRun(end.Kind == PullEndKind.Stopped ? GapCause.Disabled : GapCause.CameraOffline, IngestTime.Now(_clock));
            _counters.Reconnected();
        }

        if (end.Kind == PullEndKind.Stopped)
            return;
        Log.Left(_logger, _live.CameraId, _live.Name, session.User, end.Detail);
        Enter(PullStateKind.Offline, end.Kind == PullEndKind.NoVideo ? PullReason.NoVideo : PullReason.NoPublisher, end.Detail);
    }

    /// <summary>Does not disturb a publisher that sends.</summary>
    private void OnUnsupported(string detail)
    {
        Log.Unsupported(_logger, _live.CameraId, _live.Name, detail);
        if (_state.Kind is PullStateKind.Offline or PullStateKind.Unsupported)
            Enter(PullStateKind.Unsupported, PullReason.UnsupportedCodec, detail);
    }

    private void Enter(PullStateKind kind, PullReason reason, string detail)
    {
        var before = _state;
        _state = new(kind, reason, detail, kind == before.Kind ? before.Since : _clock.GetUtcNow(), null);
        if (kind != before.Kind || reason != before.Reason || detail != before.Detail)
            StateChanged?.Invoke();
    }

    /// <summary>While nobody publishes: readers of the log are to know that its writer lives.</summary>
    private async Task<PublishSession> WithHeartbeat(Task<PublishSession> next)
    {
        while (!next.IsCompleted)
        {
            _samples.Heartbeat();
            await Task.WhenAny(next, Task.Delay(s_heartbeat, _clock));
        }

        return await next;
    }

    private static partial class Log
    {
        [LoggerMessage(2005, LogLevel.Information, "Camera {CameraId}.{Stream}: published by {User} from {Address} over {Transport}")]
        public static partial void Published(ILogger logger, string cameraId, string stream, string user, string address, string transport);

        [LoggerMessage(2006, LogLevel.Warning, "Camera {CameraId}.{Stream}: the publisher {User} is gone: {Detail} Waiting for the next")]
        public static partial void Left(ILogger logger, string cameraId, string stream, string user, string detail);

        [LoggerMessage(2007, LogLevel.Warning, "Camera {CameraId}.{Stream}: a publisher was refused: {Detail}")]
        public static partial void Unsupported(ILogger logger, string cameraId, string stream, string detail);
    }
}
