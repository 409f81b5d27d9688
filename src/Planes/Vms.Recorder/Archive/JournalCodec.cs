using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>
/// Journal records: length (4, little-endian, of the body), CRC-32C of the body (4), body. The body is a format byte, a kind
/// byte and the fields of the entry. A record is believed only as a whole.
/// </summary>
internal static class JournalCodec
{
    public const int HeaderBytes = 8;

    /// <summary>A longer record is damage: the largest real one is a segment of 36 hours with its fragment table.</summary>
    public const int MaxBodyBytes = 16 << 20;

    private const byte FormatVersion = 1;

    private enum Kind : byte
    {
        Segment = 1,
        Deleted = 2,
        Gap = 3,
    }

    public static byte[] Encode(ArchiveLayout layout, IndexEntry entry)
    {
        var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(0L);   // length and checksum, below
        writer.Write(FormatVersion);
        switch (entry)
        {
            case SegmentPut put:
                writer.Write((byte)Kind.Segment);
                WriteSegment(writer, layout, put.Segment);
                break;
            case SegmentDeleted deleted:
                writer.Write((byte)Kind.Deleted);
                WriteDeleted(writer, deleted.Deleted);
                break;
            case GapPut gap:
                writer.Write((byte)Kind.Gap);
                WriteGap(writer, gap.Gap);
                break;
            default:
                throw new ArgumentException($"No journal record for {entry.GetType().Name}", nameof(entry));
        }

        writer.Flush();
        byte[] record = buffer.ToArray();
        var body = record.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(record, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Checksum(body));
        return record;
    }

    /// <summary>Reads the record at the start of <paramref name="bytes"/>; false when it is torn or not a record.</summary>
    public static bool TryDecode(ArchiveLayout layout, ReadOnlySpan<byte> bytes, out IndexEntry? entry, out int length)
    {
        entry = null;
        length = 0;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        int bodyBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (bodyBytes is < 2 or > MaxBodyBytes || bytes.Length - HeaderBytes < bodyBytes)
        {
            return false;
        }

        var body = bytes.Slice(HeaderBytes, bodyBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum(body) || body[0] != FormatVersion)
        {
            return false;
        }

        using var reader = new BinaryReader(new MemoryStream(body[2..].ToArray()), Encoding.UTF8);
        entry = (Kind)body[1] switch
        {
            Kind.Segment => new SegmentPut(ReadSegment(reader, layout)),
            Kind.Deleted => new SegmentDeleted(ReadDeleted(reader)),
            Kind.Gap => new GapPut(ReadGap(reader)),
            _ => null,
        };
        length = HeaderBytes + bodyBytes;
        return entry is not null;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    private static void WriteSegment(BinaryWriter writer, ArchiveLayout layout, SegmentRow segment)
    {
        writer.Write(segment.Id.ToByteArray());
        writer.Write(segment.CameraId);
        writer.Write(segment.Stream);
        WriteTime(writer, segment.From);
        WriteTime(writer, segment.To);
        writer.Write(layout.Relative(segment.Path));
        writer.Write(segment.InitBytes);
        writer.Write(segment.Epoch);
        writer.Write(segment.FirstSequence);
        writer.Write(segment.LastSequence);
        writer.Write(segment.Bytes);
        writer.Write(segment.Closed);
        writer.Write(segment.Version);
        TrackTable.Write(writer, segment.Tracks);
        writer.Write(segment.Gops.Length);
        writer.Write(segment.Gops.Span);
    }

    private static SegmentRow ReadSegment(BinaryReader reader, ArchiveLayout layout)
    {
        var id = new Guid(reader.ReadBytes(16));
        string camera = reader.ReadString();
        string stream = reader.ReadString();
        var from = ReadTime(reader);
        var to = ReadTime(reader);
        string path = layout.Absolute(reader.ReadString());
        int initBytes = reader.ReadInt32();
        ulong epoch = reader.ReadUInt64();
        long firstSequence = reader.ReadInt64();
        long lastSequence = reader.ReadInt64();
        long bytes = reader.ReadInt64();
        bool closed = reader.ReadBoolean();
        int version = reader.ReadInt32();
        var tracks = TrackTable.Read(reader);
        byte[] gops = reader.ReadBytes(reader.ReadInt32());
        return new SegmentRow(
            id, camera, stream, from, to, path, initBytes, gops, tracks, epoch, firstSequence, lastSequence, bytes, closed, version);
    }

    private static void WriteDeleted(BinaryWriter writer, DeletedSegment deleted)
    {
        writer.Write(deleted.Id.ToByteArray());
        writer.Write(deleted.CameraId);
        writer.Write(deleted.Stream);
        WriteTime(writer, deleted.From);
        writer.Write(deleted.Path);
        writer.Write(deleted.Bytes);
        writer.Write(deleted.Reason);
        WriteTime(writer, deleted.At);
        writer.Write(deleted.Version);
    }

    private static DeletedSegment ReadDeleted(BinaryReader reader) => new(
        new Guid(reader.ReadBytes(16)),
        reader.ReadString(),
        reader.ReadString(),
        ReadTime(reader),
        reader.ReadString(),
        reader.ReadInt64(),
        reader.ReadString(),
        ReadTime(reader),
        reader.ReadInt32());

    private static void WriteGap(BinaryWriter writer, GapRow gap)
    {
        writer.Write(gap.Id.ToByteArray());
        writer.Write(gap.CameraId);
        writer.Write(gap.Stream);
        WriteTime(writer, gap.From);
        WriteTime(writer, gap.To);
        writer.Write((byte)gap.Cause);
        writer.Write(gap.Version);
    }

    private static GapRow ReadGap(BinaryReader reader) => new(
        new Guid(reader.ReadBytes(16)),
        reader.ReadString(),
        reader.ReadString(),
        ReadTime(reader),
        ReadTime(reader),
        (GapCause)reader.ReadByte(),
        Open: false,
        reader.ReadInt32());

    private static void WriteTime(BinaryWriter writer, DateTimeOffset time) => writer.Write(UnixTime.ToMicroseconds(time));

    private static DateTimeOffset ReadTime(BinaryReader reader) => UnixTime.FromMicroseconds(reader.ReadInt64());
}
