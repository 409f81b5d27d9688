using Vms.Codecs;
using Vms.Recorder.Gaps;
using Vms.Recorder.Pools;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>
/// In which pool a stream is recorded. It changes with a segment, and never before everything of the stream that is queued for the old pool was
/// written: the chain, the journal, gaps and closes stay in order. The samples wait in the stream log meanwhile.
/// </summary>
/// <remarks>
/// Three ways: by balance, when a segment begins; at the next keyframe, when the pool is full; at once, when it fails or goes away. Then what is
/// on disk stays where it is, and the new segment begins with the keyframe before, so that it can be decoded without the old one: up to a group of
/// pictures is recorded twice, and nothing is lost.
/// </remarks>
internal sealed partial class RecordingWriter
{
    /// <summary>What a segment of a stream that was not recorded yet is expected to take a second.</summary>
    private const long UsualBytesPerSecond = 500_000;

    private PoolWriter? _next;      // chosen for the next segment, and waited for
    private bool _chosen;           // the pool of the next segment is decided
    private bool _leaves;           // the pool, at once
    private bool _anew;             // the next segment begins with the keyframe before what is on disk
    private long _expectedBytes;    // of the segment being written, as it was told when its pool was chosen

    /// <summary>Where a stream goes on that was recorded before: the pool of its newest segment.</summary>
    private PoolWriter PoolOf(SegmentFile? tail) =>
        (tail is null ? null : _context.Pools.Of(_context.Layout, tail.Path)) ?? _context.Pools.All.FirstOrDefault(w => w.Pool.CanRecord) ?? _context.Pools.Main;

    /// <summary>Before a segment is begun.</summary>
    /// <returns>False when it is another pool's, and what is queued for this one has to be written first.</returns>
    private bool HasPool()
    {
        if (_chosen)
        {
            _chosen = false;
            return true;
        }

        long last = _segmentBytes;      // with what is queued: a stream that catches up has not written all of it
        if (_expectedBytes > 0)
        {
            _context.Pools.Correct(_pool, last - _expectedBytes);
        }

        long expected = _expectedBytes > 0 && last > 0 ? last : SegmentRotation.LengthOf(_spec) / 1_000_000 * UsualBytesPerSecond;
        var chosen = _context.Pools.Choose(_position.HasSample ? _pool : null, expected) ?? _pool;
        _expectedBytes = expected;
        if (chosen == _pool)
        {
            return true;
        }

        if (_ledger.Queued > 0)
        {
            _next = chosen;
            _chosen = true;
            return false;
        }

        _pool = chosen;
        return true;
    }

    /// <summary>False while a pool is left and has not written everything.</summary>
    private bool HasChangedPool()
    {
        if (_next is null && !_leaves)
        {
            return true;
        }

        if (_ledger.Queued > 0)
        {
            return false;
        }

        if (_leaves)
        {
            if ((_context.Pools.Choose(null, _expectedBytes, without: _pool) ?? (_pool.Pool.CanRecord ? _pool : null)) is not { } other)
            {
                WhenNoPool();
                return false;
            }

            GoOnIn(other);
        }
        else
        {
            _pool = _next!;
        }

        _next = null;
        return true;
    }

    /// <summary>Can the pool take what comes? One that is full is left with the next keyframe, one that is not there at once.</summary>
    private bool MayGoOn()
    {
        if (_pool.Pool.CanRecord)
        {
            return true;
        }

        if (!_context.Pools.HasOther(_pool))
        {
            WhenNoPool();
            return false;
        }

        if (_segment is null)
        {
            if (_ledger.Queued > 0)
            {
                return false;
            }

            _pool = _context.Pools.Choose(null, _expectedBytes, without: _pool) ?? _pool;
            return true;
        }

        if (_pool.Pool.State.State == PoolState.Full)
        {
            _rotateAtUs = 0;
            return true;
        }

        if (TryFlush())
        {
            Leave(_pool.Pool.State.Reason);
        }

        return false;
    }

    /// <summary>Everything up to here is queued, or was thrown away after a failure. What is on disk stays there.</summary>
    private void Leave(string reason)
    {
        Log.Leaves(_context.Logger, CameraId, Stream, _pool.Pool.Name, reason);
        CloseSegment();
        _leaves = true;
        _chosen = false;
        _next = null;
    }

    private void GoOnIn(PoolWriter pool)
    {
        _leaves = false;
        _pool = pool;
        _builder.Discard();
        _builder.ResumeChain(_ledger.Chain);
        _clock.Reset();
        _clockStepped = false;
        GoBackToWritten();
        LetGoOfLog();
        _triedAt = 0;       // at once
        _resume = _position.HasSample;
        _anew = _resume;
        SetState(RecordingState.Waiting, RecordingState.NoVideo);
    }

    /// <summary>A write failed while a pool was to be changed: what was on its way there is not.</summary>
    private void StayInPool()
    {
        _leaves = false;
        _chosen = false;
        _next = null;
    }

    /// <summary>At the keyframe that the next sample needs.</summary>
    private void BeginAnew(StreamLogReader reader, WrittenPosition written)
    {
        _anew = false;
        if (!SeekToKeyframeUpTo(reader, written))
        {
            reader.SeekTo(written.Epoch, written.LastSequence + 1);
            Pend(GapCause.RecorderDown);        // the log begins amid a group of pictures: from the next keyframe
        }

        _epoch = reader.Epoch;
    }

    /// <summary>The newest keyframe not behind the first sample that is not on disk.</summary>
    private static bool SeekToKeyframeUpTo(StreamLogReader reader, WrittenPosition written)
    {
        if (reader.TryRead(out var lease) == ReadOutcome.Sample && lease.Header.IsKeyframe
            && reader.TryGetTracks(lease.Header.TracksVersion, out var tracks) && Storable(tracks) is [var video, ..] && video.Id == lease.Header.TrackId)
        {
            return reader.SeekTo(lease.Epoch, lease.Sequence);
        }

        return reader.SeekToKeyframeAtOrBefore(written.EndUs) && reader.NextSequence <= written.LastSequence + 1;
    }

    private void WhenNoPool()
    {
        if (_state == RecordingState.Failed || (_segment is not null && !TryFlush()))
        {
            return;
        }

        bool full = _pool.Pool.State.State == PoolState.Full;
        string reason = full ? WriteFailure.DiskFull : RecordingState.PoolAway;
        _ledger.OutageIs(full ? GapCause.DiskFull : GapCause.RecorderDown);
        _firstBeganUs = null;       // what is lost for want of a pool is no part of connecting
        _context.Events.RecordingStopped(CameraId, Stream, _context.Time.GetUtcNow(), reason);
        SetState(RecordingState.Failed, reason, full ? "The pool is full and nothing may be deleted" : $"No storage pool can be recorded into: {_pool.Pool.State.Reason}");
    }

    private static partial class Log
    {
        [LoggerMessage(3137, LogLevel.Warning, "Camera {CameraId} {Stream}: leaves the pool {Pool} ({Reason}) and goes on in another one")]
        public static partial void Leaves(ILogger logger, string cameraId, string stream, string pool, string reason);
    }
}
