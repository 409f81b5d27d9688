using Microsoft.Extensions.Logging;
using Vms.Native.Files;
using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>
/// Growth: a new file with a new epoch, the history copied into it, renamed into place, the old file marked superseded. Growth that
/// measurement asks for is prepared on another thread, one log of the process at a time (reserving a hundred MiB takes tens of milliseconds,
/// and two hundred cameras begin together), and entered by the next <see cref="Append"/>; a record too large for the log makes its own growth wait.
/// </summary>
public sealed partial class StreamLogWriter
{
    private const long CapacityStep = 1 << 20;
    private static readonly TimeSpan s_refusedGrowthPause = TimeSpan.FromMinutes(1);

    /// <summary>A log that holds this much of its stream is not in a hurry: it waits until the bitrate is known, and grows once.</summary>
    private const double UnhurriedSeconds = 10;

    private static readonly TaskScheduler s_oneAtATime = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default).ExclusiveScheduler;

    private GrowthPreparation? _preparation;
    private TimeSpan? _growthRefusedAt;

    /// <summary>Times the log became larger.</summary>
    public long Growths { get; private set; }

    /// <summary>Why the log is smaller than its stream needs; null when it is not. Readers then have less than the outage budget.</summary>
    public string? GrowthRefusal { get; private set; }

    /// <summary>Room for a record of this size: a log holds at least four of its largest, two where it may not grow.</summary>
    private bool MakeRoomFor(long recordBytes)
    {
        if (_preparation is { Made.IsCompleted: true })
            EnterPrepared();
        if (recordBytes <= _ring.Capacity / 4)
            return true;
        if (_preparation is not null)
            EnterNow();
        if (recordBytes > _ring.Capacity / 4 && MayGrow(recordBytes * 4, _time.GetElapsedTime(0, _time.GetTimestamp()), out long capacity))
        {
            Plan(capacity);
            EnterNow();
        }

        return recordBytes <= _ring.Capacity / 2;
    }

    private void GrowAsMeasured(TimeSpan now)
    {
        if (_meter.NeededBytes <= _ring.Capacity || _preparation is not null)
            return;
        bool unhurried = _ring.Capacity >= UnhurriedSeconds * _meter.PeakBytesPerSecond;
        if ((_meter.IsSettled || !unhurried) && MayGrow(_meter.NeededBytes, now, out long capacity))
        {
            Plan(capacity);
            Task.Factory.StartNew(_preparation!.Run, CancellationToken.None, TaskCreationOptions.None, s_oneAtATime);
        }
    }

    /// <summary>A method of its own: a lambda's captured variables are allocated on entry of the method they are in.</summary>
    private void Plan(long capacity) => _preparation = new GrowthPreparation(() => Prepare(capacity));

    /// <summary>The record that comes does not fit: whoever has not begun yet leaves it to this thread.</summary>
    private void EnterNow()
    {
        _preparation!.Run();
        Task.WaitAny(_preparation.Made);
        EnterPrepared();
    }

    /// <summary>By half at least, so that a slowly rising bitrate does not grow the log every second.</summary>
    private bool MayGrow(long neededBytes, TimeSpan now, out long capacity)
    {
        long wanted = Math.Max(neededBytes, _ring.Capacity + _ring.Capacity / 2);
        capacity = Math.Min((wanted + CapacityStep - 1) / CapacityStep * CapacityStep, _options.MaxCapacityBytes & ~7L);
        return capacity > _ring.Capacity && !(now - _growthRefusedAt < s_refusedGrowthPause);
    }

    /// <summary>Any thread. The file is complete except for what it continues.</summary>
    /// <exception cref="IOException">No room, or none that the owner grants.</exception>
    private RingFile Prepare(long capacity)
    {
        if (_options.GrowthRefusal?.Invoke(capacity - _ring.Capacity) is { } refusal)
            throw new IOException(refusal);
        string consequence = $"It stays as it is and is tried again in {s_refusedGrowthPause.TotalSeconds} s; a reader that pauses loses samples earlier.";
        return Create(_directory, Name, RandomId(), capacity, consequence);
    }

    private void EnterPrepared()
    {
        var made = _preparation!.Made;
        _preparation = null;
        try
        {
            Enter(made.GetAwaiter().GetResult());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StreamLogMetrics.GrowthRefusals.Add(1);
            _growthRefusedAt = _time.GetElapsedTime(0, _time.GetTimestamp());
            GrowthRefusal = e.Message;
            Log.GrowthRefused(_logger, Name, CapacityBytes, e.Message);
        }
    }

    /// <summary>The name goes to the new file before the old one says that it is superseded, so a reader that believes it finds the new one.</summary>
    private void Enter(RingFile next)
    {
        RingFile old = _ring;
        next.ContinueFrom(old, _nextSequence);
        try
        {
            _directory.PutInPlace(Name, next.Epoch);
        }
        catch
        {
            Discard(next);
            throw;
        }

        _ring = next;
        Adopt();
        old.SetState(RingState.Superseded);
        old.Dispose();
        Growths++;
        StreamLogMetrics.Growths.Add(1);
        GrowthRefusal = null;
        Log.Grown(_logger, Name, old.Capacity, next.Capacity, next.Epoch);
    }

    private void AbandonGrowth()
    {
        if (_preparation is not { } preparation || preparation.TryCancel())
            return;
        Task.WaitAny(preparation.Made);
        if (preparation.Made.IsCompletedSuccessfully)
            Discard(preparation.Made.GetAwaiter().GetResult());
    }

    private void Discard(RingFile unfinished)
    {
        unfinished.Dispose();
        StreamLogDirectory.TryDelete(_directory.UnfinishedPath(Name, unfinished.Epoch));
    }

    private static RingFile CreateInPlace(StreamLogDirectory directory, string name, long capacity)
    {
        RingFile ring = Create(directory, name, RandomId(), capacity & ~7L, "The stream is not started until there is room.");
        try
        {
            directory.PutInPlace(name, ring.Epoch);
            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    private static RingFile Create(StreamLogDirectory directory, string name, ulong epoch, long capacity, string consequence)
    {
        try
        {
            return RingFile.Create(directory.UnfinishedPath(name, epoch), epoch, capacity, FirstSequence);
        }
        catch (NoSpaceException e)
        {
            throw new StreamLogSpaceException(name, directory.Path, e.NeededBytes, e.AvailableBytes, consequence);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6410, LogLevel.Warning, "Stream log {Name}: the existing file is not continued ({Reason}); a new epoch starts")]
        public static partial void NotContinued(ILogger logger, string name, string reason);

        [LoggerMessage(6411, LogLevel.Information, "Stream log {Name}: grown from {OldBytes} to {NewBytes} bytes, epoch {Epoch:x16}")]
        public static partial void Grown(ILogger logger, string name, long oldBytes, long newBytes, ulong epoch);

        [LoggerMessage(6412, LogLevel.Warning, "Stream log {Name}: stays at {Bytes} bytes: {Reason}")]
        public static partial void GrowthRefused(ILogger logger, string name, long bytes, string reason);
    }
}
