using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;
using Vms.Recorder.Triggers;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>
/// Recording by schedule and triggers: while nothing is wanted the writer rests. It keeps its place in the stream log and passes over samples
/// without touching their payload; when something is wanted it goes back to the keyframe it needs.
/// </summary>
/// <remarks>
/// The picture decides, and sound goes along. The time of a rest is on the books: as the outage that goes on, and as a gap when the rest ends, when
/// its cause changes, and around what the camera itself did not send. A pre-roll does not reach into what is on the books, but for the pictures
/// from a keyframe on that it cannot be decoded without: their time is recorded and booked. The segment stays open for a while: when the pre-roll
/// reaches back into it, it goes on without a gap.
/// </remarks>
internal sealed partial class RecordingWriter
{
    /// <summary>A hole in what the camera sends that is not put down to the rest.</summary>
    private const long HoleUs = 3_000_000;

    /// <summary>How much longer than a pre-roll a segment waits for being gone on with: a GOP.</summary>
    private const long GopAllowanceUs = 15_000_000;

    /// <summary>A trigger of no length, without any pre- or post-roll, is still something to see.</summary>
    private const long ShortestWindowUs = 1_000_000;

    private const long MinuteUs = 60_000_000;

    /// <summary>A picture up to this much older than the one before is a reordered one.</summary>
    private const long ReorderUs = 2_000_000;

    private readonly TriggerWindows _triggers = new();
    private readonly RunClock _restClock = new();       // of what is passed over
    private RecordingSchedule _schedule;
    private RecordingClass _class;          // of what is recorded now
    private bool _resting;
    private GapCause _restCause;
    private ulong _restEpoch;
    private long _restPlace;                // sequence from which on samples may still be recorded
    private bool _restBooked;               // part of this rest is on the books
    private bool _restSilent;               // and the camera sends nothing
    private long _passedAt;                 // when a picture was passed over last
    private long _leadInUntilUs;            // recorded up to here because it is needed for what comes behind
    private long _leadInUntil;              // and no further than to this sequence, where the reader went back: a clock may have been set
    private long _wantedFromUs;             // the beginning of a window that nobody has looked back for; 0 for none
    private long _forgotAtUs;
    private readonly bool _lookAtAll;                // it ran before: what is in the log may be wanted yet
    private GapCause _missedCause;          // what is pending was never looked at, for this reason: it is booked as the schedule says
    private string _shortPreRoll = "";      // for the operator

    /// <summary>Something happened: what belongs to it is recorded if the mode wants that, from its pre-roll on as far as the stream log holds it.</summary>
    public void Trigger(RecordingClass kind, long fromUs, long untilUs) => Want(WindowOf(kind, fromUs, untilUs));

    /// <summary>Something goes on for longer, or is over earlier, than was told before. What was recorded stays.</summary>
    /// <param name="all">Of its class, as it is known now: as much as may be wanted yet.</param>
    public void Retrigger(Happening changed, IEnumerable<Happening> all)
    {
        _triggers.Clear(changed.Kind);
        foreach (var happening in all)
        {
            _triggers.Add(WindowOf(happening.Kind, happening.FromUs, happening.UntilUs));
        }

        Trigger(changed.Kind, changed.FromUs, changed.UntilUs);
    }

    /// <summary>Somebody wants it recorded, whatever the mode.</summary>
    public void StartManual(long fromUs, long untilUs) => Want(new TriggerWindow(RecordingClass.Manual, fromUs, untilUs));

    public void EndManual(long atUs) => _triggers.End(RecordingClass.Manual, atUs);

    /// <summary>What is recorded now; null while nothing is. Any thread.</summary>
    public RecordingClass? Class => _state == RecordingState.Recording ? _class : null;

    private long PreRollUs => _spec.PreRollSeconds * 1_000_000L;

    private TriggerWindow WindowOf(RecordingClass kind, long fromUs, long untilUs) => new(
        kind, fromUs - PreRollUs, Math.Max(untilUs + (_spec.PostRollSeconds * 1_000_000L), fromUs - PreRollUs + ShortestWindowUs));

    private void Want(TriggerWindow window)
    {
        _triggers.Add(window);
        _wantedFromUs = _wantedFromUs == 0 ? window.FromUs : Math.Min(_wantedFromUs, window.FromUs);
    }

    private RecordingSchedule ScheduleOf(RecordingSpec spec)
    {
        var schedule = RecordingSchedule.Of(spec, out bool zoneKnown);
        if (!zoneKnown)
        {
            Log.UnknownZone(_context.Logger, CameraId, Stream, spec.TimeZone);
        }

        return schedule;
    }

    /// <summary>Before anything is read: goes back for a window that began in what was passed over.</summary>
    private void LookBack()
    {
        long fromUs = _wantedFromUs;
        _wantedFromUs = 0;
        if (fromUs == 0 || !_resting)
        {
            return;     // what is recorded already goes on by itself
        }

        long newestUs = _restClock.CaptureUs;
        // The first time at which it is wanted: the schedule may have been off until then.
        for (long atUs = Math.Max(fromUs, _position.EndUs); atUs <= newestUs; atUs += 1_000_000)
        {
            if (ClassAt(atUs) is { } kind)
            {
                GoBackTo(atUs, kind);
                return;
            }
        }
    }

    /// <summary>Decides about the sample that was read; true when it is passed over, or when the reader has gone back and reads another one next.</summary>
    private bool PassesOver(scoped in SampleLease lease)
    {
        if (_schedule.IsContinuous && _triggers.IsEmpty && !_resting)
        {
            _class = RecordingClass.Continuous;
            return false;
        }

        var header = lease.Header;
        bool known = header.TracksVersion == _tracksVersion || SwitchTracks(header.TracksVersion);
        if (known && TrackAt(header.TrackId) == 0 && Decide(header, lease.Epoch, lease.Sequence))
        {
            return true;
        }

        if (_resting)
        {
            lease.Commit();
        }

        return _resting;
    }

    /// <summary>True when the reader has gone back.</summary>
    private bool Decide(in SampleHeader header, ulong epoch, long sequence)
    {
        long atUs = header.CaptureTimeUs;
        if (_resting && atUs <= _restClock.CaptureUs && _restClock.CaptureUs - atUs < ReorderUs)
        {
            return false;
        }

        if (Math.Abs(atUs - _forgotAtUs) > 60_000_000)
        {
            _forgotAtUs = atUs;
            _triggers.Forget(Math.Min(atUs, _position.EndUs));      // what is not on the books yet is booked by them
        }

        if (_leadInUntilUs > atUs && sequence < _leadInUntil)
        {
            return false;
        }

        _leadInUntilUs = 0;
        if (_resting)
        {
            BookHole(header, epoch, sequence);
        }

        if (ClassAt(atUs) is { } kind)
        {
            _class = kind;
            if (!_resting)
            {
                return false;
            }

            GoBackTo(atUs, kind);
            _leadInUntilUs = long.MaxValue;     // all that comes before this sample, whatever its time: it is not gone back from twice
            return true;
        }

        if (!_resting && _builder.SampleCount > 0 && !_builder.CanEndBefore(header))
        {
            return false;       // amid pictures that refer to each other
        }

        if (!_resting)
        {
            Rest(header, epoch, sequence);
        }
        else
        {
            GoOnResting(header, epoch, sequence);
        }

        return false;
    }

    private RecordingClass? ClassAt(long captureUs)
    {
        if (_triggers.Covers(RecordingClass.Manual, captureUs))
        {
            return RecordingClass.Manual;
        }

        return _schedule.ModeAt(captureUs) switch
        {
            RecordingMode.Continuous => RecordingClass.Continuous,
            RecordingMode.Motion or RecordingMode.Event when _triggers.Covers(RecordingClass.Event, captureUs) => RecordingClass.Event,
            RecordingMode.Motion when _triggers.Covers(RecordingClass.Motion, captureUs) => RecordingClass.Motion,
            _ => null,
        };
    }

    private GapCause RestCauseAt(long captureUs) =>
        _schedule.ModeAt(captureUs) != RecordingMode.Off ? GapCause.NoTrigger
        : _schedule.HasEntries ? GapCause.Schedule
        : GapCause.Disabled;

    private void Rest(in SampleHeader header, ulong epoch, long sequence)
    {
        FinishFragment();
        if (_pendingCause != GapCause.None && (header.CaptureTimeUs > _position.EndUs || !_position.HasSample))
        {
            BookPendingGap(header.CaptureTimeUs);       // what is missing until here has a cause of its own
        }

        _pendingCause = GapCause.None;
        _resting = true;
        _restEpoch = epoch;
        _restPlace = sequence;
        _restBooked = false;
        _restSilent = false;
        _restClock.Reset();
        PassOver(header);
        RestsFor(RestCauseAt(header.CaptureTimeUs));
    }

    /// <summary>What the camera did not send is not put down to the rest.</summary>
    private void BookHole(in SampleHeader header, ulong epoch, long sequence)
    {
        long atUs = header.CaptureTimeUs;
        long lastUs = _restClock.CaptureUs;
        var hole = _restClock.HoleBefore(header, video: true);
        if (_restSilent || hole == GapCause.ClockStep || (hole != GapCause.None && atUs - lastUs >= HoleUs))
        {
            if (!_restSilent)
            {
                BookRest(lastUs, hole);
            }

            var cause = RestCauseAt(atUs);
            BookRest(atUs, cause, clockStepped: hole == GapCause.ClockStep);
            _restSilent = false;
            GoOnBooked(cause, epoch, sequence);
        }
    }

    private void GoOnResting(in SampleHeader header, ulong epoch, long sequence)
    {
        long atUs = header.CaptureTimeUs;
        var cause = RestCauseAt(atUs);
        if (cause != _restCause)
        {
            // At the minute, where the schedule changes it, so that it is booked the same when nobody looks at it.
            BookRest(Math.Max(atUs / MinuteUs * MinuteUs, _restClock.CaptureUs), cause);
            GoOnBooked(cause, epoch, sequence);
        }

        PassOver(header);
        if (_state == RecordingState.Failed)
        {
            RestsFor(_restCause);       // the disk takes it again, should there be something
        }

        if (_segment is not null && atUs - _position.EndUs > PreRollUs + GopAllowanceUs)
        {
            CloseSegment();
        }
    }

    private void PassOver(in SampleHeader header)
    {
        _restClock.Recorded(header, video: true);
        _passedAt = _context.Time.GetTimestamp();
    }

    /// <summary>The log is empty: a camera that sends nothing while nothing is wanted is an outage all the same.</summary>
    private void RestWhenIdle()
    {
        if (_resting && !_restSilent && _context.Time.GetElapsedTime(_passedAt) > s_noVideo)
        {
            FallSilent();
            SetState(RecordingState.Waiting, RecordingState.NoVideo);
        }
    }

    /// <summary>From the last picture on it is the camera that sends nothing.</summary>
    private void FallSilent()
    {
        BookRest(_restClock.CaptureUs, GapCause.CameraOffline);
        _restSilent = true;
        _restBooked = true;
        CloseSegment();
        _ledger.OutageIs(GapCause.CameraOffline);
    }

    /// <summary>Puts the time up to then on the books; what follows has another cause.</summary>
    private void BookRest(long untilUs, GapCause next, bool clockStepped = false)
    {
        if (untilUs > _position.EndUs || clockStepped)
        {
            BookPendingGap(untilUs);
        }

        _pendingCause = next;
    }

    private void GoOnBooked(GapCause cause, ulong epoch, long sequence)
    {
        _restBooked = true;
        _restEpoch = epoch;
        _restPlace = sequence;
        CloseSegment();
        RestsFor(cause);
    }

    private void RestsFor(GapCause cause)
    {
        _restCause = cause;
        _pendingCause = cause;
        _ledger.OutageIs(cause);
        SetState(cause == GapCause.Disabled ? RecordingState.Stopped : RecordingState.Waiting, GapRow.NameOf(cause));
    }

    /// <summary>Ends the rest at the newest keyframe up to a time, or behind what is recorded already when its segment goes on. Without that
    /// segment it is the keyframe all the same, also where that is recorded or on the books already: what is wanted needs it.</summary>
    /// <remarks>Ends the lease of the sample that was read: it, or another one in its place, is read again.</remarks>
    private void GoBackTo(long atUs, RecordingClass kind)
    {
        var reader = _reader!;
        _resting = false;
        _class = kind;
        _leadInUntilUs = atUs;
        _leadInUntil = reader.NextSequence;
        _shortPreRoll = "";
        bool found = reader.SeekToKeyframeAtOrBefore(atUs);
        bool tooShort = !found && reader.SeekToOldestKeyframe();
        if (!found && !tooShort)
        {
            // No keyframe to go back to: recording begins with the next one, and what is wanted until then is lost.
            BookRest(atUs, GapCause.ParametersChanged);
            CloseSegment();
            _clock.Reset();
            return;
        }

        if (_restBooked || _segment is null || reader.NextSequence > _restPlace || !reader.SeekTo(_restEpoch, _restPlace))
        {
            CloseSegment();
            _clock.Reset();
            _shortPreRoll = tooShort ? ShortBy(reader, atUs) : "";
        }
    }

    /// <summary>The recording ends while nothing is wanted: that is no loss.</summary>
    private void EndRest()
    {
        if (_resting)
        {
            BookRest(_restClock.CaptureUs, GapCause.None);
            _resting = false;
        }
    }

    /// <summary>A place to begin at: the pre-roll of what is wanted already, else the last keyframe, so that it starts at once.</summary>
    private bool SeekToBegin(StreamLogReader reader)
    {
        long fromUs = _schedule.IsContinuous ? 0 : _wantedFromUs;
        _wantedFromUs = 0;
        return (fromUs != 0 && reader.SeekToKeyframeAtOrBefore(fromUs))
            || ((fromUs != 0 || _lookAtAll) && reader.SeekToOldestKeyframe())
            || reader.SeekToLastKeyframe();
    }

    /// <summary>Nobody looked at this time: the recorder was away for longer than the log reaches back. What was wanted then, by the schedule, by
    /// a trigger or by hand, is lost; the rest is as it would have been; the same boundaries give the same gaps, so that those booked before are not booked twice.</summary>
    private void BookMissed(long untilUs)
    {
        long fromUs = _position.EndUs;
        var cause = MissedCauseAt(fromUs);
        for (long atUs = NextChange(fromUs); atUs < untilUs; atUs = NextChange(atUs))
        {
            var next = MissedCauseAt(atUs);
            if (next != cause)
            {
                _pool.Queue.AddGap(_ledger, _ledger.GapRowOf(_position, fromUs, atUs, cause, open: false));
                (fromUs, cause) = (atUs, next);
            }
        }

        _pool.Queue.AddGap(_ledger, _ledger.GapRowOf(_position, fromUs, untilUs, cause, open: false));
    }

    private GapCause MissedCauseAt(long captureUs) => ClassAt(captureUs) is null ? RestCauseAt(captureUs) : _missedCause;

    /// <summary>The next time at which something else may be wanted.</summary>
    private long NextChange(long afterUs) =>
        Math.Min(_triggers.NextEdge(afterUs), _schedule.HasEntries ? ((afterUs / MinuteUs) + 1) * MinuteUs : long.MaxValue);

    /// <summary>Samples are gone that nobody looked at.</summary>
    private void Missed(GapCause cause)
    {
        if (!_schedule.IsContinuous)
        {
            _missedCause = cause;
            _restClock.Reset();     // their absence is no hole in what the camera sends
        }
    }

    /// <summary>How much of a pre-roll the log no longer holds, for the operator.</summary>
    private string ShortBy(StreamLogReader reader, long wantedUs)
    {
        if (reader.TryRead(out var lease) != ReadOutcome.Sample || lease.Header.CaptureTimeUs - wantedUs < 1_000_000)
        {
            return "";
        }

        long seconds = (lease.Header.CaptureTimeUs - wantedUs) / 1_000_000;
        Log.ShortPreRoll(_context.Logger, CameraId, Stream, seconds);
        return $"{seconds} s of the pre-roll are missing: the stream log holds no more";
    }

    private static partial class Log
    {
        [LoggerMessage(3135, LogLevel.Warning, "Camera {CameraId} {Stream}: {Seconds} s of the pre-roll are missing, the stream log holds no more")]
        public static partial void ShortPreRoll(ILogger logger, string cameraId, string stream, long seconds);

        [LoggerMessage(3136, LogLevel.Error, "Camera {CameraId} {Stream}: this system knows no time zone {Zone}; the schedule is taken as UTC")]
        public static partial void UnknownZone(ILogger logger, string cameraId, string stream, string zone);
    }
}
