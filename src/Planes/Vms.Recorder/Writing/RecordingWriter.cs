using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>
/// Turns one stream's samples into fragments and segments: reads its stream log, decides where a fragment and a segment ends and what a
/// hole is put down to. Holds no file: what it makes goes to the <see cref="WriteQueue"/> of the pool it is recorded to, in order.
/// </summary>
/// <remarks>
/// States: no log → waiting for a keyframe (no segment) → recording. A failed write or a full pool stops reading; afterwards it goes back
/// to the last sample on disk, which is lost only when the log no longer holds it. Drain thread only, but for <see cref="State"/>.
/// </remarks>
internal sealed partial class RecordingWriter
{
    /// <summary>A fragment ends at the first of: a keyframe, this much stream time, this many bytes.</summary>
    private static readonly TimeSpan s_fragmentTime = TimeSpan.FromSeconds(1);
    private const int FragmentBytes = 1 << 20;

    /// <summary>Boxes of a fragment, without the 16 bytes of each sample.</summary>
    private const int HeaderAllowance = 64 * 1024;

    /// <summary>A head of the chain is signed this often, and at the end of every segment.</summary>
    private static readonly TimeSpan s_signInterval = TimeSpan.FromSeconds(10);

    /// <summary>A fragment that gets no sample for this long is written as it is.</summary>
    private static readonly TimeSpan s_idleFlush = TimeSpan.FromSeconds(1);

    /// <summary>Read at most this much before the other streams have their turn.</summary>
    private const int BytesPerTurn = 4 << 20;

    /// <summary>A sample that is not recorded counts as this much, so that a turn ends.</summary>
    private const int PassedOverBytes = 256;

    private static readonly TimeSpan s_openInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_noVideo = TimeSpan.FromSeconds(10);

    /// <summary>A camera that was never recorded is connected, and sends its first keyframe, within this; what is later was away.</summary>
    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(10);

    private readonly RecorderContext _context;
    private readonly string _logName;
    private readonly StreamLedger _ledger;
    private readonly Fmp4FragmentBuilder _builder;
    private readonly RunClock _clock = new();
    private PoolWriter _pool;                   // everything of the stream goes there
    private bool _resume;                       // go on behind the last sample on disk
    private WrittenPosition? _beginsBehind;     // it was switched on behind this, and what lies between is not to be recorded
    private WrittenPosition _beginsAt;          // just before its first sample
    private long? _firstBeganUs;                // when a new camera was switched on that nothing is lost of yet
    private long _beganUs;                      // when it was switched on, where an earlier run of the recorder did that
    private bool _opened;                       // the log, by this writer, at least once
    private RecordingSpec _spec;
    private StreamLogReader? _reader;
    private SegmentFile? _segment;
    private SegmentIds _ids;
    private TrackInfo[] _tracks = [];
    private uint _tracksVersion;
    private ulong _epoch;
    private WrittenPosition _position;          // as the ledger's, with what is queued
    private long _rotateAtUs;
    private long _segmentBytes;                 // written to the segment, and queued for it
    private bool _clockStepped;                 // the wall clock was set since the last keyframe
    private GapCause _pendingCause;             // a hole to be booked when the next sample is recorded
    private long _lastSampleAt;
    private long _signedAt;
    private long _triedAt;                      // last attempt to open the log or to write again
    private WriteFailure? _failure;
    private volatile string _state = RecordingState.Waiting;
    private volatile string _reason = RecordingState.StreamLogMissing;
    private volatile string _detail = "";

    /// <param name="tail">Where an earlier run ended; null when the stream was never recorded.</param>
    /// <param name="resume">The recording was running then: every sample since is wanted. Otherwise it begins now.</param>
    /// <param name="beganUs">It does not begin now: an earlier run of the recorder began it then, and ended before anything of it was on disk. 0: it does.</param>
    /// <param name="isNew">Nothing was ever recorded of the camera, nor was to be.</param>
    public RecordingWriter(RecorderContext context, RecordingSpec spec, StreamLedger ledger, SegmentFile? tail, bool resume, long beganUs = 0, bool isNew = false)
    {
        _context = context;
        _spec = spec;
        _ledger = ledger;
        _schedule = ScheduleOf(spec);
        _lookAtAll = resume && !_schedule.IsContinuous;
        _logName = StreamLogDirectory.NameOf(spec.CameraId, spec.Stream);
        _resume = resume && tail is not null;
        _ids = new SegmentIds(tail?.Name.Id);
        if (tail is not null)
        {
            ledger.Restore(new WrittenPosition(tail.Last.Epoch, tail.Last.LastSequence, tail.Last.EndUs), FragmentHeader.ChainAt(tail.LastBox));
            if (FragmentHeader.TryReadLink(tail.LastBox, out var link) && link.IsSigned)
            {
                ledger.Signed(StreamHead.Of(spec.CameraId, spec.Stream, tail.Name.Id, tail.Last, link.Chain));
            }
        }

        _builder = new Fmp4FragmentBuilder(context.Signer);
        _builder.ResumeChain(ledger.Chain);
        ledger.NextRun();
        ledger.Begin(UnixTime.ToMicroseconds(context.Time.GetUtcNow()));
        _position = ledger.Written;
        _pool = PoolOf(tail);
        if (_resume && _pool.Pool.CanRecord && _pool.Pool.Home.Holds(tail!.Path))
        {
            _segment = tail;
            context.Open.Add(tail);
        }
        else if (_resume)
        {
            _anew = true;       // its pool is not recorded to now
        }
        else
        {
            _pendingCause = tail is null ? GapCause.CameraOffline : GapCause.Disabled;
            _beginsBehind = _position;
            _beganUs = beganUs;
            _firstBeganUs = isNew ? _position.EndUs : null;
        }
    }

    public string CameraId => _ledger.CameraId;

    public string Stream => _ledger.Stream;

    public StreamLedger Ledger => _ledger;

    public RecordingSpec Spec => _spec;

    /// <summary>Returns when everything of it that is queued has been written or dropped. Any thread.</summary>
    public async Task WrittenAsync()
    {
        while (_ledger.Queued > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _context.Time);
        }
    }

    /// <summary>For the operator: state, reason and detail of <see cref="RecordingStatus"/>. Any thread.</summary>
    public (string State, string Reason, string Detail) State => (_state, _reason, _detail);

    /// <summary>Takes a newer specification of the same stream without interrupting the recording.</summary>
    public void Update(RecordingSpec spec)
    {
        _spec = spec;
        _schedule = ScheduleOf(spec);
    }

    /// <summary>Reads what is there, at most one turn.</summary>
    /// <returns>True when there is more to read now.</returns>
    public bool Drain()
    {
        if (!MayWrite() || !HasReader())
        {
            return false;
        }

        LookBack();
        for (int budget = BytesPerTurn; budget > 0;)
        {
            if (!QueueHasRoom)
            {
                return false;       // back-pressure: samples stay in the log
            }

            switch (_reader!.TryRead(out var lease))
            {
                case ReadOutcome.Sample when PassesOver(lease):
                    budget -= PassedOverBytes;
                    break;
                case ReadOutcome.Sample:
                    budget -= lease.Payload.Length;
                    if (lease.IsIntact() && !Accept(lease))
                    {
                        return false;       // the rest of it goes to another pool, once this one has what is queued
                    }

                    break;
                case ReadOutcome.Overrun:
                    Log.Overrun(_context.Logger, CameraId, Stream, _reader.LastOverrun.Count);
                    EndRun(GapCause.RecorderOverrun);
                    break;
                case ReadOutcome.Moved:
                    if (_reader.MovedToNewLineage)
                    {
                        EndRun(GapCause.MediaRestart);
                        _tracksVersion = 0;     // numbers begin anew in it
                    }

                    break;
                case ReadOutcome.Closed:
                    FinishFragment();
                    CloseSegment();
                    if (_resting)
                    {
                        FallSilent();
                    }

                    LetGoOfLog();
                    _resume = true;
                    SetState(RecordingState.Waiting, RecordingState.StreamLogMissing);
                    return false;
                case ReadOutcome.Empty:
                    WhenIdle();
                    return false;
            }
        }

        return true;
    }

    /// <summary>Ends the recording: what was read is written and the segment closed. Once more when the disk did not take it.</summary>
    public void Stop()
    {
        if (_ledger.Failure is { } failure)
        {
            GiveUp(failure);
        }
        else if (!TryFlush())
        {
            _builder.Discard();     // the disk is far behind: these samples are still in the log, the books end before them
        }

        EndRest();
        CloseSegment();
        LetGoOfLog();
        _ledger.End();
        SetState(RecordingState.Stopped, "");
    }

    /// <summary>Nobody comes back for what is not on disk: that is a gap, up to now or to the last sample there was.</summary>
    private void GiveUp(WriteFailure failure)
    {
        long untilUs = Math.Max(_position.EndUs, _ledger.LastCaptureTimeUs);
        if (_ledger.CurrentOutage() is { } outage)
        {
            untilUs = Math.Max(untilUs, UnixTime.ToMicroseconds(outage.To));
        }

        GoBack(failure);
        _ledger.NextRun();
        Pend(_ledger.OutageCause);
        BookPendingGap(untilUs);
    }

    /// <summary>Something unforeseen went wrong with this stream: lets go of everything. Another writer begins at what is on disk.</summary>
    public void Abandon()
    {
        if (_ledger.Failure is { } failure)
        {
            GoBack(failure);
        }

        _ledger.NextRun();
        _builder.Discard();
        CloseSegment();
        LetGoOfLog();
        _ledger.OutageIs(GapCause.RecorderDown);
        SetState(RecordingState.Failed, WriteFailure.WriteError);
    }

    private void LetGoOfLog()
    {
        _reader?.Dispose();
        _reader = null;
    }

    /// <summary>For the fragment being built and what goes with it.</summary>
    private bool QueueHasRoom => _pool.Queue.HasRoom(_builder.PayloadBytes + HeaderAllowance + (_builder.SampleCount * 16));

    private void WhenIdle()
    {
        RestWhenIdle();
        if (_builder.SampleCount > 0 && _context.Time.GetElapsedTime(_lastSampleAt) >= s_idleFlush)
        {
            FinishFragment();
        }

        if (_state == RecordingState.Recording && _ledger.Silence > s_noVideo)
        {
            SetState(RecordingState.Waiting, RecordingState.NoVideo);
        }
    }

    private bool SwitchTracks(uint version)
    {
        if (!_reader!.TryGetTracks(version, out var tracks))
        {
            return false;
        }

        var carried = Storable(tracks);
        FinishFragment();
        CloseSegment();
        _tracksVersion = version;
        _tracks = carried;
        if (carried.Length == 0)
        {
            string codecs = string.Join(", ", tracks.Select(t => t.Codec));
            Log.NothingToRecord(_context.Logger, CameraId, Stream, codecs);
            SetState(RecordingState.Failed, RecordingState.Unsupported, $"No video that can be stored: {codecs}");
        }
        else if (_reason == RecordingState.Unsupported)
        {
            SetState(RecordingState.Waiting, RecordingState.NoVideo);
        }

        return carried.Length > 0;
    }

    /// <summary>The tracks a segment can hold, the video first, for it sets the segment's timeline; none when there is no video.
    /// Sound and metadata that have no sample entry are left out.</summary>
    private static TrackInfo[] Storable(IReadOnlyList<TrackInfo> tracks)
    {
        TrackInfo[] carried =
            [.. tracks.Where(t => Fmp4Writer.CanCarry(t.Codec)).OrderByDescending(t => t.IsVideo).Take(FragmentHeader.MaxTracks)];
        return carried.Length > 0 && carried[0].IsVideo ? carried : [];
    }

    private int TrackAt(byte trackId)
    {
        for (int i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Id == trackId)
            {
                return i;
            }
        }

        return -1;
    }

    private void SetState(string state, string reason, string detail = "")
    {
        _detail = detail;
        _reason = reason;
        _state = state;
    }

    private static partial class Log
    {
        [LoggerMessage(3130, LogLevel.Warning, "Camera {CameraId} {Stream}: {Count} samples were overwritten before they were recorded")]
        public static partial void Overrun(ILogger logger, string cameraId, string stream, long count);

        [LoggerMessage(3131, LogLevel.Warning, "Camera {CameraId} {Stream}: no video that can be stored among {Codecs}")]
        public static partial void NothingToRecord(ILogger logger, string cameraId, string stream, string codecs);

        [LoggerMessage(3132, LogLevel.Information, "Camera {CameraId} {Stream}: goes on in {Path} at sample {Sequence}, nothing lost")]
        public static partial void Resumed(ILogger logger, string cameraId, string stream, string path, long sequence);

        [LoggerMessage(3133, LogLevel.Warning, "Camera {CameraId} {Stream}: the stream log no longer holds sample {Sequence}; recording goes on at the next keyframe ({Cause})")]
        public static partial void CannotResume(ILogger logger, string cameraId, string stream, long sequence, GapCause cause);

        [LoggerMessage(3134, LogLevel.Information, "Camera {CameraId} {Stream}: writes again after {Reason}")]
        public static partial void WritesAgain(ILogger logger, string cameraId, string stream, string reason);
    }
}
