using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Ingest.Push;
using Vms.Media.Ingest.Rtsp;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Pipelines;

/// <summary>
/// One stream of one camera, as long as control wants it: its <see cref="LiveStream"/>, its stream log, and one
/// <see cref="RtspPuller"/> (or <see cref="PushReceiver"/>) after another, a new one for each edit. Log and viewers stay across edits.
/// </summary>
internal sealed partial class Pipeline : IAsyncDisposable
{
    private static readonly TimeSpan s_logRetry = TimeSpan.FromSeconds(5);

    private readonly PipelineResources _shared;
    private readonly ILogger _logger;
    private readonly LogMemory.Share _memory;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource? _puller;       // of the running puller; under the gate
    private PipelineSpec _spec;                     // under the gate
    private volatile bool _removed;
    private bool _disposed;
    private volatile PullState _state;
    private Task _run = Task.CompletedTask;

    public Pipeline(PipelineSpec spec, PipelineResources shared)
    {
        _spec = spec;
        _shared = shared;
        _logger = shared.Loggers.CreateLogger<Pipeline>();
        _memory = shared.LogMemory.Reserve(PipelineSpecs.ToLog(spec).InitialCapacityBytes);
        Live = new(spec.CameraId, spec.Stream, shared.Logs, shared.Clock);
        _state = new(PullStateKind.Connecting, PullReason.None, "", shared.Clock.GetUtcNow(), null);
    }

    public LiveStream Live { get; }

    public IngestCounters Counters { get; } = new();

    public PullState State => _state;

    public PipelineSpec Spec
    {
        get
        {
            lock (_gate)
                return _spec;
        }
    }

    /// <summary>Raised when <see cref="State"/> was replaced. Any thread; handlers must not block.</summary>
    public event Action<Pipeline>? StateChanged;

    public void Start() => _run = Task.Run(RunAsync);

    /// <summary>Goes on with another spec of the same stream. Tries at once, whatever the one before waited for; but what is to be told of the camera's own analysis
    /// changes without a new connection: no picture is lost for it.</summary>
    public void Replace(PipelineSpec spec)
    {
        lock (_gate)
        {
            bool eventsAlone = PipelineSpecs.DifferInEventsAlone(_spec, spec);
            _spec = spec;
            if (eventsAlone)
                Live.LeavesCameraAnalysis = spec.IgnoreCameraEvents;
            else
                _puller?.Cancel();
        }
    }

    /// <summary>Ends it for good: readers of its log are told so and the log is deleted.</summary>
    public ValueTask RemoveAsync()
    {
        _removed = true;
        return DisposeAsync();
    }

    /// <summary>Ends pulling; the log stays for the next start of the plane.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;

        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        _shared.Streams.Add(Live);
        try
        {
            if (await OpenLogAsync() is not var (log, tail))
                return;

            using (log)
            {
                _memory.Use(log);
                await PullAsync(log, tail);
                if (_removed)
                    log.Close();
            }
        }
        finally
        {
            _memory.Dispose();
            _shared.Streams.Remove(Live);
        }
    }

    private async Task PullAsync(StreamLogWriter log, LogTail? tail)
    {
        var samples = new SampleAppender(Live, log, Counters, tail, IngestTime.Now(_shared.Clock));
        var tracks = new TrackReceivers(samples, Counters, Live, _shared.Metadata);
        while (!_stop.IsCancellationRequested)
        {
            PipelineSpec spec;
            using var life = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            lock (_gate)
            {
                spec = _spec;
                _puller = life;
                Live.LeavesCameraAnalysis = spec.IgnoreCameraEvents;
            }

            try
            {
                await (PipelineSpecs.IsPush(spec) ? ReceiveAsync() : PullAsync());
            }
            catch (Exception e) when (e is not OperationCanceledException || !life.IsCancellationRequested)
            {
                // Control believes that this generation is applied and will not ask again.
                Log.Failed(_logger, e, Live.LogName, s_logRetry);
                Publish(new(PullStateKind.Offline, PullReason.NoVideo, e.Message, _shared.Clock.GetUtcNow(), _shared.Clock.GetUtcNow() + s_logRetry));
                await Task.Delay(s_logRetry, _shared.Clock, life.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                lock (_gate)
                    _puller = null;
            }

            Task ReceiveAsync()
            {
                var receiver = new PushReceiver(
                    Live, tracks, samples, Counters, _shared.Options, _shared.Clock, _shared.Loggers.CreateLogger<PushReceiver>());
                receiver.StateChanged += () => Publish(receiver.State);
                Publish(receiver.State);
                return receiver.RunAsync(life.Token);
            }

            Task PullAsync()
            {
                var puller = new RtspPuller(
                    PipelineSpecs.ToPull(spec, _shared.Admission.AllowBasicInClear), Live, tracks, samples, Counters, _shared.Loop, _shared.PlayGate, _shared.Options,
                    _shared.Clock, _shared.Loggers.CreateLogger<RtspPuller>());
                puller.StateChanged += () => Publish(puller.State);
                Publish(puller.State);
                return puller.RunAsync(life.Token);
            }
        }
    }

    /// <summary>A log that cannot be opened now (no room, or a dying predecessor still holds it) is tried again.</summary>
    private async Task<(StreamLogWriter Log, LogTail? Tail)?> OpenLogAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var log = StreamLogWriter.Open(
                    _shared.Logs, Live.LogName, PipelineSpecs.ToLog(Spec) with { GrowthRefusal = _shared.LogMemory.Refusal }, _shared.Clock, _shared.Loggers.CreateLogger<StreamLogWriter>());
                return (log, log.Reopened ? LogTail.Read(_shared.Logs, Live.LogName, _shared.Clock) : null);
            }
            catch (Exception e) when (e is StreamLogException or IOException)
            {
                if (_state.Detail != e.Message)
                    Log.NotOpened(_logger, Live.LogName, e.Message);
                Publish(new(PullStateKind.Offline, PullReason.NoVideo, e.Message, _shared.Clock.GetUtcNow(), _shared.Clock.GetUtcNow() + s_logRetry));
            }

            await Task.Delay(s_logRetry, _shared.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private void Publish(PullState state)
    {
        _state = state;
        StateChanged?.Invoke(this);
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Error, "Stream log {Name} cannot be opened, the stream is not pulled: {Reason}")]
        public static partial void NotOpened(ILogger logger, string name, string reason);

        [LoggerMessage(2011, LogLevel.Error, "Stream {Name}: pulling met an internal error; it is tried again in {Delay}")]
        public static partial void Failed(ILogger logger, Exception exception, string name, TimeSpan delay);
    }
}
