using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Rtp.Payloads;
using Vms.Rtp.Time;
using Vms.StreamLog;

namespace Vms.Media.Ingest;

/// <summary>
/// Puts the access units of one stream into its log: gives each its PTS on a line that goes on over reconnects and restarts of
/// this plane, its track table version, and the flags that tell readers where something is missing and why. Lives as long as the
/// pipeline; used by one session at a time, on its ingest thread. No allocation, except when the tracks change.
/// </summary>
internal sealed class SampleAppender
{
    public const int VideoTimescale = 90_000;

    private const byte VideoTrack = 0;
    private const long Frame = VideoTimescale / 25;             // least distance between the runs
    private const uint NoSets = uint.MaxValue;

    private readonly LiveStream _live;
    private readonly StreamLogWriter _log;
    private readonly IngestCounters _counters;

    private GapCause _pending;              // of the next sample's discontinuity
    private bool _inRun;
    private bool _hasLast;
    private long _shift;                    // PTS in the log = PTS of the run + this
    private long _maxPts;
    private TimeSpan _lastAt;
    private bool _awaitKeyframe;
    private GapCause _awaitCause;
    private uint _appliedSets = NoSets;
    private uint _tracksVersion;
    private TimeSpan? _keyframeAt;
    private TimeSpan _previousGop;
    private bool _appended;                 // in this pass

    /// <param name="tail">Where the log stood when it was opened; null for a new one.</param>
    public SampleAppender(LiveStream live, StreamLogWriter log, IngestCounters counters, LogTail? tail, IngestTime now)
    {
        _live = live;
        _log = log;
        _counters = counters;
        _tracksVersion = log.TracksVersion;
        live.PublishTracks(log.Tracks);
        if (tail is not { } last)
            return;

        _pending = GapCause.MediaRestart;
        _hasLast = true;
        _maxPts = last.MaxPts;
        _lastAt = now.Monotonic - TimeSpan.FromMicroseconds(Math.Max(0, now.UtcUs - last.CaptureTimeUs));
    }

    /// <summary>The longer of the last two GOPs; zero until one is complete.</summary>
    public TimeSpan Gop { get; private set; }

    /// <summary>Samples appended in the current run.</summary>
    public long RunSamples { get; private set; }

    /// <summary>Somebody waits for each sample.</summary>
    public bool IsWatched => _live.IsSubscribed;

    /// <summary>A new session with the camera begins.</summary>
    public void BeginRun()
    {
        _inRun = false;
        _appliedSets = NoSets;      // another description may have come with it
        _keyframeAt = null;
        _awaitKeyframe = false;
        RunSamples = 0;
    }

    /// <summary>The session is over. The reason of the gap is that of the first break since the last sample.</summary>
    public void EndRun(GapCause cause)
    {
        if (_pending == GapCause.None && _hasLast)
            _pending = cause;
    }

    /// <param name="source">Whose unit it is: describes the track when the unit needs another description.</param>
    public void Append(in AccessUnit unit, in SampleTime time, VideoDepacketizer source, in IngestTime now)
    {
        var info = unit.Info;
        if (info.DroppedBefore > 0)
            _counters.LoseSamples(LossCause(), info.DroppedBefore);
        if (_awaitKeyframe && !info.IsKeyframe)
        {
            _counters.LoseSamples(_awaitCause, 1);
            return;
        }

        var flags = info.IsKeyframe ? SampleFlags.Keyframe : SampleFlags.None;
        var cause = info.DroppedBefore > 0 ? GapCause.PacketLoss : time.IsDiscontinuity ? GapCause.ClockStep : GapCause.None;
        if (_awaitKeyframe)
            cause = _awaitCause;
        if (info.ParameterSetsVersion != _appliedSets)
        {
            if (!info.IsKeyframe)
            {
                Await(GapCause.ParametersChanged);
                return;
            }

            if (ApplyTracks(source.Describe(VideoTrack)))
            {
                flags |= SampleFlags.ParametersChanged;
                cause = GapCause.ParametersChanged;
            }

            _appliedSets = info.ParameterSetsVersion;
        }

        if (_pending != GapCause.None)
            cause = _pending;
        else if (!_hasLast)
            cause = GapCause.None;      // nothing before it is missing
        if (cause != GapCause.None)
            flags |= SampleFlags.Discontinuity;

        long pts = Place(time.Pts, now);
        var header = new SampleHeader(VideoTrack, flags, cause, _tracksVersion, pts, time.CaptureTimeUs);
        if (_log.Append(header, unit.Data) != AppendResult.Appended)
        {
            Await(GapCause.PacketLoss);
            return;
        }

        _pending = GapCause.None;
        _awaitKeyframe = false;
        _maxPts = Math.Max(_maxPts, pts);
        _lastAt = now.Monotonic;
        _hasLast = _appended = true;
        RunSamples++;
        _counters.Sample();
        if (info.IsKeyframe)
            MeasureGop(now);
    }

    /// <summary>Wakes the subscribers once for everything the pass appended.</summary>
    public void EndPass()
    {
        if (!_appended)
            return;

        _appended = false;
        _live.SignalSubscribers();
    }

    /// <summary>While nothing comes: readers learn that the writer lives.</summary>
    public void Heartbeat() => _log.Heartbeat();

    private GapCause LossCause() => _pending != GapCause.None ? _pending : _awaitKeyframe ? _awaitCause : GapCause.PacketLoss;

    /// <summary>This sample is lost, and what follows needs it.</summary>
    private void Await(GapCause cause)
    {
        _counters.LoseSamples(cause, 1);
        _awaitKeyframe = true;
        _awaitCause = cause;
    }

    /// <summary>The first sample of a run stands as far behind the last one of the run before as time has passed.</summary>
    private long Place(long runPts, in IngestTime now)
    {
        if (!_inRun)
        {
            long passed = (long)((now.Monotonic - _lastAt).TotalSeconds * VideoTimescale);
            _shift = (_hasLast ? _maxPts + Math.Max(Frame, passed) : 0) - runPts;
            _inRun = true;
        }

        return runPts + _shift;
    }

    /// <returns>True when samples from now on decode with other parameters than those before.</returns>
    private bool ApplyTracks(TrackInfo? track)
    {
        uint before = _tracksVersion;
        if (track is not null)
            _tracksVersion = _log.SetTracks([track]);
        if (_tracksVersion == before)
            return false;

        _live.PublishTracks(_log.Tracks);
        return before != 0;
    }

    private void MeasureGop(in IngestTime now)
    {
        if (_keyframeAt is { } previous)
        {
            var gop = now.Monotonic - previous;
            Gop = gop > _previousGop ? gop : _previousGop;
            _previousGop = gop;
        }

        _keyframeAt = now.Monotonic;
    }
}
