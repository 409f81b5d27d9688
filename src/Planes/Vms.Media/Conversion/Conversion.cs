using System.ComponentModel;
using Vms.Codecs;
using Vms.Hosting.Transcoding;
using Vms.Media.Ingest;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Conversion;

/// <summary>
/// A stream converted to H.264 for browsers that cannot play it: once for all its viewers, only while there are some, as a live
/// stream of its own. A child that dies or stands still is replaced; the viewers stay.
/// </summary>
internal sealed partial class Conversion : IAsyncDisposable
{
    private const string Suffix = "-h264";

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    /// <summary>Work that went well for this long makes an end a new matter.</summary>
    private static readonly TimeSpan s_fine = TimeSpan.FromSeconds(10);

    private readonly LiveStream _source;
    private readonly ConversionResources _shared;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private IDisposable? _slot;                     // under the gate
    private volatile ConversionRun? _working;
    private volatile string? _failure;
    private volatile string? _noSlot;               // why slots cannot be had at all: the disk, not the number of them

    public Conversion(LiveStream source, ConversionResources shared)
    {
        _source = source;
        _shared = shared;
        _logger = shared.Loggers.CreateLogger<Conversion>();
        Live = new LiveStream(source.CameraId, source.Name + Suffix, shared.Logs, shared.Time);
        _run = Task.Run(RunAsync);
    }

    /// <summary>What viewers watch.</summary>
    public LiveStream Live { get; }

    /// <summary>A child is at work, or about to be.</summary>
    public bool IsActive
    {
        get
        {
            lock (_gate)
                return _slot is not null;
        }
    }

    /// <summary>Process id of the child; null while there is none.</summary>
    public int? ChildId => _working?.ChildId;

    /// <summary>Why the last child brought no picture, or cannot be started; null when it did.</summary>
    public string? Failure => _noSlot ?? _failure;

    /// <summary>It is not known whether a slot is free.</summary>
    public bool HasNoSlots => _noSlot is not null;

    public static bool IsConverted(LiveStream stream) => stream.Name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Begins before the first viewer is there, and waits for it.</summary>
    /// <returns>False when all slots of the node are taken, or cannot be had: see <see cref="HasNoSlots"/>.</returns>
    public bool TryPrepare()
    {
        var demand = Live.Demand();
        if (!TryReserve())
        {
            demand.Dispose();
            return false;
        }

        _ = LetGoAsync(demand);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task LetGoAsync(IDisposable demand)
    {
        using (demand)
            await Task.Delay(_shared.Options.Linger, _shared.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool TryReserve()
    {
        lock (_gate)
        {
            try
            {
                _slot ??= _shared.Slots.TryTake();
                _noSlot = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_noSlot != e.Message)
                    Log.NoSlot(_logger, Live.CameraId, Live.Name, e.Message);
                _noSlot = e.Message;
            }

            return _slot is not null;
        }
    }

    private async Task RunAsync()
    {
        using var demand = new DemandWatch(Live, _shared.Time);
        try
        {
            while (true)
            {
                await demand.WaitForDemandAsync(_stop.Token);
                if (TryReserve())
                    await ServeAsync(demand);
                else
                    await Task.Delay(s_retry, _shared.Time, _stop.Token);       // a viewer with an address of its own: it waits for a slot
            }
        }
        catch (OperationCanceledException)
        {
            // The plane stops, or the camera is gone.
        }
    }

    /// <summary>From the first viewer until some time after the last.</summary>
    private async Task ServeAsync(DemandWatch demand)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var leaving = EndWithoutViewersAsync(demand, life);
        try
        {
            using var pulled = _source.Demand();
            await ConvertAsync(life.Token);
        }
        finally
        {
            await life.CancelAsync();
            await leaving;
            lock (_gate)
            {
                _slot?.Dispose();
                _slot = null;
            }
        }
    }

    private async Task EndWithoutViewersAsync(DemandWatch demand, CancellationTokenSource life)
    {
        try
        {
            await demand.WaitForNoDemandAsync(_shared.Options.Linger, life.Token);
            await life.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It has ended otherwise.
        }
    }

    private async Task ConvertAsync(CancellationToken stop)
    {
        var backoff = new Backoff(_shared.Options.MinBackoff, _shared.Options.MaxBackoff);
        ConvertedLog? log = null;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                TimeSpan wait;
                try
                {
                    log ??= TryOpenLog();
                    wait = log is null ? s_retry : await RunChildAsync(log, backoff, stop);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.Failed(_logger, Live.CameraId, Live.Name, e);
                    wait = _shared.Options.MaxBackoff;
                }

                await Task.Delay(wait, _shared.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            log?.Dispose();
        }
    }

    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> RunChildAsync(ConvertedLog log, Backoff backoff, CancellationToken stop)
    {
        if (await _shared.Transcoders.FindAsync() is not { } encoder)
            return _shared.Options.MaxBackoff;
        var work = new PicturesInWork(_shared.Time);
        using var feed = ConversionFeed.TryOpen(_source, log.LastPts, work, _shared.Counters, _shared.Time, _shared.Options.MaxLag);
        if (feed is null)
            return s_retry;     // the camera is away
        long started = _shared.Time.GetTimestamp();
        ConversionEnd end;
        string complaint;
        bool brought;
        int? exitCode = null;
        try
        {
            using var child = TranscoderProcess.Start(encoder, encoder.Convert("matroska", feed.FirstMs));
            log.Restart();
            Log.Started(_logger, Live.CameraId, Live.Name, feed.Video.Codec, child.Id, encoder.Name);
            var run = new ConversionRun(feed, child, work, log, _source, Live, _shared.Counters, _shared.Options, _shared.Time);
            _working = run;
            end = await run.RunAsync(stop);
            (complaint, brought, exitCode) = (child.Complaint, run.Brought, run.ExitCode);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            (end, complaint, brought) = (ConversionEnd.ChildEnded, e.Message, false);
        }
        finally
        {
            _working = null;
        }

        if (end == ConversionEnd.Stopped)
            return TimeSpan.Zero;
        if (end == ConversionEnd.SourceBroke)
        {
            log.Break(feed.Cause);
            return TimeSpan.Zero;
        }

        _shared.Counters.End(end);
        _failure = brought ? null : complaint;
        // Not for what the hardware cannot help: no process could be started, it stood still on a busy machine, it wrote something else.
        if (!brought && exitCode is not (null or 0))
            _shared.Transcoders.GiveUp(encoder, complaint);
        if (brought && _shared.Time.GetElapsedTime(started) > s_fine)
            backoff.Reset();
        var wait = backoff.Next();
        Log.Ended(_logger, Live.CameraId, Live.Name, end, complaint, wait);
        return wait;
    }

    private ConvertedLog? TryOpenLog()
    {
        var options = ConvertedLog.Options with { GrowthRefusal = _shared.LogMemory.Refusal };
        string? refusal = _shared.LogMemory.Refusal(options.InitialCapacityBytes);
        if (refusal is null)
        {
            var memory = _shared.LogMemory.Reserve(options.InitialCapacityBytes);
            try
            {
                var log = StreamLogWriter.Open(_shared.Logs, Live.LogName, options, _shared.Time, _shared.Loggers.CreateLogger<StreamLogWriter>());
                memory.Use(log);
                return new ConvertedLog(log, Live, memory);
            }
            catch (Exception e)
            {
                memory.Dispose();
                if (e is not (StreamLogException or IOException))
                    throw;
                refusal = e.Message;
            }
        }

        if (_failure != refusal)
            Log.NoLog(_logger, Live.LogName, refusal);
        _failure = refusal;
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(2700, LogLevel.Information, "Camera {CameraId}.{Stream}: {Codec} is converted by process {ProcessId} with {Encoder}")]
        public static partial void Started(ILogger logger, string cameraId, string stream, CodecKind codec, int processId, string encoder);

        [LoggerMessage(2701, LogLevel.Warning, "Camera {CameraId}.{Stream}: the converter is gone ({End}; {Complaint}); another one starts in {Wait}, viewers stay")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, ConversionEnd end, string complaint, TimeSpan wait);

        [LoggerMessage(2703, LogLevel.Error, "Camera {CameraId}.{Stream}: converting failed; it is tried again")]
        public static partial void Failed(ILogger logger, string cameraId, string stream, Exception exception);

        [LoggerMessage(2704, LogLevel.Error, "Camera {CameraId}.{Stream}: no slot to convert in can be had ({Reason}); it is tried again")]
        public static partial void NoSlot(ILogger logger, string cameraId, string stream, string reason);

        [LoggerMessage(2702, LogLevel.Error, "Stream log {Name} cannot be opened, nothing is converted into it: {Reason}")]
        public static partial void NoLog(ILogger logger, string name, string reason);
    }
}
