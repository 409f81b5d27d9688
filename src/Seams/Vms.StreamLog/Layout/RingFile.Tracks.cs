using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.StreamLog.Layout;

/// <summary>
/// Track tables: the newest <see cref="TrackSlots"/> versions, each in the slot (version modulo slots) as version, length, checksum,
/// bytes. A slot is only believed when its checksum is right, so a table torn by a crash or by a concurrent writer is no table.
/// </summary>
internal sealed unsafe partial class RingFile
{
    private const int SlotHeaderBytes = 16;
    internal const int MaxTrackTableBytes = TrackSlotBytes - SlotHeaderBytes;

    internal uint LatestTracksVersion => Volatile.Read(ref Header.TracksVersion);

    /// <summary>Writer only.</summary>
    internal void WriteTracks(uint version, ReadOnlySpan<byte> table)
    {
        var slot = new Span<byte>(SlotAt(version), (int)_trackSlotBytes);
        Volatile.Write(ref *(uint*)SlotAt(version), 0);
        Volatile.WriteBarrier();
        BinaryPrimitives.WriteInt32LittleEndian(slot[4..], table.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[8..], TracksChecksum(version, table));
        table.CopyTo(slot[SlotHeaderBytes..]);
        Volatile.Write(ref *(uint*)SlotAt(version), version);
        Volatile.Write(ref Header.TracksVersion, version);
    }

    internal bool TryReadTracks(uint version, out IReadOnlyList<TrackInfo> tracks)
    {
        tracks = [];
        byte* slot = SlotAt(version);
        if (version == 0 || Volatile.Read(ref *(uint*)slot) != version)
            return false;
        var header = new ReadOnlySpan<byte>(slot, SlotHeaderBytes);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (length < 0 || length > _trackSlotBytes - SlotHeaderBytes)
            return false;
        byte[] table = new ReadOnlySpan<byte>(slot + SlotHeaderBytes, length).ToArray();
        return TracksChecksum(version, table) == BinaryPrimitives.ReadUInt32LittleEndian(header[8..])
            && TrackTable.TryDecode(table, out tracks);
    }

    private static uint TracksChecksum(uint version, ReadOnlySpan<byte> table)
    {
        Span<byte> prefix = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, version);
        return Crc32C.Append(Crc32C.Append(0, prefix), table);
    }

    private byte* SlotAt(uint version) => _tracks + version % _trackSlots * _trackSlotBytes;
}
