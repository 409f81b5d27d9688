using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>Places to start reading. A seek that returns false leaves the reader where it was.</summary>
public sealed partial class StreamLogReader
{
    /// <summary>Continues exactly at that sample, or at the end when it is the next to come. False when it is no longer there, or when the
    /// epoch is none that this log continues: the caller books the gap and seeks a keyframe.</summary>
    public bool SeekTo(ulong epoch, long sequence)
    {
        EndLease();
        return TryStandAt(epoch, sequence) || TryMove() && TryStandAt(epoch, sequence);
    }

    private bool TryStandAt(ulong epoch, long sequence)
    {
        using MappingHold hold = new(_ring);
        if (!_ring.Continues(epoch, sequence) || !_ring.TryFindSequence(sequence, out RingCursor cursor))
            return false;
        StandAt(cursor);
        return true;
    }

    /// <summary>Where live viewing starts.</summary>
    public bool SeekToLastKeyframe()
    {
        FollowName();
        return SeekToKeyframe(KeyframeChoice.Newest, 0);
    }

    public bool SeekToOldestKeyframe() => SeekToKeyframe(KeyframeChoice.Oldest, 0);

    /// <summary>The newest keyframe captured at or before that time (UTC, microseconds since 1970). False when all are newer.</summary>
    public bool SeekToKeyframeAtOrBefore(long captureTimeUs) => SeekToKeyframe(KeyframeChoice.NewestUpToCaptureTime, captureTimeUs);

    private bool SeekToKeyframe(KeyframeChoice choice, long limit)
    {
        EndLease();
        using MappingHold hold = new(_ring);
        long end = _ring.ReadEnd();
        if (!_ring.TryFindKeyframe(choice, limit, 0, end, out KeyframeEntry keyframe)
            || _ring.Peek(keyframe.Position, end, out RecordHeader record) != PeekResult.Sample || record.Sequence != keyframe.Sequence)
        {
            return false;
        }

        StandAt(new RingCursor(keyframe.Position, keyframe.Sequence));
        return true;
    }

    /// <summary>Only samples to come.</summary>
    public void SeekToEnd()
    {
        FollowName();
        using MappingHold hold = new(_ring);
        if (_ring.TryFindEnd(out RingCursor end))
            StandAt(end);
        else
            SkipToKeyframe(_ring.ReadEnd());   // overtaken again and again, or damaged: the next read is an overrun
    }

    private void StandAt(RingCursor cursor)
    {
        _position = cursor.Position;
        _sequence = cursor.Sequence;
        _skipping = false;
        _damaged = false;
        _idle = false;
    }

    /// <summary>Leaves a superseded file without draining it: the caller wants the newest.</summary>
    private void FollowName()
    {
        EndLease();
        RingState state;
        using (MappingHold hold = new(_ring))
            state = _ring.ReadState();
        if (state != RingState.Open)
            TryMove();
    }

    /// <summary>At the end of the file. Null: look again, something came.</summary>
    private ReadOutcome? Idle()
    {
        RingState state = _ring.ReadState();
        if (state != RingState.Open && _position != _ring.ReadEnd())
            return null;   // published just before the state changed
        if (state == RingState.Closed || _closed)
            return ReadOutcome.Closed;

        long now = _time.GetTimestamp();
        bool due = _idle && _time.GetElapsedTime(_idleSince, now) >= s_nameCheckInterval;
        if (state == RingState.Superseded && !_toldSuperseded)
            due = _toldSuperseded = true;   // the name is another file's already: no need to wait
        if (due || !_idle)
            _idleSince = now;
        _idle = true;
        return due ? LookAtName() : ReadOutcome.Empty;
    }

    private ReadOutcome LookAtName()
    {
        ulong epoch;
        try
        {
            epoch = RingFile.PeekEpoch(_path);
        }
        catch (IOException)
        {
            return ReadOutcome.Empty;   // out of file handles, say: what is mapped stays good, and the name is looked at again
        }

        if (epoch == 0)
        {
            _closed = _nameMissing;   // twice: Windows has no name for a moment while a log grows
            _nameMissing = true;
            return _closed ? ReadOutcome.Closed : ReadOutcome.Empty;
        }

        _nameMissing = false;
        return epoch != _ring.Epoch && TryMove() ? ReadOutcome.Moved : ReadOutcome.Empty;
    }

    /// <summary>Opens the file that has the name now, when it is another one, and goes on there.</summary>
    private bool TryMove()
    {
        RingFile? next;
        try
        {
            next = RingFile.TryOpen(_path, writable: false, out _);
        }
        catch (IOException)
        {
            return false;
        }

        if (next is null || next.Epoch == _ring.Epoch)
        {
            next?.Dispose();
            return false;
        }

        RingFile old = _ring;
        _ring = next;
        _idle = _toldSuperseded = false;
        MovedToNewLineage = !next.Continues(old.Epoch, _sequence);
        if (MovedToNewLineage)
        {
            (_tracksVersion, _tracks) = (0, []);    // numbers begin anew in it
            StandAtOldest();
        }
        else if (!_skipping && next.TryFindSequence(_sequence, out RingCursor cursor))
            StandAt(cursor);
        else
            SkipToKeyframe(fromPosition: 0);
        old.Dispose();
        return true;
    }

    /// <summary>A file never read before.</summary>
    private void StandAtOldest()
    {
        _sequence = _ring.Header.BaseSequence - 1;   // unless the next lines find better: an overrun from here to the next keyframe
        if (_ring.TryFindOldest(out RingCursor oldest))
            StandAt(oldest);
        else
            SkipToKeyframe(fromPosition: 0);
    }
}
