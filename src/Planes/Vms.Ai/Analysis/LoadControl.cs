using Vms.Ai.Events;

namespace Vms.Ai.Analysis;

/// <summary>
/// Keeps the plane from taking on more than it can do: when threads are busy all the time, detectors refuse pictures or a stream falls behind, fewer
/// pictures are looked at of every camera, all in the same proportion, down to keyframes alone; when there is room again, more. Any thread.
/// </summary>
internal sealed partial class LoadControl(EventOutbox outbox, TimeProvider time, ILogger<LoadControl> logger)
{
    /// <summary>Parts of the rate wanted; at the last one keyframes alone are decoded.</summary>
    private static readonly double[] s_parts = [1, 0.7, 0.5, 0.35, 0.2, 0.1];

    private const double Busy = 0.92;
    private const double Room = 0.7;

    /// <summary>In a row: a stream that begins, or goes on after a restart, has some seconds to catch up with.</summary>
    private const int BusyLooks = 3;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private long _lookedAt = time.GetTimestamp();
    private long _calmSince = time.GetTimestamp();
    private long _refused;
    private int _behind;
    private int _busyLooks;
    private volatile int _level;
    private (DateTimeOffset At, string Id)? _overload;

    /// <summary>Of the rate wanted, so much is looked at.</summary>
    internal double Part => s_parts[_level];

    /// <summary>Even that was too much: nothing but keyframes.</summary>
    internal bool KeyframesOnly => _level == s_parts.Length - 1;

    internal bool IsOverloaded => _level > 0;

    /// <summary>A stream has not caught up with its log for a while.</summary>
    internal void Behind() => Interlocked.Increment(ref _behind);

    /// <summary>Called by the threads now and then.</summary>
    /// <param name="busyShare">Of the busiest thread, 0..1, since the last look.</param>
    /// <param name="refused">By the detectors since the start.</param>
    internal void Look(Func<double> busyShare, long refused)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < s_lookInterval || !_gate.TryEnter())
            return;
        try
        {
            if (time.GetElapsedTime(_lookedAt) < s_lookInterval)
                return;
            long now = time.GetTimestamp();
            _lookedAt = now;
            Decide(busyShare(), refused, now);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Decide(double busy, long refused, long now)
    {
        int behind = Interlocked.Exchange(ref _behind, 0);
        long newRefused = refused - _refused;
        _refused = refused;
        _busyLooks = busy > Busy ? _busyLooks + 1 : 0;
        string? reason = behind > 0 ? "streams fall behind" : newRefused > 0 ? "detectors refuse pictures" : _busyLooks >= BusyLooks ? "the processors are busy" : null;
        if (reason is not null)
        {
            (_calmSince, _busyLooks) = (now, 0);
            if (_level == s_parts.Length - 1)
                return;
            _level++;
            Log.Lowered(logger, Part, reason);
            Tell(reason);
        }
        else if (busy > Room)
        {
            _calmSince = now;
        }
        else if (_level > 0 && time.GetElapsedTime(_calmSince, now) >= s_calm)
        {
            _calmSince = now;
            _level--;
            Log.Raised(logger, Part);
            Tell("");
        }
    }

    /// <summary>One event for the time from the first lowering to the last raising.</summary>
    private void Tell(string reason)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isOver = _level == 0;
        var (at, id) = _overload ?? (now, AnalyticsEvent.IdOf("system.aiOverload", now.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        _overload = isOver ? null : (at, id);
        outbox.Add("", new AnalyticsEvent(id, "system.aiOverload", "", at, isOver ? now : null, null, AnalyticsEvent.FromAnalytics, new AnalyticsData
        {
            Severity = "warning",
            Reason = reason.Length == 0 ? null : reason,
            RatePart = Part,
        }), isOver ? null : $"{id}/{_level}/{now.UtcTicks}");
    }

    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Warning, "Analysis is too much for this machine ({Reason}): every camera is looked at {Part} times as often as wanted from now on")]
        public static partial void Lowered(ILogger logger, double part, string reason);

        [LoggerMessage(4051, LogLevel.Information, "There is room for analysis again: every camera is looked at {Part} times as often as wanted from now on")]
        public static partial void Raised(ILogger logger, double part);
    }
}
