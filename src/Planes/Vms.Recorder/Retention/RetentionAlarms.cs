using Vms.Recorder.Events;

namespace Vms.Recorder.Retention;

/// <summary>Says that a minimum cannot be kept, before anything younger is deleted: once, until it can be kept again. One caller at a time.</summary>
internal sealed partial class RetentionAlarms(RecorderEvents events, TimeProvider time, ILogger logger)
{
    private readonly HashSet<(string CameraId, string Stream)> _broken = [];
    private readonly HashSet<(string CameraId, string Stream)> _overSize = [];

    private readonly HashSet<string> _atRisk = new(StringComparer.Ordinal);     // pools, by folder

    private bool _clockDoubted;

    /// <summary>It was said of this pool, and is still so.</summary>
    public bool IsAtRisk(string pool) => _atRisk.Contains(pool);

    /// <summary>The pool lacks room, and everything in it is younger than its minimum, bookmarked or held. Nothing of that was deleted yet.</summary>
    /// <param name="missing">Bytes.</param>
    public void MinimumAtRisk(string pool, long missing, KeptBytes kept)
    {
        if (_atRisk.Add(pool))
        {
            Log.AtRisk(logger, pool, missing, kept.Hold, kept.Clip);
            events.RetentionAtRisk(pool, time.GetUtcNow(), missing, kept.Hold, kept.Clip);
        }
    }

    /// <summary>Something of a stream that was to be kept for longer is going to be deleted.</summary>
    public void MinimumBroken(StoredSegment segment, string reason)
    {
        if (_broken.Add((segment.Name.CameraId, segment.Name.Stream)))
        {
            Log.Broken(logger, segment.Name.CameraId, segment.Name.Stream, segment.Name.Start, reason);
            events.RetentionBroken(segment.Name.CameraId, segment.Name.Stream, time.GetUtcNow(), segment.Name.Start, reason);
        }
    }

    /// <summary>A stream has more bytes than its limit, because it must be kept for longer.</summary>
    public void OverSize(string cameraId, string stream, long bytes)
    {
        if (bytes <= 0)
        {
            _overSize.Remove((cameraId, stream));
        }
        else if (_overSize.Add((cameraId, stream)))
        {
            Log.OverSize(logger, cameraId, stream, bytes);
        }
    }

    /// <summary>Is the wall clock doubted, and which time counts in its place?</summary>
    public void Clock(bool isDoubted, DateTimeOffset believed)
    {
        if (isDoubted != _clockDoubted)
        {
            _clockDoubted = isDoubted;
            var now = time.GetUtcNow();
            if (isDoubted)
            {
                Log.ClockAhead(logger, now, believed, RetentionClock.BelievedAfter.TotalHours);
                events.RetentionClockAhead(now, believed);
            }
            else
            {
                Log.ClockBelieved(logger, now);
            }
        }
    }

    /// <summary>There is room in this pool without breaking a promise.</summary>
    public void MinimumKept(string pool)
    {
        _atRisk.Remove(pool);
        if (_atRisk.Count == 0)
        {
            _broken.Clear();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3313, LogLevel.Error,
            "The clock says {Now:O} where {Believed:O} was expected: it jumped ahead, or nothing was recorded for long. Nothing gets old by it, and no bookmark ends, until it is "
            + "put right or has said so for {Hours} hours")]
        public static partial void ClockAhead(ILogger logger, DateTimeOffset now, DateTimeOffset believed, double hours);

        [LoggerMessage(3314, LogLevel.Information, "Retention goes by the clock again: {Now:O}")]
        public static partial void ClockBelieved(ILogger logger, DateTimeOffset now);

        [LoggerMessage(
            3310, LogLevel.Error,
            "Pool {Root} lacks {Missing} bytes of room, and what is left is younger than its minimum, bookmarked or held (holds keep {HoldBytes} bytes, clips {ClipBytes}); "
            + "when the last room is gone, the oldest goes that is not held")]
        public static partial void AtRisk(ILogger logger, string root, long missing, long holdBytes, long clipBytes);

        [LoggerMessage(
            3311, LogLevel.Critical,
            "Camera {CameraId} {Stream}: the minimum cannot be kept, the disk has no other room; what begins at {From} is deleted, and what follows as needed ({Reason})")]
        public static partial void Broken(ILogger logger, string cameraId, string stream, DateTimeOffset from, string reason);

        [LoggerMessage(
            3312, LogLevel.Warning,
            "Camera {CameraId} {Stream}: {Bytes} bytes above its limit stay, because they are younger than its minimum of days; give it more bytes or fewer days")]
        public static partial void OverSize(ILogger logger, string cameraId, string stream, long bytes);
    }
}
