using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>What stands at a place in a journal.</summary>
internal enum JournalRecord
{
    /// <summary>No record: torn, or damaged.</summary>
    None,

    /// <summary>A whole record whose checksum holds.</summary>
    Good,

    /// <summary>The checksum holds, but this version cannot make an entry of it.</summary>
    Undecodable,
}

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

    /// <summary>Reads the record at the start of <paramref name="bytes"/>. Safe for any input.</summary>
    /// <param name="entry">Set when the answer is <see cref="JournalRecord.Good"/>.</param>
    /// <param name="length">Of the record, unless there is none.</param>
    public static JournalRecord Read(ArchiveLayout layout, ReadOnlySpan<byte> bytes, out IndexEntry? entry, out int length)
    {
        entry = null;
        length = 0;
        if (bytes.Length < HeaderBytes)
        {
            return JournalRecord.None;
        }

        int bodyBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (bodyBytes is < 2 or > MaxBodyBytes || bytes.Length - HeaderBytes < bodyBytes)
        {
            return JournalRecord.None;
        }

        var body = bytes.Slice(HeaderBytes, bodyBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum(body))
        {
            return JournalRecord.None;
        }

        length = HeaderBytes + bodyBytes;
        entry = Decode(layout, body);
        return entry is null ? JournalRecord.Undecodable : JournalRecord.Good;
    }

    /// <summary>Where the next good record begins, at <paramref name="from"/> or behind it; the end when there is none.</summary>
    public static int FindRecord(ArchiveLayout layout, ReadOnlySpan<byte> bytes, int from)
    {
        for (int at = from; at + HeaderBytes + 2 <= bytes.Length; at++)
        {
            // The two bytes that every body begins with first: the checksum of what is none is not worth its time.
            if (bytes[at + HeaderBytes] == FormatVersion
                && Enum.IsDefined((Kind)bytes[at + HeaderBytes + 1])
                && Read(layout, bytes[at..], out _, out _) == JournalRecord.Good)
            {
                return at;
            }
        }

        return bytes.Length;
    }

    /// <summary>Null for a body that <see cref="Encode"/> has not written.</summary>
    private static IndexEntry? Decode(ArchiveLayout layout, ReadOnlySpan<byte> body)
    {
        if (body[0] != FormatVersion)
        {
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(body[2..].ToArray()), Encoding.UTF8);
        try
        {
            return (Kind)body[1] switch
            {
                Kind.Segment => new SegmentPut(ReadSegment(reader, layout)),
                Kind.Deleted => new SegmentDeleted(ReadDeleted(reader)),
                Kind.Gap => new GapPut(ReadGap(reader)),
                _ => null,
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or ArgumentException)
        {
            return null;
        }
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
        writer.Write((byte)segment.Class);
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
        int gopBytes = reader.ReadInt32();
        if (gopBytes < 0 || gopBytes > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new InvalidDataException($"a fragment table of {gopBytes} bytes, which are not there");
        }

        byte[] gops = reader.ReadBytes(gopBytes);
        // Records from before there were classes end here.
        var recordingClass = reader.BaseStream.Position < reader.BaseStream.Length ? (RecordingClass)reader.ReadByte() : RecordingClass.Continuous;
        return new SegmentRow(
            id, camera, stream, from, to, path, initBytes, gops, tracks, epoch, firstSequence, lastSequence, bytes, closed, recordingClass, version);
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
        writer.Write(deleted.Rule);
        writer.Write(deleted.By);
    }

    private static DeletedSegment ReadDeleted(BinaryReader reader)
    {
        var deleted = new DeletedSegment(
            new Guid(reader.ReadBytes(16)),
            reader.ReadString(),
            reader.ReadString(),
            ReadTime(reader),
            reader.ReadString(),
            reader.ReadInt64(),
            reader.ReadString(),
            ReadTime(reader),
            reader.ReadInt32());
        // Records from before rule and user were noted end here; a reader from then passes over what follows.
        return reader.BaseStream.Position == reader.BaseStream.Length
            ? deleted
            : deleted with { Rule = reader.ReadString(), By = reader.ReadString() };
    }

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
