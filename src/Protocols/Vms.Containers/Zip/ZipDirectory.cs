using System.Buffers.Binary;
using System.Text;

namespace Vms.Containers.Zip;

/// <summary>A file in a ZIP, stored as it is.</summary>
/// <param name="Name">With '/' between folders.</param>
/// <param name="Crc32">Of its content.</param>
public sealed record ZipEntry(string Name, long Bytes, uint Crc32, DateTimeOffset At);

/// <summary>
/// What stands around the files of a ZIP (PKWARE APPNOTE 6.3): a header in front of each, the directory behind the last. Nothing is compressed, so that all
/// lengths are known before a file is opened, and any range of the ZIP can be sent. ZIP64 where a number needs it.
/// </summary>
public static class ZipDirectory
{
    private const ushort VersionPlain = 20;
    private const ushort Version64 = 45;
    private const ushort Utf8Names = 0x0800;
    private const uint In64 = uint.MaxValue;
    private const int MaxEntries16 = ushort.MaxValue - 1;

    public static byte[] LocalHeader(ZipEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        bool large = entry.Bytes >= In64;
        using var header = new MemoryStream();
        U32(header, 0x04034b50);
        Common(header, entry, large);
        byte[] name = Encoding.UTF8.GetBytes(entry.Name);
        U16(header, (ushort)name.Length);
        U16(header, large ? (ushort)20 : (ushort)0);
        header.Write(name);
        if (large)
        {
            U16(header, 1);                             // ZIP64 extended information
            U16(header, 16);
            U64(header, entry.Bytes);                   // as it is, and as stored
            U64(header, entry.Bytes);
        }

        return header.ToArray();
    }

    /// <param name="start">Where the directory will stand.</param>
    /// <param name="offsets">Of the entries' local headers.</param>
    public static byte[] Directory(IReadOnlyList<ZipEntry> entries, IReadOnlyList<long> offsets, long start)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(offsets);
        using var directory = new MemoryStream();
        for (int i = 0; i < entries.Count; i++) WriteEntry(directory, entries[i], offsets[i]);
        long bytes = directory.Length;
        if (entries.Count > MaxEntries16 || start >= In64 || bytes >= In64) WriteEnd64(directory, entries.Count, start, bytes);

        U32(directory, 0x06054b50);
        U16(directory, 0);                              // this disk, and the one with the directory
        U16(directory, 0);
        U16(directory, (ushort)Math.Min(entries.Count, ushort.MaxValue));
        U16(directory, (ushort)Math.Min(entries.Count, ushort.MaxValue));
        U32(directory, (uint)Math.Min(bytes, In64));
        U32(directory, (uint)Math.Min(start, In64));
        U16(directory, 0);                              // comment
        return directory.ToArray();
    }

    private static void WriteEntry(MemoryStream to, ZipEntry entry, long offset)
    {
        bool large = entry.Bytes >= In64;
        bool far = offset >= In64;
        int extra = (large ? 16 : 0) + (far ? 8 : 0);
        U32(to, 0x02014b50);
        U16(to, 3 << 8 | Version64);                    // made by: Unix
        Common(to, entry, large || far);
        byte[] name = Encoding.UTF8.GetBytes(entry.Name);
        U16(to, (ushort)name.Length);
        U16(to, (ushort)(extra > 0 ? 4 + extra : 0));
        U16(to, 0);                                     // comment
        U16(to, 0);                                     // disk
        U16(to, 0);                                     // internal attributes
        U32(to, 0x81A4_0000);                           // a regular file, rw-r--r--
        U32(to, (uint)Math.Min(offset, In64));
        to.Write(name);
        if (extra == 0) return;
        U16(to, 1);
        U16(to, (ushort)extra);
        if (large)
        {
            U64(to, entry.Bytes);
            U64(to, entry.Bytes);
        }

        if (far) U64(to, offset);
    }

    /// <summary>From the version that is needed to the sizes: the same in both headers.</summary>
    private static void Common(MemoryStream to, ZipEntry entry, bool is64)
    {
        var at = entry.At.UtcDateTime;
        U16(to, is64 ? Version64 : VersionPlain);
        U16(to, Utf8Names);
        U16(to, 0);                                     // stored
        U16(to, (ushort)(at.Hour << 11 | at.Minute << 5 | at.Second / 2));
        U16(to, (ushort)(Math.Clamp(at.Year - 1980, 0, 127) << 9 | at.Month << 5 | at.Day));
        U32(to, entry.Crc32);
        uint size = entry.Bytes >= In64 ? In64 : (uint)entry.Bytes;
        U32(to, size);
        U32(to, size);
    }

    private static void WriteEnd64(MemoryStream to, int entries, long start, long bytes)
    {
        U32(to, 0x06064b50);
        U64(to, 44);                                    // bytes behind this field
        U16(to, 3 << 8 | Version64);
        U16(to, Version64);
        U32(to, 0);
        U32(to, 0);
        U64(to, entries);
        U64(to, entries);
        U64(to, bytes);
        U64(to, start);
        U32(to, 0x07064b50);                            // where the record above stands
        U32(to, 0);
        U64(to, start + bytes);
        U32(to, 1);
    }

    private static void U16(MemoryStream to, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        to.Write(bytes);
    }

    private static void U32(MemoryStream to, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        to.Write(bytes);
    }

    private static void U64(MemoryStream to, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        to.Write(bytes);
    }
}
