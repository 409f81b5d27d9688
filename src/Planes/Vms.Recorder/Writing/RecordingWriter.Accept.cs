using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>What becomes of one sample: where fragments and segments end, and which hole is booked before it.</summary>
internal sealed partial class RecordingWriter
{
    private enum Placing
    {
        /// <summary>Into the fragment being built.</summary>
        Recorded,

        /// <summary>Of a track that no segment can hold.</summary>
        Ignored,

        /// <summary>There is no segment it could stand in: a picture that cannot be decoded, or sound from before the first keyframe.</summary>
        BeforeKeyframe,

        /// <summary>It begins a segment in another pool, which has to wait.</summary>
        Later,
    }

    /// <summary>Its payload is copied once, from the log into the fragment.</summary>
    /// <returns>False when it is read again later.</returns>
    private bool Accept(in SampleLease lease)
    {
        var header = lease.Header;
        switch (FindPlace(ref header, lease.Epoch, lease.Payload.Length, out bool video))
        {
            case Placing.Recorded:
                Add(header, lease, video);
                break;
            case Placing.Ignored when lease.Commit():
                _ledger.SampleIgnored();
                break;
            case Placing.BeforeKeyframe when lease.Commit() && video:
                _ledger.SampleBeforeKeyframe();
                Pend(GapCause.ParametersChanged);
                break;
            case Placing.Later:
                return !_reader!.SeekTo(lease.Epoch, lease.Sequence);
        }

        return true;
    }

    /// <summary>Ends fragments and segments where this sample wants it.</summary>
    /// <param name="header">Changed where the wall clock was set.</param>
    private Placing FindPlace(ref SampleHeader header, ulong epoch, int bytes, out bool video)
    {
        video = false;
        if (header.TracksVersion != _tracksVersion && !SwitchTracks(header.TracksVersion))
        {
            return Placing.Ignored;
        }

        int track = TrackAt(header.TrackId);
        if (track < 0)
        {
            return Placing.Ignored;
        }

        video = track == 0;
        bool keyframe = video && header.IsKeyframe;
        header = KeepClockToKeyframe(header, video, keyframe);
        if (epoch != _epoch)
        {
            FinishFragment();
            _epoch = epoch;
            _builder.EnterEpoch(epoch);
        }

        var hole = _clock.HoleBefore(header, video);
        if (hole != GapCause.None)
        {
            FinishFragment();
            Pend(hole);
            if (!_clock.Continues(header, _tracks[0].Timescale))
            {
                CloseSegment();
            }
        }

        return Place(header, keyframe, bytes);
    }

    /// <summary>
    /// A wall clock that is set within a GOP takes effect with the next keyframe, where a segment can begin: until then samples are
    /// stamped as if it had not been set. Otherwise the rest of the GOP would be lost, or its segment would end before it began.
    /// </summary>
    private SampleHeader KeepClockToKeyframe(in SampleHeader header, bool video, bool keyframe)
    {
        if (!video || _segment is null)
        {
            return header;
        }

        bool stepped = _clock.HoleBefore(header, video) == GapCause.ClockStep;
        if (keyframe)
        {
            bool due = _clockStepped;
            _clockStepped = false;
            return due && !header.IsDiscontinuity
                ? header with { Flags = header.Flags | SampleFlags.Discontinuity, Cause = GapCause.ClockStep }
                : header;
        }

        if ((stepped || (_clockStepped && !header.IsDiscontinuity)) && _clock.WithoutStep(header, _tracks[0].Timescale) is { } captureUs)
        {
            _clockStepped = true;
            return header with { Flags = header.Flags & ~SampleFlags.Discontinuity, Cause = GapCause.None, CaptureTimeUs = captureUs };
        }

        return header;
    }

    private Placing Place(in SampleHeader header, bool keyframe, int bytes)
    {
        if (_segment is null)
        {
            return !keyframe ? Placing.BeforeKeyframe : TryOpenSegment(header) ? Placing.Recorded : Placing.Later;
        }

        if (keyframe && (header.CaptureTimeUs >= _rotateAtUs || _segmentBytes + _builder.PayloadBytes >= SegmentRotation.BytesOf(_spec) || _segment.Class != _class))
        {
            FinishFragment(header, last: true);
            CloseSegment();
            return TryOpenSegment(header) ? Placing.Recorded : Placing.Later;
        }

        if (Ends(header, keyframe, bytes))
        {
            FinishFragment(header);
        }

        return Placing.Recorded;
    }

    private void Add(in SampleHeader header, in SampleLease lease, bool video)
    {
        int length = lease.Payload.Length;
        if (!_builder.TryReserve(header.TrackId, length, out var room))
        {
            FinishFragment(header);
            if (!_builder.TryReserve(header.TrackId, length, out room))
            {
                throw new InvalidOperationException($"A fragment cannot hold a sample of {length} bytes");
            }
        }

        lease.Payload.CopyTo(room);
        if (!lease.Commit())
        {
            return;     // overwritten while it was copied: the next read says what was lost
        }

        if (video)
        {
            BookPendingGap(header.CaptureTimeUs);   // the books are kept for the picture
        }

        _builder.AddReserved(header, lease.Sequence, length, lease.PayloadChecksum);
        _clock.Recorded(header, video);
        _lastSampleAt = _context.Time.GetTimestamp();
        if (!video)
        {
            return;
        }

        _ledger.SampleSeen(header.CaptureTimeUs);
        if (_state != RecordingState.Recording)
        {
            _ledger.OutageIs(GapCause.CameraOffline);
            SetState(RecordingState.Recording, "", _shortPreRoll);
        }
    }

    private bool Ends(in SampleHeader header, bool keyframe, int bytes) =>
        (keyframe || _builder.Duration >= s_fragmentTime || _builder.PayloadBytes + bytes > FragmentBytes) && _builder.CanEndBefore(header);

    private bool TryOpenSegment(in SampleHeader first)
    {
        if (!HasPool())
        {
            return false;
        }

        OpenSegment(first);
        return true;
    }

    private void OpenSegment(in SampleHeader first)
    {
        var name = new SegmentName(
            CameraId, Stream, UnixTime.FromMicroseconds(first.CaptureTimeUs), _ids.Next(_context.Time.GetUtcNow()), Format);
        _segment = new SegmentFile(name, _pool.Pool.Home.PathOf(name), _tracks, LabelOf(name));
        _context.Open.Add(_segment);
        ReserveFor(name.Format);
        _builder.BeginSegment(_tracks, _tracksVersion, _epoch, _segment.Init);
        _segmentBytes = _segment.Init.Length;
        _rotateAtUs = SegmentRotation.NextCut(_logName, first.CaptureTimeUs, SegmentRotation.LengthOf(_spec));
    }

    /// <summary>Encrypted, a file is neither: players see nothing in it.</summary>
    private SegmentFormat Format => _spec.Format == "mkv" && _context.ReservedBytes == 0 ? SegmentFormat.Matroska : SegmentFormat.Fmp4;

    private void ReserveFor(SegmentFormat format)
    {
        _builder.Reserve = format == SegmentFormat.Matroska ? MatroskaFragment.ReservedBytes : _context.ReservedBytes;
        _builder.ReservePerSample = format == SegmentFormat.Matroska ? MatroskaFragment.BlockBytes : 0;
    }

    private SegmentLabel LabelOf(SegmentName name) => new(
        _spec.CameraName, CameraId, Stream, _spec.SiteId, name.Id, name.Start, RecorderApp.Software,
        _class == RecordingClass.Continuous ? "" : RecordingClasses.NameOf(_class));

    private void CloseSegment()
    {
        if (_segment is { } segment)
        {
            _segment = null;
            _pool.Queue.AddClose(_ledger, segment);
        }
    }

    /// <summary>The next sample does not follow the last one: a new segment begins at the next keyframe.</summary>
    private void EndRun(GapCause cause)
    {
        FinishFragment();
        CloseSegment();
        cause = _ledger.OutageCause == GapCause.DiskFull ? GapCause.DiskFull : cause;
        Pend(cause);
        _clock.Reset();
        _leadInUntilUs = 0;
        if (_resting)
        {
            Missed(cause);
        }
    }

    /// <summary>Queues the fragment being built as it is; false while the queue has no room for it.</summary>
    private bool TryFlush()
    {
        if (!QueueHasRoom)
        {
            return false;
        }

        FinishFragment();
        return true;
    }

    /// <param name="last">Of its segment.</param>
    private void FinishFragment(in SampleHeader next, bool last = false)
    {
        if (_builder.SampleCount > 0 && _segment is not null)
        {
            Enqueue(_builder.Finish(next, out var header, sign: SignIsDue(last)), header);
        }
    }

    /// <summary>What follows is not known: this may be the last fragment of its segment.</summary>
    private void FinishFragment()
    {
        if (_builder.SampleCount > 0 && _segment is not null)
        {
            Enqueue(_builder.Finish(out var header, sign: SignIsDue(last: true)), header);
        }
    }

    private bool SignIsDue(bool last)
    {
        bool due = last || _signedAt == 0 || _context.Time.GetElapsedTime(_signedAt) >= s_signInterval;
        if (due)
        {
            _signedAt = _context.Time.GetTimestamp();
        }

        return due;
    }

    private void Enqueue(ReadOnlyMemory<byte> fragment, in FragmentHeader header)
    {
        _pool.Queue.AddFragment(_ledger, _segment!, header, fragment.Span);
        _segmentBytes += fragment.Length;
        _position = new WrittenPosition(header.Epoch, header.LastSequence, header.EndUs);
    }

    /// <summary>The first cause stands: what follows an outage is part of it.</summary>
    private void Pend(GapCause cause)
    {
        if (_pendingCause == GapCause.None)
        {
            _pendingCause = cause;
        }
    }

    private void BookPendingGap(long untilUs)
    {
        if (_pendingCause == GapCause.None)
        {
            return;
        }

        if (IsConnected(untilUs))
        {
            _ledger.BeginsWith(untilUs);
        }
        else if (untilUs - _position.EndUs > RunClock.JitterUs)
        {
            if (_missedCause != GapCause.None)
            {
                BookMissed(untilUs);
            }
            else
            {
                _pool.Queue.AddGap(_ledger, _ledger.GapRowOf(_position, _position.EndUs, untilUs, _pendingCause, open: false));
            }
        }

        _missedCause = GapCause.None;
        _position = _position with { EndUs = untilUs };
        _pendingCause = GapCause.None;
    }

    /// <summary>The first picture ever: while the camera was being connected nothing was lost, and the recording begins with it.</summary>
    private bool IsConnected(long untilUs) =>
        _pendingCause == GapCause.CameraOffline && _missedCause == GapCause.None && !_position.HasSample && _position.EndUs == _firstBeganUs
        && untilUs > _position.EndUs && untilUs - _position.EndUs <= s_connecting.Ticks / TimeSpan.TicksPerMicrosecond;
}
