namespace Vms.StreamLog.Layout;

/// <summary>A place in one log file: a record boundary and the sequence number of the sample that stands there or will.</summary>
internal readonly record struct RingCursor(long Position, long Sequence);

internal sealed partial class RingFile
{
    private const int FindAttempts = 16;   // each one lost to a writer that overtook the walk

    /// <summary>The place of a sample that is still there, or the end of the log when it is the next to come.</summary>
    internal bool TryFindSequence(long sequence, out RingCursor cursor) => TryFind(KeyframeChoice.NewestUpToSequence, sequence, sequence, out cursor);

    /// <summary>Where the next sample will stand.</summary>
    internal bool TryFindEnd(out RingCursor cursor) => TryFind(KeyframeChoice.Newest, 0, long.MaxValue, out cursor);

    /// <summary>The oldest sample that is still there, keyframe or not; the end of a log without samples.</summary>
    internal bool TryFindOldest(out RingCursor cursor) => TryFind(null, 0, long.MinValue, out cursor);

    /// <summary>Walks records from a keyframe near the target, else from the oldest, to the first with at least the target's sequence.</summary>
    private bool TryFind(KeyframeChoice? near, long limit, long target, out RingCursor cursor)
    {
        for (int attempt = 0; attempt < FindAttempts; attempt++)
        {
            long end = ReadEnd();
            long start = near is { } choice && TryFindKeyframe(choice, limit, 0, end, out KeyframeEntry keyframe)
                ? keyframe.Position
                : Volatile.Read(ref Header.OldestPosition);
            switch (Walk(start, end, target, out cursor))
            {
                case PeekResult.Sample:
                    return target is long.MinValue or long.MaxValue || cursor.Sequence == target;
                case PeekResult.Corrupt:
                    return false;
            }
        }

        cursor = default;
        return false;
    }

    private PeekResult Walk(long start, long end, long target, out RingCursor cursor)
    {
        cursor = default;
        if (end - start > Capacity)
            return PeekResult.Lapped;   // or a damaged position: either way not to be walked round and round
        long next = Header.BaseSequence;
        long position = start;
        while (position < end)
        {
            PeekResult result = Peek(position, end, out RecordHeader record);
            if (result == PeekResult.Sample)
            {
                if (record.Sequence >= target)
                {
                    cursor = new RingCursor(position, record.Sequence);
                    return PeekResult.Sample;
                }

                next = record.Sequence + 1;
            }
            else if (result != PeekResult.Pad)
            {
                return result;
            }

            position += record.Size;
        }

        cursor = new RingCursor(position, next);
        return PeekResult.Sample;
    }
}
