using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Triggers;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Recordings;

/// <summary>What happened, and what somebody wants recorded now: kept on disk, and told to the recordings it concerns.</summary>
internal sealed partial class RecordingRegistry
{
    /// <summary>A recording that runs for a manual one alone ends so long after it: until then its last samples are written.</summary>
    private static readonly TimeSpan s_afterManual = TimeSpan.FromSeconds(2);

    /// <summary>A manual recording that ended while the recorder was away gets so long: what the stream log has of it is recorded, the rest is booked.</summary>
    private static readonly TimeSpan s_catchUp = TimeSpan.FromSeconds(30);

    /// <summary>That something goes on for longer is on disk so much later: whoever says so says it again before the time on disk is up.</summary>
    private static readonly TimeSpan s_bookPause = TimeSpan.FromSeconds(5);

    private const long ShortestManualUs = 1_000_000;

    private bool _bookWaits;        // it is to be saved soon; under the gate

    private long Now => UnixTime.ToMicroseconds(_context.Time.GetUtcNow());

    /// <summary>Tells recordings what happened. When this returns it is on disk, too, unless the disk refuses, or it only goes on for longer than is
    /// there, or no recording waits for it.</summary>
    public async Task TriggerAsync(IReadOnlyList<Happening> happened)
    {
        await _gate.WaitAsync();
        try
        {
            var concerned = happened.Where(h => _desired.All.Any(s => s.CameraId == h.CameraId)).ToList();
            if (concerned.Count > 0)
            {
                await AddAsync(concerned);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Records a stream from now on, whatever its mode; one that goes on already goes on until the later end.</summary>
    /// <returns>When it ends, Unix milliseconds; null when nothing is known of this stream.</returns>
    public async Task<long?> StartManualAsync(StartManualRequest request)
    {
        await _gate.WaitAsync();
        try
        {
            if (_desired.Of(request.CameraId, request.Stream) is not { } spec)
            {
                return null;
            }

            long now = Now;
            // What happened a while ago is recorded from then, as far as the stream log has it, and for a moment from now at least: a recording of the past alone would
            // be over before it begins.
            long atUs = request.AtUnixMs > 0 ? Math.Clamp(request.AtUnixMs, (now - TriggerBook.OldestUs) / 1000, now / 1000) * 1000 : now;
            long untilUs = Math.Max(Math.Max(atUs + (request.Seconds * 1_000_000L), now + ShortestManualUs), _book.ManualOf(spec.CameraId, spec.Stream, now)?.UntilUs ?? 0);
            await AddAsync(
                [
                    new Happening(
                        spec.CameraId, RecordingClass.Manual, atUs - (request.PreRollSeconds * 1_000_000L), untilUs, request.Reason, request.By, spec.Stream),
                ]);
            if (!_writers.ContainsKey((spec.CameraId, spec.Stream)))
            {
                await RunAsync(spec, resume: false);
            }

            EndWhenOver(spec, untilUs);
            Log.ManualStarted(_logger, spec.CameraId, spec.Stream, request.By, UnixTime.FromMicroseconds(untilUs), request.Reason);
            return untilUs / 1000;
        }
        finally
        {
            _gate.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>Ends the manual recording of a stream.</summary>
    /// <returns>False when none goes on.</returns>
    public async Task<bool> StopManualAsync(string cameraId, string stream)
    {
        await _gate.WaitAsync();
        try
        {
            long now = Now;
            if (_book.ManualOf(cameraId, stream, now) is null)
            {
                return false;
            }

            KeepBook(_book.WithoutManual(cameraId, stream, now));
            if (_writers.TryGetValue((cameraId, stream), out var writer))
            {
                await _drain.DoAsync(() => writer.EndManual(now));
            }

            if (_desired.Of(cameraId, stream) is { } spec)
            {
                EndWhenOver(spec, now);
            }

            Log.ManualEnded(_logger, cameraId, stream);
            return true;
        }
        finally
        {
            _gate.Release();
            Changed?.Invoke();
        }
    }

    private static void Tell(RecordingWriter writer, Happening happening)
    {
        if (happening.Kind == RecordingClass.Manual)
        {
            writer.StartManual(happening.FromUs, happening.UntilUs);
        }
        else
        {
            writer.Trigger(happening.Kind, happening.FromUs, happening.UntilUs);
        }
    }

    private bool Runs(RecordingSpec spec) =>
        RecordingSchedule.Of(spec, out _).WantsAnything || _book.ManualOf(spec.CameraId, spec.Stream, Now) is not null;

    private async Task AddAsync(IReadOnlyList<Happening> happened)
    {
        var before = _book;
        long now = Now;
        var news = before.NewsIn(happened, now);
        if (news.Count == 0)
        {
            return;
        }

        var book = before.With(news, now);
        await _drain.DoAsync(() =>
        {
            foreach (var happening in news)
            {
                bool changes = before.Find(happening) is not null;
                foreach (var writer in _running.Where(w => happening.Concerns(w.CameraId, w.Stream)))
                {
                    if (changes)
                    {
                        writer.Retrigger(happening, book.Of(writer.CameraId, writer.Stream).Where(h => h.Kind == happening.Kind));
                    }
                    else
                    {
                        Tell(writer, happening);
                    }
                }
            }
        });
        var awaited = news.Where(IsAwaited).ToList();
        if (!awaited.All(before.IsProlongedBy))
        {
            KeepBook(book);
            return;
        }

        _book = book;
        if (awaited.Count > 0 && !_bookWaits)
        {
            _bookWaits = true;
            _ = KeepBookSoonAsync();
        }
    }

    /// <summary>Some recording depends on it: one that records always, or never, does not.</summary>
    private bool IsAwaited(Happening happening) => _desired.All.Any(s =>
        happening.Concerns(s.CameraId, s.Stream)
        && (happening.Kind == RecordingClass.Manual || RecordingSchedule.Of(s, out _) is { WantsAnything: true, IsContinuous: false }));

    private async Task KeepBookSoonAsync()
    {
        await Task.Delay(s_bookPause, _context.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stopping.IsCancellationRequested)
        {
            return;     // saved at the end
        }

        await _gate.WaitAsync();
        try
        {
            if (_bookWaits)
            {
                KeepBook(_book);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private void KeepBook(TriggerBook book)
    {
        _book = book;
        _bookWaits = false;
        try
        {
            _bookStore.Save(book);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.BookNotKept(_logger, e.Message);
        }
    }

    private void LoadBook()
    {
        _book = _bookStore.Load(out string? unreadable) ?? TriggerBook.Empty;
        if (unreadable is not null)
        {
            Log.BookUnreadable(_logger, unreadable);
        }

        foreach (var spec in _desired.All)
        {
            if (_book.ManualOf(spec.CameraId, spec.Stream, Now) is { } manual)
            {
                EndWhenOver(spec, manual.UntilUs);
            }
        }
    }

    /// <summary>It was to be recorded until a time at which nobody did, and nothing else has this stream recorded.</summary>
    private async Task CatchUpAsync(RecordingSpec spec)
    {
        if (_book.HasEndedManual(spec.CameraId, spec.Stream, Now))
        {
            await RunAsync(spec, resume: true);
            _ = EndWhenOverAsync(spec.CameraId, spec.Stream, s_catchUp);
        }
    }

    /// <summary>A stream that is recorded only because somebody wanted it now is let go of afterwards.</summary>
    private void EndWhenOver(RecordingSpec spec, long untilUs)
    {
        if (!RecordingSchedule.Of(spec, out _).WantsAnything)
        {
            _ = EndWhenOverAsync(spec.CameraId, spec.Stream, TimeSpan.FromMicroseconds(Math.Max(0, untilUs - Now)) + s_afterManual);
        }
    }

    private async Task EndWhenOverAsync(string cameraId, string stream, TimeSpan wait)
    {
        await Task.Delay(wait, _context.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _gate.WaitAsync();
        try
        {
            if (_desired.Of(cameraId, stream) is { } spec && !Runs(spec))
            {
                await EndAsync(cameraId, stream);
                KeepBook(_book.WithoutEndedManual(cameraId, stream, Now));
            }
        }
        finally
        {
            _gate.Release();
            Changed?.Invoke();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3204, LogLevel.Information, "Camera {CameraId} {Stream}: {By} records until {Until:O}: {Reason}")]
        public static partial void ManualStarted(ILogger logger, string cameraId, string stream, string by, DateTimeOffset until, string reason);

        [LoggerMessage(3205, LogLevel.Information, "Camera {CameraId} {Stream}: the manual recording was ended")]
        public static partial void ManualEnded(ILogger logger, string cameraId, string stream);

        [LoggerMessage(3207, LogLevel.Error, "What recordings are triggered by cannot be kept on disk ({Reason}): it is recorded, and a restart in the middle of it would forget it")]
        public static partial void BookNotKept(ILogger logger, string reason);

        [LoggerMessage(3206, LogLevel.Warning, "What recordings were triggered by could not be read; the file is kept as {Path}, and what went on is recorded as the modes say")]
        public static partial void BookUnreadable(ILogger logger, string path);
    }
}
