namespace Vms.StreamLog.Layout;

/// <summary>How a new writer takes over what another one left, and how a larger file takes over from a smaller one.</summary>
internal sealed unsafe partial class RingFile
{
    /// <summary>
    /// Judges what a writer that may have died at any instruction left behind: positions, every record's bounds, rising sequence numbers,
    /// the last record's checksum. A damaged last record becomes a pad; its sequence number is not given out again. Records
    /// beyond the write position were never published and are forgotten. False: not to be continued.
    /// </summary>
    internal bool TryRecover(out long nextSequence)
    {
        nextSequence = Header.BaseSequence;
        long oldest = Header.OldestPosition, end = Header.WritePosition;
        if (oldest < 0 || oldest > end || end - oldest > Capacity || Header.KeyframeCount < 0)
            return false;

        long last = -1;
        RecordHeader lastRecord = default;
        for (long position = oldest; position < end;)
        {
            PeekResult result = Peek(position, end, out RecordHeader record);
            if (result is PeekResult.Corrupt or PeekResult.Lapped)
                return false;
            if (result == PeekResult.Sample)
            {
                if (record.Sequence < nextSequence && last >= 0)
                    return false;
                last = position;
                lastRecord = record;
                nextSequence = record.Sequence + 1;
            }

            position += record.Size;
        }

        if (last >= 0 && lastRecord.ComputeChecksum(PayloadAt(last, lastRecord.PayloadLength)) != lastRecord.Checksum)
            Volatile.Write(ref *(ulong*)RecordAt(last), lastRecord.Size | (ulong)RecordKind.Pad << 32);   // one store: readers see one or the other
        DropKeyframesFrom(end);
        return true;
    }

    /// <summary>Makes this new file, which no reader knows yet, go on where <paramref name="old"/> ends: same records, keyframes, track
    /// tables and sequence numbers; positions start at 0 again.</summary>
    internal void ContinueFrom(RingFile old, long nextSequence)
    {
        Header.BaseSequence = nextSequence;
        Header.LineageCount = Math.Min(old.Header.LineageCount + 1, LineageTable.Length);
        Header.Lineage[0] = new LineageEntry(old.Epoch, nextSequence);
        for (int i = 1; i < Header.LineageCount; i++)
            Header.Lineage[i] = old.Header.Lineage[i - 1];
        Header.IdentityChecksum = IdentityChecksum(in Header);

        long oldest = old.Header.OldestPosition, end = old.Header.WritePosition;
        for (long position = oldest; position < end;)
        {
            long run = Math.Min(end - position, old.Capacity - position % old.Capacity);
            long to = position - oldest;
            Buffer.MemoryCopy(old.RecordAt(position), _records + to, Capacity - to, run);
            position += run;
        }

        long count = old.KeyframeCount;
        for (long index = Math.Max(0, count - old._keyframeSlots); index < count; index++)
        {
            if (old.TryReadKeyframe(index, end, out KeyframeEntry keyframe))
                AddKeyframe(keyframe with { Position = keyframe.Position - oldest });
        }

        for (uint version = old.LatestTracksVersion, back = 0; version > 0 && back < TrackSlots; version--, back++)
        {
            if (old.TryReadTracks(version, out IReadOnlyList<Codecs.TrackInfo> tracks))
                WriteTracks(version, TrackTable.Encode(tracks));
        }

        Header.TracksVersion = old.Header.TracksVersion;
        Volatile.Write(ref Header.WritePosition, end - oldest);
    }
}
