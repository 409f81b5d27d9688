using Vms.Codecs;
using Vms.Contracts.Ai;
using Vms.StreamLog;

namespace Vms.Ai.Analysis;

/// <summary>
/// One stream under analysis: reads its stream log as samples come, counts them, and has them decoded and looked at. Begins at the newest keyframe, because
/// analysis is about now, or where it was before a restart. Its thread only, except for <see cref="Status"/> and <see cref="Apply"/>.
/// </summary>
/// <remarks>States: waiting (no log, or a log without new samples) ↔ draining; leftOut while decoding it has ended the process too often. A log that moves,
/// grows or gets another writer is followed; a log that is gone is looked for again.</remarks>
internal sealed partial class StreamAnalysis(AnalysisSpec spec, AnalysisParts parts, ILogger logger) : IDisposable
{
    internal const string Draining = "draining";
    internal const string Waiting = "waiting";
    internal const string LeftOut = "leftOut";

    private const int SamplesPerTurn = 5000;   // before the other streams have their turn
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_openInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);

    /// <summary>A stream that has not caught up with its log for so long goes on at the newest keyframe.</summary>
    private static readonly TimeSpan s_behind = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_soonAgain = TimeSpan.FromSeconds(30);

    private readonly SampleRate _samplesRate = new();
    private readonly SampleRate _keyframesRate = new();
    private readonly SampleRate _picturesRate = new();
    private readonly SampleRate _detectionsRate = new();
    private readonly StreamDecoding _decoding = new(spec, parts);
    private StreamLogReader? _reader;
    private TimeSpan? _triedToOpen;
    private TimeSpan? _lastSample;
    private TimeSpan? _behindSince;
    private TimeSpan? _skippedAt;
    private bool _openFailureLogged;
    private AnalysisSpec? _next;               // applied by the thread at its next turn
    private long _generation = spec.Generation;
    private long _samples;
    private long _overruns;
    private volatile string _state = Waiting;

    internal StreamKey Key { get; } = new(spec.CameraId, spec.Stream);

    /// <summary>Of the thread that it is on: set before its first turn, as <see cref="Wake"/>.</summary>
    internal int Place { get; set; }

    /// <summary>Has that thread look again at once.</summary>
    internal Action Wake { get; set; } = () => { };

    internal long Samples => Volatile.Read(ref _samples);

    internal long Overruns => Volatile.Read(ref _overruns);

    internal double SamplesPerSecond => _samplesRate.PerSecond;

    internal double PicturesPerSecond => _picturesRate.PerSecond;

    internal long Pictures => _decoding.Pictures;

    internal long Detections => _decoding.Detections;

    /// <summary>Any thread.</summary>
    internal AnalysisStatus Status
    {
        get
        {
            DateTimeOffset? until = parts.Crashes.LeftOutUntil(Key.ToString());
            return new()
            {
                CameraId = Key.CameraId,
                Stream = Key.Stream,
                Generation = Volatile.Read(ref _generation),
                State = until is null ? _state : LeftOut,
                Reason = until is null ? _decoding.Reason : "decoderCrashed",
                SamplesPerSecond = Math.Round(_samplesRate.PerSecond, 2),
                KeyframesPerSecond = Math.Round(_keyframesRate.PerSecond, 2),
                Samples = Samples,
                Overruns = Overruns,
                PicturesPerSecond = Math.Round(_picturesRate.PerSecond, 2),
                WantedPerSecond = _decoding.WantedPerSecond,
                DetectionsPerSecond = Math.Round(_detectionsRate.PerSecond, 2),
                Objects = _decoding.Objects,
                Motion = _decoding.IsMoving,
                LeftOutUntilUnixMs = until?.ToUnixTimeMilliseconds() ?? 0,
            };
        }
    }

    /// <summary>Another spec for the same stream. Any thread.</summary>
    internal void Apply(AnalysisSpec next)
    {
        Volatile.Write(ref _generation, next.Generation);
        Volatile.Write(ref _next, next);
        Wake();
    }

    /// <summary>Reads what is there, at most one turn. True when there is more.</summary>
    internal bool Drain()
    {
        TimeSpan now = Now();
        long picturesBefore = _decoding.Pictures, detectionsBefore = _decoding.Detections;
        int samples = 0, keyframes = 0;
        _decoding.TryFinish(Wake);
        if (!_decoding.IsLookingCloser && Interlocked.Exchange(ref _next, null) is { } next)
            _decoding.Apply(next);
        bool more = !_decoding.IsLooking && HasReader(now);
        for (int reads = 0; more && reads < SamplesPerTurn; reads++)
        {
            more = ReadOne(ref samples, ref keyframes);
            if (_decoding.IsLooking || Now() - now > s_turn)
                break;
        }

        Volatile.Write(ref _samples, _samples + samples);
        _samplesRate.Add(now, samples);
        _keyframesRate.Add(now, keyframes);
        _picturesRate.Add(now, (int)(_decoding.Pictures - picturesBefore));
        _detectionsRate.Add(now, (int)(_decoding.Detections - detectionsBefore));
        if (samples > 0)
            _lastSample = now;
        string state = now - _lastSample < s_quiet ? Draining : Waiting;
        if (state != _state)
        {
            _state = state;
            Log.State(logger, Key.CameraId, Key.Stream, state);
        }

        CatchUp(now);
        return more && !_decoding.IsLooking;
    }

    /// <summary>It is no longer wanted: what goes on is over. False while an object is looked at more closely: then again after <see cref="Wake"/>.</summary>
    internal bool TryEnd()
    {
        if (_decoding.IsLookingCloser && !_decoding.TryFinish(Wake))
            return false;
        _decoding.End();
        return true;
    }

    private TimeSpan Now() => parts.Time.GetElapsedTime(0, parts.Time.GetTimestamp());

    private bool ReadOne(ref int samples, ref int keyframes)
    {
        switch (_reader!.TryRead(out SampleLease lease))
        {
            case ReadOutcome.Sample:
                SampleHeader header = lease.Header;
                if (_decoding.Take(_reader, lease, header, Wake))
                {
                    samples++;
                    keyframes += header.IsKeyframe ? 1 : 0;
                }

                return true;
            case ReadOutcome.Overrun:
                Volatile.Write(ref _overruns, _overruns + 1);
                Log.Overrun(logger, Key.CameraId, Key.Stream, _reader.LastOverrun.Count);
                _decoding.Interrupt();
                return true;
            case ReadOutcome.Moved:
                if (_reader.MovedToNewLineage)
                    _decoding.Interrupt();
                return true;
            case ReadOutcome.Closed:
                _reader.Dispose();
                _reader = null;
                _decoding.Interrupt();
                return false;
            default:
                _behindSince = null;
                return false;
        }
    }

    /// <summary>Analysis is about now: what cannot be looked at in time is left out, and others are told that it is too much.</summary>
    private void CatchUp(TimeSpan now)
    {
        if (_reader is null || _reader.BacklogBytes == 0)
        {
            _behindSince = null;
            return;
        }

        _behindSince ??= now;
        if (now - _behindSince < s_behind)
            return;
        _behindSince = now;
        if (_decoding.IsLooking)
        {
            if (!_decoding.IsLoading)
                parts.Load.Behind();
            return;
        }

        // Once is no sign of too much: whoever begins has waited for a model, or for a busy moment of the machine.
        if (now - _skippedAt < s_soonAgain)
            parts.Load.Behind();
        _skippedAt = now;
        long before = _reader.NextSequence;
        if (!_reader.SeekToLastKeyframe())
            return;
        if (_reader.NextSequence > before)
        {
            Log.Skipped(logger, Key.CameraId, Key.Stream, _reader.NextSequence - before);
            _decoding.Interrupt();
        }
        else
        {
            _decoding.Interrupt();      // it stood behind the newest keyframe, and does so again; what it saw already is not looked at twice
        }
    }

    private bool HasReader(TimeSpan now)
    {
        if (_reader is not null)
            return true;
        if (now - _triedToOpen < s_openInterval)
            return false;
        _triedToOpen = now;
        try
        {
            if (!StreamLogReader.TryOpen(parts.Logs, Key.ToString(), parts.Time, out _reader))
                return false;
            if (_decoding.ResumeFromUs is not { } from || !_reader.SeekToKeyframeAtOrBefore(from))
                _reader.SeekToLastKeyframe();
            _openFailureLogged = false;
            return true;
        }
        catch (IOException e)
        {
            if (!_openFailureLogged)
                Log.CannotOpen(logger, Key.CameraId, Key.Stream, e.Message);
            _openFailureLogged = true;
            return false;
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _decoding.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Information, "Camera {CameraId} {Stream}: analysis is {State}")]
        public static partial void State(ILogger logger, string cameraId, string stream, string state);

        [LoggerMessage(4011, LogLevel.Warning, "Camera {CameraId} {Stream}: analysis was too slow, {Samples} samples were overwritten; it goes on at the next keyframe")]
        public static partial void Overrun(ILogger logger, string cameraId, string stream, long samples);

        [LoggerMessage(4012, LogLevel.Warning, "Camera {CameraId} {Stream}: the stream log cannot be opened ({Reason}), trying again")]
        public static partial void CannotOpen(ILogger logger, string cameraId, string stream, string reason);

        [LoggerMessage(4013, LogLevel.Warning, "Camera {CameraId} {Stream}: analysis was too slow, {Samples} samples are left out; it goes on at the newest keyframe")]
        public static partial void Skipped(ILogger logger, string cameraId, string stream, long samples);
    }
}
