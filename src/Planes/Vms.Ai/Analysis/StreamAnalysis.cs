using Vms.Contracts.Ai;
using Vms.StreamLog;

namespace Vms.Ai.Analysis;

/// <summary>
/// One stream under analysis: reads its stream log as samples come and counts them. Begins at the newest keyframe, because analysis is
/// about now. Drain thread only, except for <see cref="Status"/> and <see cref="Generation"/>.
/// </summary>
/// <remarks>States: waiting (no log, or a log without new samples) ↔ draining. A log that moves, grows or gets another writer is
/// followed; a log that is gone is looked for again.</remarks>
internal sealed partial class StreamAnalysis(StreamKey key, long generation, StreamLogDirectory logs, TimeProvider time, ILogger logger) : IDisposable
{
    internal const string Draining = "draining";
    internal const string Waiting = "waiting";

    private const int SamplesPerTurn = 5000;   // before the other streams have their turn
    private static readonly TimeSpan s_openInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);

    private readonly SampleRate _samplesRate = new();
    private readonly SampleRate _keyframesRate = new();
    private StreamLogReader? _reader;
    private TimeSpan? _triedToOpen;
    private TimeSpan? _lastSample;
    private bool _openFailureLogged;
    private long _generation = generation;
    private long _samples;
    private long _overruns;
    private volatile string _state = Waiting;

    internal StreamKey Key => key;

    internal long Generation
    {
        get => Volatile.Read(ref _generation);
        set => Volatile.Write(ref _generation, value);
    }

    internal long Samples => Volatile.Read(ref _samples);

    internal long Overruns => Volatile.Read(ref _overruns);

    internal double SamplesPerSecond => _samplesRate.PerSecond;

    /// <summary>Any thread.</summary>
    internal AnalysisStatus Status => new()
    {
        CameraId = key.CameraId,
        Stream = key.Stream,
        Generation = Generation,
        State = _state,
        SamplesPerSecond = Math.Round(_samplesRate.PerSecond, 2),
        KeyframesPerSecond = Math.Round(_keyframesRate.PerSecond, 2),
        Samples = Samples,
        Overruns = Overruns,
    };

    /// <summary>Reads what is there, at most one turn. True when there is more.</summary>
    internal bool Drain()
    {
        TimeSpan now = time.GetElapsedTime(0, time.GetTimestamp());
        int samples = 0, keyframes = 0;
        bool more = HasReader(now);
        for (int reads = 0; more && reads < SamplesPerTurn; reads++)
            more = ReadOne(ref samples, ref keyframes);

        Volatile.Write(ref _samples, _samples + samples);
        _samplesRate.Add(now, samples);
        _keyframesRate.Add(now, keyframes);
        if (samples > 0)
            _lastSample = now;
        string state = now - _lastSample < s_quiet ? Draining : Waiting;
        if (state != _state)
        {
            _state = state;
            Log.State(logger, key.CameraId, key.Stream, state);
        }

        return more;
    }

    private bool ReadOne(ref int samples, ref int keyframes)
    {
        switch (_reader!.TryRead(out SampleLease lease))
        {
            case ReadOutcome.Sample:
                bool keyframe = lease.Header.IsKeyframe;
                if (lease.Commit())
                {
                    samples++;
                    keyframes += keyframe ? 1 : 0;
                }

                return true;
            case ReadOutcome.Overrun:
                Volatile.Write(ref _overruns, _overruns + 1);
                Log.Overrun(logger, key.CameraId, key.Stream, _reader.LastOverrun.Count);
                return true;
            case ReadOutcome.Moved:
                return true;
            case ReadOutcome.Closed:
                _reader.Dispose();
                _reader = null;
                return false;
            default:
                return false;
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
            if (!StreamLogReader.TryOpen(logs, key.ToString(), time, out _reader))
                return false;
            _reader.SeekToLastKeyframe();
            _openFailureLogged = false;
            return true;
        }
        catch (IOException e)
        {
            if (!_openFailureLogged)
                Log.CannotOpen(logger, key.CameraId, key.Stream, e.Message);
            _openFailureLogged = true;
            return false;
        }
    }

    public void Dispose() => _reader?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Information, "Camera {CameraId} {Stream}: analysis is {State}")]
        public static partial void State(ILogger logger, string cameraId, string stream, string state);

        [LoggerMessage(4011, LogLevel.Warning, "Camera {CameraId} {Stream}: analysis was too slow, {Samples} samples were overwritten; it goes on at the next keyframe")]
        public static partial void Overrun(ILogger logger, string cameraId, string stream, long samples);

        [LoggerMessage(4012, LogLevel.Warning, "Camera {CameraId} {Stream}: the stream log cannot be opened ({Reason}), trying again")]
        public static partial void CannotOpen(ILogger logger, string cameraId, string stream, string reason);
    }
}
