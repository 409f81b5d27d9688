using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Playback;
using Vms.Recorder.ReadBack;
using Vms.Recorder.Retention;
using Vms.Recorder.Triggers;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Recordings;

/// <summary>
/// The recordings this plane runs: applies what control asks for, idempotently by generation, and keeps it on disk so that recording
/// starts without control. Any thread; changes are applied one after the other.
/// </summary>
internal sealed partial class RecordingRegistry : IDisposable
{
    private static readonly TimeSpan s_restartDelay = TimeSpan.FromSeconds(5);

    private readonly DesiredStateStore<DesiredRecordings> _store;
    private readonly RecorderContext _context;
    private readonly DrainLoop _drain;
    private readonly TailRecovery _recovery;
    private readonly GapLedger _ledgers;
    private readonly RetentionPolicies _policies;
    private readonly RetentionForecast _forecast;
    private readonly ReadBackBook _readBack;
    private readonly DesiredStateStore<TriggerBook> _bookStore;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<(string CameraId, string Stream), RecordingWriter> _writers = [];
    private volatile DesiredRecordings _desired = DesiredRecordings.Empty;
    private volatile IReadOnlyList<RecordingWriter> _running = [];
    private volatile TriggerBook _book = TriggerBook.Empty;

    public RecordingRegistry(
        DesiredStateStore<DesiredRecordings> store,
        RecorderContext context,
        DrainLoop drain,
        TailRecovery recovery,
        GapLedger ledgers,
        RetentionPolicies policies,
        RetentionForecast forecast,
        ReadBackBook readBack,
        DesiredStateStore<TriggerBook> bookStore,
        ILogger<RecordingRegistry> logger)
    {
        _store = store;
        _context = context;
        _drain = drain;
        _recovery = recovery;
        _ledgers = ledgers;
        _policies = policies;
        _forecast = forecast;
        _readBack = readBack;
        _bookStore = bookStore;
        _logger = logger;
        drain.Broken += writer => _ = RestartAsync(writer);
    }

    /// <summary>Raised after a recording was started, changed or stopped.</summary>
    public event Action? Changed;

    /// <summary>Starts what ran before this process ended.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _desired = _store.Load(out string? unreadable) ?? DesiredRecordings.Empty;
            if (unreadable is not null)
            {
                Log.StateUnreadable(_logger, unreadable);
            }

            LoadBook();
            ForgetWhatIsGone();
            foreach (var spec in _desired.All)
            {
                ApplyPolicy(spec);
                if (Runs(spec))
                {
                    await RunAsync(spec, resume: true);
                }
                else
                {
                    await CatchUpAsync(spec);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Starts or changes a recording. The generation already applied changes nothing.</summary>
    /// <returns>False when a newer generation is applied.</returns>
    public async Task<bool> StartAsync(RecordingSpec spec, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var before = _desired.Of(spec.CameraId, spec.Stream);
            if (before is not null && before.Generation >= spec.Generation)
            {
                return before.Generation == spec.Generation;
            }

            bool running = _writers.TryGetValue((spec.CameraId, spec.Stream), out var writer);
            bool resume = before is not null && Runs(before);
            spec = spec.Clone();
            (spec.BeganUnixMs, spec.BeganBehind) = running || resume || !Runs(spec)
                ? (before?.BeganUnixMs ?? 0, before?.BeganBehind ?? "")
                : (_context.Time.GetUtcNow().ToUnixTimeMilliseconds(), IdOf(await RecoverAsync(spec)));
            Keep(_desired.With(spec));
            ApplyPolicy(spec);
            if (!Runs(spec))
            {
                await EndAsync(spec.CameraId, spec.Stream);
            }
            else if (running)
            {
                await _drain.DoAsync(() => writer!.Update(spec));
            }
            else
            {
                await RunAsync(spec, resume);
            }

            return true;
        }
        finally
        {
            _gate.Release();
            Changed?.Invoke();
        }
    }

    /// <returns>False when a newer generation is applied.</returns>
    public async Task<bool> StopAsync(string cameraId, string stream, long generation, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_desired.Of(cameraId, stream) is not { } spec)
            {
                return true;
            }

            if (spec.Generation > generation)
            {
                return false;
            }

            var off = spec.Clone();
            off.Mode = DesiredRecordings.Off;
            off.Generation = generation;
            off.Schedule.Clear();
            Keep(_desired.With(off));
            KeepBook(_book.WithoutManual(cameraId, stream, Now));
            await EndAsync(cameraId, stream);
            KeepBook(_book.WithoutEndedManual(cameraId, stream, Now));
            return true;
        }
        finally
        {
            _gate.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>Forgets a camera that was stopped and whose archive was deleted.</summary>
    public async Task ForgetAsync(string cameraId, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_desired.All.Where(s => s.CameraId == cameraId).All(s => !Runs(s)))
            {
                Keep(_desired.Without(cameraId));
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public IReadOnlyList<RecordingStatus> Statuses()
    {
        var running = _running.ToDictionary(w => (w.CameraId, w.Stream));
        return [.. _desired.All.Select(spec => StatusOf(spec, running.GetValueOrDefault((spec.CameraId, spec.Stream))))];
    }

    /// <summary>The site a camera's events belong to; empty when unknown.</summary>
    public string SiteOf(string cameraId) => _desired.All.FirstOrDefault(s => s.CameraId == cameraId)?.SiteId ?? "";

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        if (_bookWaits)
        {
            KeepBook(_book);
        }

        _gate.Dispose();
    }

    private RecordingStatus StatusOf(RecordingSpec spec, RecordingWriter? writer)
    {
        var status = new RecordingStatus { CameraId = spec.CameraId, Stream = spec.Stream, Generation = spec.Generation, Mode = spec.Mode };
        status.Runs = writer is not null || Runs(spec);
        if (_book.ManualOf(spec.CameraId, spec.Stream, Now) is { } manual && writer is not null)
        {
            (status.ManualUntilUnixMs, status.ManualReason, status.ManualBy) = (manual.UntilUs / 1000, manual.Reason, manual.By);
        }

        if (writer is null)
        {
            status.State = RecordingState.Stopped;
            return status;
        }

        (status.State, status.Reason, status.Detail) = writer.State;
        status.RecordingClass = writer.Class is { } kind ? RecordingClasses.NameOf(kind) : "";
        status.BytesToday = writer.Ledger.BytesToday;
        status.LastSampleUnixMs = writer.Ledger.LastCaptureTimeUs / 1000;
        status.LostSecondsToday = writer.Ledger.LostSecondsToday;
        status.ForecastDays = _forecast.DaysOf(spec.CameraId, spec.Stream);
        if (_readBack.Of(spec.CameraId, spec.Stream) is { } read)
        {
            status.ReadBackUnixMs = read.At.ToUnixTimeMilliseconds();
            status.ReadBackFromUnixMs = read.Fragment.From.ToUnixTimeMilliseconds();
            status.ReadBackResult = ReadBackVerdict.NameOf(read.Verdict.Result);
            status.ReadBackDetail = read.Verdict.Reason;
        }

        return status;
    }

    /// <summary>Streams that are no longer recorded and of which nothing is left, nor to come.</summary>
    private void ForgetWhatIsGone()
    {
        foreach (string cameraId in _desired.All.Select(s => s.CameraId).Distinct().ToList())
        {
            if (_desired.All.Where(s => s.CameraId == cameraId).All(s => !Runs(s) && !_book.HasEndedManual(s.CameraId, s.Stream, Now) && HasNothing(s.CameraId, s.Stream)))
            {
                _desired = _desired.Without(cameraId);
            }
        }
    }

    private bool HasNothing(string cameraId, string stream)
    {
        try
        {
            return _context.Layout.Roots.All(r => r.IsThere) && _context.Layout.Days(cameraId, stream).Count == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;       // what cannot be read may be there
        }
    }

    private void Keep(DesiredRecordings desired)
    {
        _store.Save(desired);
        _desired = desired;
    }

    private void ApplyPolicy(RecordingSpec spec) => _policies.Set(
        spec.CameraId,
        spec.Stream,
        new RetentionPolicy(
            TimeSpan.FromDays(Math.Clamp(spec.MinAgeDays, 0, 36_500)), TimeSpan.FromDays(Math.Clamp(spec.MaxAgeDays, 0, 36_500)), Math.Max(0, spec.MaxBytes)));

    /// <param name="resume">It ran when the books ended: every sample since is wanted.</param>
    private async Task RunAsync(RecordingSpec spec, bool resume)
    {
        var tail = await RecoverAsync(spec);
        // Switched on, and ended before anything was on disk: the time without is not recorded because the log still holds it.
        bool beginsAgain = resume && tail is not null && spec.BeganUnixMs > 0 && spec.BeganBehind == IdOf(tail);
        // Only a camera of which there is nothing at all is still being connected for the first time: one that is recorded from another stream, or was to be
        // recorded before a restart, has a hole.
        bool isNew = !resume && tail is null && PlaybackSegments.Streams.All(stream => HasNothing(spec.CameraId, stream));
        var writer = new RecordingWriter(
            _context, spec, _ledgers.Of(spec.CameraId, spec.Stream), tail, resume && !beginsAgain, beginsAgain ? spec.BeganUnixMs * 1000 : 0, isNew);
        foreach (var happening in _book.Of(spec.CameraId, spec.Stream))
        {
            Tell(writer, happening);
        }

        _writers[(spec.CameraId, spec.Stream)] = writer;
        _running = [.. _writers.Values];
        await _drain.AddAsync(writer);
        Log.Started(_logger, spec.CameraId, spec.Stream, spec.Mode);
    }

    private Task<SegmentFile?> RecoverAsync(RecordingSpec spec) => Task.Run(() => _recovery.Recover(spec.CameraId, spec.Stream));

    private static string IdOf(SegmentFile? segment) => segment?.Name.Id.ToString("N") ?? "";

    private async Task EndAsync(string cameraId, string stream)
    {
        if (_writers.Remove((cameraId, stream), out var writer))
        {
            _running = [.. _writers.Values];
            await _drain.RemoveAsync(writer);
            await writer.WrittenAsync();
            if (writer.Ledger.Failure is not null)
            {
                // The disk refused what was queued at the end, and with it went the close: nobody else would go back.
                await _drain.DoAsync(writer.Stop);
                await writer.WrittenAsync();
            }

            Log.Stopped(_logger, cameraId, stream);
        }
    }

    /// <summary>A recording that failed in an unforeseen way begins again from the files.</summary>
    private async Task RestartAsync(RecordingWriter broken)
    {
        await Task.Delay(s_restartDelay, _context.Time);
        await _gate.WaitAsync();
        try
        {
            if (_writers.TryGetValue((broken.CameraId, broken.Stream), out var writer) && writer == broken)
            {
                await broken.WrittenAsync();
                await RunAsync(broken.Spec, resume: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.RestartFailed(_logger, broken.CameraId, broken.Stream, e.Message);
            _ = RestartAsync(broken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3200, LogLevel.Information, "Camera {CameraId} {Stream}: recording ({Mode})")]
        public static partial void Started(ILogger logger, string cameraId, string stream, string mode);

        [LoggerMessage(3201, LogLevel.Information, "Camera {CameraId} {Stream}: recording ended")]
        public static partial void Stopped(ILogger logger, string cameraId, string stream);

        [LoggerMessage(3202, LogLevel.Error, "The recordings to run could not be read; the file is kept as {Path}, control sends them again")]
        public static partial void StateUnreadable(ILogger logger, string path);

        [LoggerMessage(3203, LogLevel.Error, "Camera {CameraId} {Stream}: cannot begin again ({Reason}), trying again")]
        public static partial void RestartFailed(ILogger logger, string cameraId, string stream, string reason);
    }
}
