using System.Globalization;
using System.Text.Json;
using Vms.Ai.Events;
using Vms.Hosting;

namespace Vms.Ai.Analysis;

/// <summary>
/// Keeps the plane from taking on more than it can do: when threads are busy all the time, detectors refuse pictures or a stream falls behind, fewer
/// pictures are looked at of every camera, all in the same proportion, down to keyframes alone; when there is room again, more. Any thread, and none any more when
/// it is disposed.
/// </summary>
internal sealed partial class LoadControl : IDisposable
{
    /// <summary>Parts of the rate wanted; at the last one keyframes alone are decoded.</summary>
    private static readonly double[] s_parts = [1, 0.7, 0.5, 0.35, 0.2, 0.1];

    private const double Busy = 0.92;
    private const double Room = 0.7;

    /// <summary>In a row: a stream that begins, or goes on after a restart, has some seconds to catch up with.</summary>
    private const int BusyLooks = 3;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(20);

    private readonly AnalysisEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger<LoadControl> _logger;
    private readonly string _path;
    private readonly Lock _gate = new();
    private long _lookedAt;
    private long _calmSince;
    private long _refused;
    private int _behind;
    private int _busyLooks;
    private volatile int _level;
    private Overload? _overload;

    public LoadControl(PlaneOptions options, AnalysisEvents events, TimeProvider time, ILogger<LoadControl> logger)
    {
        (_events, _time, _logger) = (events, time, logger);
        (_lookedAt, _calmSince) = (time.GetTimestamp(), time.GetTimestamp());
        string directory = Path.Combine(options.StateDirectory, "analysis");
        PrivateFiles.CreateDirectory(options.StateDirectory);
        PrivateFiles.CreateDirectory(directory);
        _path = Path.Combine(directory, "overload.json");
        _overload = Load();
        if (_overload is not null)
            Tell("");       // the plane ended in the middle of it and begins anew
    }

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
        if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < s_lookInterval || !_gate.TryEnter())
            return;
        try
        {
            if (_time.GetElapsedTime(_lookedAt) < s_lookInterval)
                return;
            long now = _time.GetTimestamp();
            _lookedAt = now;
            Decide(busyShare(), refused, now);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Nothing is analysed any more, so it is not too much any more.</summary>
    public void Dispose()
    {
        _level = 0;
        if (_overload is not null)
            Tell("");
    }

    private void Decide(double busy, long refused, long now)
    {
        int behind = Interlocked.Exchange(ref _behind, 0);
        long newRefused = refused - _refused;
        _refused = refused;
        _busyLooks = busy > Busy ? _busyLooks + 1 : 0;
        string? reason = behind > 0 ? "fallingBehind" : newRefused > 0 ? "detectorsRefuse" : _busyLooks >= BusyLooks ? "processorsBusy" : null;
        if (reason is not null)
        {
            (_calmSince, _busyLooks) = (now, 0);
            if (_level == s_parts.Length - 1)
                return;
            _level++;
            Log.Lowered(_logger, Part, reason);
            Tell(reason);
        }
        else if (busy > Room)
        {
            _calmSince = now;
        }
        else if (_level > 0 && _time.GetElapsedTime(_calmSince, now) >= s_calm)
        {
            _calmSince = now;
            _level--;
            Log.Raised(_logger, Part);
            Tell("");
        }
    }

    /// <summary>One event for the time from the first lowering to the last raising.</summary>
    /// <param name="reason">Stable code; empty when there is room again.</param>
    private void Tell(string reason)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool isOver = _level == 0;
        Overload overload = _overload ?? new Overload(now, AnalyticsEvent.IdOf("system.aiOverload", now.UtcTicks.ToString(CultureInfo.InvariantCulture)));
        _events.Add("", new AnalyticsEvent(overload.Id, "system.aiOverload", "", overload.At, isOver ? now : null, null, AnalyticsEvent.FromAnalytics, new AnalyticsData
        {
            Severity = "warning",
            Reason = reason.Length == 0 ? null : reason,
            RatePart = Part,
        }), isOver ? null : $"{overload.Id}/{_level}/{now.UtcTicks}");
        bool isNew = _overload is null;
        _overload = isOver ? null : overload;
        if (isNew || isOver)
            Store();
    }

    /// <summary>For the next run, should this one end meanwhile.</summary>
    private void Store()
    {
        try
        {
            if (_overload is null)
                File.Delete(_path);
            else
                PrivateFiles.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_overload));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk has a message of its own; this event may then go on for longer than it did.
        }
    }

    private Overload? Load()
    {
        try
        {
            var stored = File.Exists(_path) ? JsonSerializer.Deserialize<Overload>(File.ReadAllBytes(_path)) : null;
            return Guid.TryParse(stored?.Id, out _) ? stored : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Overload(DateTimeOffset At, string Id);

    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Warning, "Analysis is too much for this machine ({Reason}): every camera is looked at {Part} times as often as wanted from now on")]
        public static partial void Lowered(ILogger logger, double part, string reason);

        [LoggerMessage(4051, LogLevel.Information, "There is room for analysis again: every camera is looked at {Part} times as often as wanted from now on")]
        public static partial void Raised(ILogger logger, double part);
    }
}
