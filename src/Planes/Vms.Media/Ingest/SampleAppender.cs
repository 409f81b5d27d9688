using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Rtp.Payloads;
using Vms.Rtp.Time;
using Vms.Rtsp;
using Vms.StreamLog;

namespace Vms.Media.Ingest;

/// <summary>
/// Puts the samples of one stream's tracks into its log, in the order of their arrival: gives each its PTS on a line of its track
/// that goes on over reconnects and restarts of this plane, its track table version, and the flags that tell readers where
/// something is missing and why. Lives as long as the pipeline; used by one session at a time, on its ingest thread. No
/// allocation, except when the tracks change.
/// </summary>
/// <remarks>A run begins with a picture: what the other tracks bring before it is counted and left out. From the run's first
/// picture on equal capture times have equal PTS on all tracks; each track's own clock leads it from there.</remarks>
internal sealed class SampleAppender
{
    public const int VideoTimescale = 90_000;

    private const byte VideoTrack = 0;
    private const long Frame = VideoTimescale / 25;             // least distance between the runs
    private const uint NoSets = uint.MaxValue;

    private readonly LiveStream _live;
    private readonly StreamLogWriter _log;
    private readonly IngestCounters _counters;

    private readonly PtsLine[] _lines = [.. Enumerable.Range(0, RtspSession.MaxTracks).Select(_ => new PtsLine())];
    private readonly PtsLine _video;
    private IReadOnlyList<TrackInfo> _others = [];
    private long _runStartUs;               // capture time at which the PTS of all tracks would be zero
    private TimeSpan _lastAt;               // of the last video sample
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
        _video = _lines[VideoTrack];
        live.PublishTracks(log.Tracks);
        if (tail is not { } last)
            return;

        foreach (var track in log.Tracks)
        {
            if (last.MaxPts[track.Id] is { } pts)
                _lines[track.Id].Restore(track, pts);
        }

        _lastAt = now.Monotonic - TimeSpan.FromMicroseconds(Math.Max(0, now.UtcUs - last.CaptureTimeUs));
    }

    /// <summary>The longer of the last two GOPs; zero until one is complete.</summary>
    public TimeSpan Gop { get; private set; }

    /// <summary>Samples appended in the current run.</summary>
    public long RunSamples { get; private set; }

    /// <summary>Somebody watches.</summary>
    public bool IsWatched => _live.IsSubscribed;

    /// <summary>Somebody waits for each sample.</summary>
    public bool IsUrgent => _live.IsUrgent;

    /// <summary>A new session with the camera begins.</summary>
    /// <param name="others">Its tracks beside the video track.</param>
    public void BeginRun(IReadOnlyList<TrackInfo> others)
    {
        _others = others;
        foreach (var line in _lines)
            line.InRun = false;
        foreach (var track in others)
            _lines[track.Id].BeTrack(track);
        _appliedSets = NoSets;      // another description may have come with it
        _keyframeAt = null;
        _awaitKeyframe = false;
        RunSamples = 0;
    }

    /// <summary>The session is over. The reason of the gap is that of the first break since the last sample.</summary>
    /// <param name="cause">Of the gap.</param>
    /// <param name="lost">Access units lost behind the last one.</param>
    public void EndRun(GapCause cause, int lost)
    {
        if (lost > 0)
            _counters.LoseSamples(LossCause(), lost);
        foreach (var line in _lines)
        {
            if (line.Pending == GapCause.None && line.HasLast)
                line.Pending = cause;
        }
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

        if (_video.Pending != GapCause.None)
            cause = _video.Pending;
        else if (!_video.HasLast)
            cause = GapCause.None;      // nothing before it is missing
        if (cause != GapCause.None)
            flags |= SampleFlags.Discontinuity;

        if (!_video.InRun)
            PlaceVideo(time, now);
        long pts = time.Pts + _video.Shift;
        var header = new SampleHeader(VideoTrack, flags, cause, _tracksVersion, pts, time.CaptureTimeUs);
        if (_log.Append(header, unit.Data) != AppendResult.Appended)
        {
            Await(GapCause.PacketLoss);
            return;
        }

        _video.Appended(pts);
        _awaitKeyframe = false;
        _lastAt = now.Monotonic;
        _appended = true;
        RunSamples++;
        _counters.Sample(now.UtcUs);
        if (info.IsKeyframe)
            MeasureGop(now);
    }

    /// <summary>A sample of another track than video.</summary>
    /// <param name="track">One of those that <see cref="BeginRun"/> named.</param>
    public void Append(TrackInfo track, in PayloadSample sample, in SampleTime time)
    {
        var line = _lines[track.Id];
        if (sample.DroppedBefore > 0)
            _counters.LoseOther(sample.DroppedBefore);
        if (RunSamples == 0 || (!line.InRun && !line.TryPlace(time, _runStartUs)))
        {
            _counters.Early();
            return;
        }

        var cause = line.Pending != GapCause.None ? line.Pending
            : !line.HasLast ? GapCause.None
            : sample.DroppedBefore > 0 ? GapCause.PacketLoss
            : time.IsDiscontinuity ? GapCause.ClockStep
            : GapCause.None;
        var flags = cause != GapCause.None ? SampleFlags.Discontinuity : SampleFlags.None;
        long pts = time.Pts + line.Shift;
        if (line.HasLast && pts <= line.MaxPts)
            pts = line.MaxPts + 1;      // nothing but video has an output order of its own
        if (_log.Append(new(track.Id, flags, cause, _tracksVersion, pts, time.CaptureTimeUs), sample.Data) != AppendResult.Appended)
        {
            _counters.LoseOther(1);
            line.Pending = GapCause.PacketLoss;
            return;
        }

        line.Appended(pts);
        _appended = true;
        _counters.OtherSample();
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

    private GapCause LossCause() => _video.Pending != GapCause.None ? _video.Pending : _awaitKeyframe ? _awaitCause : GapCause.PacketLoss;

    /// <summary>This sample is lost, and what follows needs it.</summary>
    private void Await(GapCause cause)
    {
        _counters.LoseSamples(cause, 1);
        _awaitKeyframe = true;
        _awaitCause = cause;
    }

    /// <summary>The first picture of a run stands as far behind the last one of the run before as time has passed.</summary>
    private void PlaceVideo(in SampleTime time, in IngestTime now)
    {
        long passed = (long)((now.Monotonic - _lastAt).TotalSeconds * VideoTimescale);
        long pts = _video.HasLast ? _video.MaxPts + Math.Max(Frame, passed) : 0;
        _video.Shift = pts - time.Pts;
        _video.InRun = true;
        _runStartUs = time.CaptureTimeUs - new MediaTime(pts, VideoTimescale).ToMicroseconds();
    }

    /// <returns>True when samples from now on decode with other parameters than those before.</returns>
    private bool ApplyTracks(TrackInfo? track)
    {
        uint before = _tracksVersion;
        if (track is not null)
            _tracksVersion = _log.SetTracks([track, .. _others]);
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

    /// <summary>Where a track's PTS stands.</summary>
    private sealed class PtsLine
    {
        private TrackInfo? _track;

        public bool InRun { get; set; }

        /// <summary>PTS in the log = PTS of the run + this.</summary>
        public long Shift { get; set; }

        /// <summary>Of the next sample's discontinuity.</summary>
        public GapCause Pending { get; set; }

        public bool HasLast { get; private set; }

        public long MaxPts { get; private set; }

        /// <summary>A sample stands in the log.</summary>
        public void Appended(long pts)
        {
            MaxPts = HasLast ? Math.Max(MaxPts, pts) : pts;
            HasLast = true;
            Pending = GapCause.None;
        }

        /// <summary>What an earlier writer of the log left.</summary>
        public void Restore(TrackInfo track, long maxPts)
        {
            _track = track;
            Appended(maxPts);
            Pending = GapCause.MediaRestart;
        }

        /// <summary>Another track than before begins a line of its own.</summary>
        public void BeTrack(TrackInfo track)
        {
            if (_track is not null && _track.Timescale != track.Timescale)
                HasLast = false;
            _track = track;
        }

        /// <summary>Begins a run beside the video track's. False while the sample is older than the line.</summary>
        public bool TryPlace(in SampleTime time, long runStartUs)
        {
            long pts = MediaTime.FromMicroseconds(time.CaptureTimeUs - runStartUs, _track!.Timescale).Ticks;
            if (!HasLast && pts < 0)
                return false;

            Shift = (HasLast ? Math.Max(pts, MaxPts + 1) : pts) - time.Pts;
            InRun = true;
            return true;
        }
    }
}
