using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>Finding the place to go on: after a restart, a failed write, or when the log comes back.</summary>
internal sealed partial class RecordingWriter
{
    /// <summary>False while no disk takes what this stream writes.</summary>
    private bool MayWrite()
    {
        if (_ledger.Failure is { } failure && _failure is null)
        {
            GoBack(failure);
        }

        return _failure is { } failed ? MayWriteAgain(failed) : HasChangedPool() && MayGoOn();
    }

    /// <summary>After a failed write: in the same pool once a second, or at once in another one.</summary>
    private bool MayWriteAgain(WriteFailure failed)
    {
        bool leaves = !failed.SegmentLost && _context.Pools.HasOther(_pool);
        if (!leaves && (!_pool.Pool.CanRecord || _context.Time.GetElapsedTime(_triedAt) < s_retryInterval))
        {
            return false;
        }

        Log.WritesAgain(_context.Logger, CameraId, Stream, failed.Reason);
        _failure = null;
        _ledger.NextRun();
        if (leaves)
        {
            Leave(failed.Reason);
            return false;
        }

        if (failed.SegmentLost)
        {
            CloseSegment();
            Pend(GapCause.RecorderDown);    // the sample is there, and what decodes it is not: from the next keyframe
        }
        else if (_segment is { HasFragments: false })
        {
            CloseSegment();
        }

        SetState(RecordingState.Waiting, RecordingState.NoVideo);
        return true;
    }

    /// <summary>Forgets everything that is not on disk; it is read from the log again.</summary>
    private void GoBack(WriteFailure failure)
    {
        _failure = failure;
        _triedAt = _context.Time.GetTimestamp();
        StayInPool();
        _builder.Discard();
        _builder.ResumeChain(_ledger.Chain);
        _clock.Reset();
        _clockStepped = false;
        _context.Open.KeepOnly(CameraId, Stream, failure.Segment);
        _segment = failure.Segment;
        _pendingCause = GapCause.None;
        GoBackToWritten();
        LetGoOfLog();
        _resume = _position.HasSample;
        var cause = failure.Reason == WriteFailure.DiskFull ? GapCause.DiskFull : GapCause.RecorderDown;
        _ledger.OutageIs(cause);
        if (!_resume)
        {
            Pend(cause);    // nothing was ever written: there is no sample to go on behind
        }

        if (_state != RecordingState.Failed)
        {
            _context.Events.RecordingStopped(CameraId, Stream, _context.Time.GetUtcNow(), failure.Reason);
        }

        SetState(RecordingState.Failed, failure.Reason, failure.Detail);
    }

    /// <summary>Behind the last sample on disk, or to where it was switched on since: not into the time without.</summary>
    private void GoBackToWritten()
    {
        var written = _ledger.Written;
        _position = written;
        if (HasNothingYet(written))
        {
            _position = _beginsAt with { EndUs = written.EndUs };
            if (written.EndUs == _beginsBehind?.EndUs)
            {
                Pend(GapCause.Disabled);        // nor is that time on the books
            }
        }
    }

    /// <summary>It was switched on, and no sample since then is on disk.</summary>
    private bool HasNothingYet(WrittenPosition written) =>
        _beginsBehind is { HasSample: true } behind && _beginsAt.HasSample && behind.Epoch == written.Epoch && behind.LastSequence == written.LastSequence;

    private bool HasReader()
    {
        if (_reader is not null)
        {
            return true;
        }

        if (_triedAt != 0 && _context.Time.GetElapsedTime(_triedAt) < s_openInterval)
        {
            return false;
        }

        _triedAt = _context.Time.GetTimestamp();
        if (!StreamLogReader.TryOpen(_context.Logs, _logName, _context.Time, out _reader))
        {
            if (_state != RecordingState.Waiting)
            {
                SetState(RecordingState.Waiting, RecordingState.StreamLogMissing);
            }

            return false;
        }

        _tracksVersion = 0;     // of another log, perhaps: their numbers are its own
        if (_resume && _position.HasSample)
        {
            GoOn(_reader);
        }
        else
        {
            Begin(_reader);
        }

        _resume = true;
        _opened = true;
        _resting = false;
        _leadInUntilUs = 0;
        SetState(RecordingState.Waiting, RecordingState.NoVideo);
        return true;
    }

    /// <summary>A recording that begins now: from the last keyframe, so that it starts at once.</summary>
    private void Begin(StreamLogReader reader)
    {
        // Without a keyframe it stands at what is there: the first one may come this moment.
        if (_beganUs == 0)
        {
            SeekToBegin(reader);
        }
        else if (!reader.SeekToKeyframeAtOrBefore(_beganUs))
        {
            BookRest(_beganUs, GapCause.RecorderDown);
            reader.SeekToOldestKeyframe();
        }

        // Stopped and started again within a GOP: what is recorded is not recorded twice.
        if (_position.HasSample && reader.NextSequence <= _position.LastSequence)
        {
            reader.SeekTo(_position.Epoch, _position.LastSequence + 1);
        }

        _epoch = reader.Epoch;
        _beginsAt = new WrittenPosition(reader.Epoch, reader.NextSequence - 1, 0);
    }

    private void GoOn(StreamLogReader reader)
    {
        var written = _position;
        if (reader.SeekTo(written.Epoch, written.LastSequence + 1))
        {
            _epoch = reader.Epoch;
            if (_anew && _segment is null)
            {
                BeginAnew(reader, written);
                return;
            }

            if (_segment is null || GoOnInSegment(reader, _segment))
            {
                return;
            }

            CloseSegment();     // the sample is there, and what decodes it has changed: from the next keyframe
            Pend(GapCause.RecorderDown);
            return;
        }

        _anew = false;
        CloseSegment();
        reader.SeekToOldestKeyframe();      // without one it stands at what is there

        // The log goes on from ours and has overtaken us, or it is another one: then the media plane lost it while we looked on, or
        // nobody knows when while we were down ourselves.
        bool sameLog = reader.SeekTo(written.Epoch, reader.NextSequence);
        var cause = _ledger.OutageCause == GapCause.DiskFull ? GapCause.DiskFull
            : sameLog || !_opened ? GapCause.RecorderDown
            : GapCause.MediaRestart;
        _epoch = reader.Epoch;
        _clock.Reset();
        if (_pendingCause == GapCause.None)
        {
            Missed(cause);      // else the log had gone while nothing was wanted: that is an outage
        }

        Pend(cause);
        if (ClassAt(written.EndUs) is not null)
        {
            Log.CannotResume(_context.Logger, CameraId, Stream, written.LastSequence + 1, cause);
        }
    }

    /// <summary>Appends to the segment that was being written, when its tracks are still what the log holds.</summary>
    private bool GoOnInSegment(StreamLogReader reader, SegmentFile segment)
    {
        var last = segment.Last;
        if (segment.Name.Format == SegmentFormat.Matroska && _context.ReservedBytes > 0)
        {
            return false;       // encryption was switched on
        }

        ReserveFor(segment.Name.Format);
        if (!reader.TryGetTracks(last.TracksVersion, out var tracks) || !SameTracks(Storable(tracks), segment.Tracks)
            || !_builder.ResumeSegment(Storable(tracks), segment.LastBox, segment.Init))
        {
            return false;
        }

        _tracks = Storable(tracks);
        _tracksVersion = last.TracksVersion;
        _builder.EnterEpoch(_epoch);
        _clock.Resume(last.LastCaptureTimeUs, intervalUs: last.DurationTicks * 100L / 9 / last.SampleCount);
        _segmentBytes = segment.Length;
        _rotateAtUs = SegmentRotation.NextCut(_logName, UnixTime.ToMicroseconds(segment.Row(withGops: false)!.From), SegmentRotation.LengthOf(_spec));
        Log.Resumed(_context.Logger, CameraId, Stream, segment.Path, last.LastSequence + 1);
        return true;
    }

    /// <summary>By content: ids stand in the log, positions in the file.</summary>
    private static bool SameTracks(TrackInfo[] log, IReadOnlyList<TrackInfo> file)
    {
        if (log.Length != file.Count)
        {
            return false;
        }

        for (int i = 0; i < log.Length; i++)
        {
            if (!(log[i] with { Id = file[i].Id }).Equals(file[i]))
            {
                return false;
            }
        }

        return true;
    }
}
