namespace Vms.StreamLog.Layout;

/// <summary>Which keyframe <see cref="RingFile.TryFindKeyframe"/> looks for.</summary>
internal enum KeyframeChoice
{
    Newest,
    Oldest,

    /// <summary>The newest whose sequence is not above the limit.</summary>
    NewestUpToSequence,

    /// <summary>The newest whose capture time is not above the limit.</summary>
    NewestUpToCaptureTime,

    /// <summary>The oldest whose sequence is not below the limit.</summary>
    OldestFromSequence,
}

internal sealed unsafe partial class RingFile
{
    internal long KeyframeCount => Volatile.Read(ref Header.KeyframeCount);

    /// <summary>Writer only, before the write position covers the keyframe's record: a reader that sees the record finds its entry.</summary>
    internal void AddKeyframe(in KeyframeEntry keyframe)
    {
        long count = Header.KeyframeCount;
        *(KeyframeEntry*)(_keyframes + count % _keyframeSlots * KeyframeEntry.SlotBytes) = keyframe;
        Volatile.Write(ref Header.KeyframeCount, count + 1);
    }

    /// <summary>Writer only, on opening a log: entries of a record that was never published.</summary>
    internal void DropKeyframesFrom(long end)
    {
        for (long dropped = 0; dropped < _keyframeSlots && Header.KeyframeCount > 0; dropped++)
        {
            long newest = Header.KeyframeCount - 1;
            if ((*(KeyframeEntry*)(_keyframes + newest % _keyframeSlots * KeyframeEntry.SlotBytes)).Position < end)
                return;
            Volatile.Write(ref Header.KeyframeCount, newest);
        }
    }

    /// <summary>The <paramref name="index"/>th keyframe ever, when its entry and its record are still there. The writer may be filling the
    /// slot one round later, which the count read after the copy tells.</summary>
    private bool TryReadKeyframe(long index, long end, out KeyframeEntry keyframe)
    {
        keyframe = *(KeyframeEntry*)(_keyframes + index % _keyframeSlots * KeyframeEntry.SlotBytes);
        Volatile.ReadBarrier();
        return index > Volatile.Read(ref Header.KeyframeCount) - _keyframeSlots
            && keyframe.Position < end && keyframe.Position >= end - Capacity && keyframe.Position >= Volatile.Read(ref Header.OldestPosition);
    }

    /// <param name="choice">Which one.</param>
    /// <param name="limit">For the choices that have one.</param>
    /// <param name="from">No record before this position.</param>
    /// <param name="end">Only records published when <see cref="ReadEnd"/> gave this.</param>
    /// <param name="found">The keyframe; its record may be lapped by the time it is read.</param>
    internal bool TryFindKeyframe(KeyframeChoice choice, long limit, long from, long end, out KeyframeEntry found)
    {
        found = default;
        bool any = false;
        long count = KeyframeCount;
        for (long index = count - 1; index >= Math.Max(0, count - _keyframeSlots); index--)
        {
            if (!TryReadKeyframe(index, end, out KeyframeEntry keyframe))
            {
                if (keyframe.Position >= end)
                    continue;   // published after the caller looked
                break;          // this one and all before it are gone
            }

            if (keyframe.Position < from)
                break;

            switch (choice)
            {
                case KeyframeChoice.Newest:
                case KeyframeChoice.NewestUpToSequence when keyframe.Sequence <= limit:
                case KeyframeChoice.NewestUpToCaptureTime when keyframe.CaptureTimeUs <= limit:
                    found = keyframe;
                    return true;
                case KeyframeChoice.Oldest:
                case KeyframeChoice.OldestFromSequence when keyframe.Sequence >= limit:
                    found = keyframe;
                    any = true;
                    break;
                case KeyframeChoice.OldestFromSequence:
                    return any;   // older ones are lower still
            }
        }

        return any;
    }
}
