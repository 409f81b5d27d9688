using System.Buffers.Binary;
using System.Text;

namespace Vms.Containers.Zip;

/// <summary>Where a stored file lies in a ZIP.</summary>
/// <param name="Offset">Of its first byte.</param>
public sealed record StoredFile(string Name, long Offset, long Bytes);

/// <summary>Reads what <see cref="ZipDirectory"/> writes: the files of a ZIP that are stored as they are, where they can be read from any place. Safe for any input.</summary>
public static class ZipReader
{
    private const uint EndSignature = 0x06054b50;
    private const uint End64LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndBytes = 22;
    private const int End64LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const int MaxDirectoryBytes = 64 << 20;

    /// <param name="zip">Seekable. Borrowed.</param>
    /// <exception cref="InvalidDataException">It is no such ZIP; the message is for people.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<StoredFile> Read(Stream zip)
    {
        ArgumentNullException.ThrowIfNull(zip);
        var (start, length) = FindDirectory(zip);
        if (length is < 0 or > MaxDirectoryBytes || start < 0 || start > zip.Length - length) throw Broken();
        var files = new List<StoredFile>();
        ReadOnlySpan<byte> directory = ReadAt(zip, start, (int)length);
        while (!directory.IsEmpty)
        {
            if (directory.Length < EntryBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != EntrySignature) throw Broken();
            int name = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extra = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int bytes = EntryBytes + name + extra + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (bytes > directory.Length) throw Broken();
            string path = Encoding.UTF8.GetString(directory.Slice(EntryBytes, name));
            if (!path.EndsWith('/')) files.Add(FileOf(zip, path, directory, directory.Slice(EntryBytes + name, extra)));
            directory = directory[bytes..];
        }

        return files;
    }

    private static (long Start, long Length) FindDirectory(Stream zip)
    {
        int tailBytes = (int)Math.Min(zip.Length, EndBytes + MaxCommentBytes);
        long tailStart = zip.Length - tailBytes;
        ReadOnlySpan<byte> tail = ReadAt(zip, tailStart, tailBytes);
        for (int at = tail.Length - EndBytes; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[at..]) != EndSignature) continue;
            long length = BinaryPrimitives.ReadUInt32LittleEndian(tail[(at + 12)..]);
            long start = BinaryPrimitives.ReadUInt32LittleEndian(tail[(at + 16)..]);
            bool is64 = length == uint.MaxValue || start == uint.MaxValue || BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 10)..]) == ushort.MaxValue;
            return is64 ? FindDirectory64(zip, tailStart + at - End64LocatorBytes) : (start, length);
        }

        throw Broken();
    }

    private static (long Start, long Length) FindDirectory64(Stream zip, long locatorAt)
    {
        ReadOnlySpan<byte> locator = ReadAt(zip, locatorAt, End64LocatorBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != End64LocatorSignature) throw Broken();
        ReadOnlySpan<byte> end = ReadAt(zip, BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), End64Bytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Signature) throw Broken();
        return (BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]));
    }

    private static StoredFile FileOf(Stream zip, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]) != 0)
            throw new InvalidDataException($"{name} is compressed in it: unpack it, and give the folder");
        long bytes = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        var more = Extra64(extra);
        if (bytes == uint.MaxValue) bytes = Next(ref more);
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]) == uint.MaxValue) Next(ref more);      // as stored: the same
        if (offset == uint.MaxValue) offset = Next(ref more);
        ReadOnlySpan<byte> local = ReadAt(zip, offset, LocalBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature) throw Broken();
        long data = offset + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        return bytes >= 0 && data <= zip.Length - bytes ? new StoredFile(name, data, bytes) : throw Broken();
    }

    /// <summary>The ZIP64 field among the extra ones; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Extra64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int bytes = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (bytes > extra.Length - 4) break;
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1) return extra.Slice(4, bytes);
            extra = extra[(4 + bytes)..];
        }

        return default;
    }

    private static long Next(ref ReadOnlySpan<byte> values)
    {
        if (values.Length < 8) throw Broken();
        long value = BinaryPrimitives.ReadInt64LittleEndian(values);
        values = values[8..];
        return value;
    }

    private static byte[] ReadAt(Stream zip, long position, int bytes)
    {
        if (position < 0 || position > zip.Length - bytes) throw Broken();
        byte[] read = new byte[bytes];
        zip.Position = position;
        zip.ReadExactly(read);
        return read;
    }

    private static InvalidDataException Broken() => new("it is no ZIP, or not all of it");
}
