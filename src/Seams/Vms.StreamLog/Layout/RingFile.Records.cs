namespace Vms.StreamLog.Layout;

internal enum PeekResult
{
    Sample,
    Pad,

    /// <summary>The writer has overwritten the position, or is about to.</summary>
    Lapped,

    /// <summary>Not lapped, yet no record: memory was damaged.</summary>
    Corrupt,
}

internal sealed unsafe partial class RingFile
{
    /// <summary>First byte of the record at a position. Positions count bytes ever written.</summary>
    internal byte* RecordAt(long position) => _records + position % Capacity;

    /// <summary>Published bytes; everything written before is visible after.</summary>
    internal long ReadEnd() => Volatile.Read(ref Header.WritePosition);

    /// <summary>True when everything read at <paramref name="position"/> so far was the record that was published there.</summary>
    internal bool StillHolds(long position)
    {
        Volatile.ReadBarrier();   // what was copied before, before the look at what the writer gave up
        return position >= Volatile.Read(ref Header.OldestPosition);
    }

    /// <summary>Copies the record header at <paramref name="position"/> and validates the copy. <paramref name="end"/> comes from <see cref="ReadEnd"/>.</summary>
    internal PeekResult Peek(long position, long end, out RecordHeader record)
    {
        record = default;
        if (position < 0 || position >= end || (position & 7) != 0)
            return PeekResult.Corrupt;
        long offset = position % Capacity;
        byte* at = _records + offset;
        ulong first = *(ulong*)at;   // size and kind in one aligned load
        long size = (uint)first;
        var kind = (RecordKind)(byte)(first >> 32);
        long room = Math.Min(end - position, Capacity - offset);
        bool isSample = kind is RecordKind.Sample or RecordKind.ResumeSample && size >= RecordHeader.Bytes && size <= room;
        if (isSample)
            record = *(RecordHeader*)at;
        if (!StillHolds(position))
            return PeekResult.Lapped;

        if (isSample)
        {
            return record.PayloadLength >= 0 && RecordHeader.SizeOf(record.PayloadLength) == size && record.Size == size
                ? PeekResult.Sample
                : PeekResult.Corrupt;
        }

        record.Size = (uint)size;
        record.Kind = kind;
        return kind == RecordKind.Pad && size >= RecordHeader.PadBytes && (size & 7) == 0 && size <= room ? PeekResult.Pad : PeekResult.Corrupt;
    }

    internal ReadOnlySpan<byte> PayloadAt(long position, int length) => new(RecordAt(position) + RecordHeader.Bytes, length);

    internal void WritePad(long position, long size) =>
        *(ulong*)RecordAt(position) = (uint)size | (ulong)RecordKind.Pad << 32;

    internal void WriteRecord(long position, in RecordHeader record, ReadOnlySpan<byte> payload)
    {
        byte* at = RecordAt(position);
        *(RecordHeader*)at = record;
        payload.CopyTo(new Span<byte>(at + RecordHeader.Bytes, payload.Length));
    }
}
