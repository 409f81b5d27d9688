using System.Buffers;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>What a scan of a segment file found.</summary>
/// <param name="Fragments">The good fragments in file order.</param>
/// <param name="GoodEnd">Offset behind the last good fragment, or the start offset when there is none: trim the file here.</param>
/// <param name="DamagedBytes">Bytes before <paramref name="GoodEnd"/> that belong to no good fragment.</param>
/// <param name="Last">Header of the last good fragment.</param>
/// <param name="LastHeader">Its whole `uuid` box, for <see cref="Fmp4FragmentBuilder.ResumeSegment"/>; empty when there is none.</param>
public sealed record FragmentScan(
    IReadOnlyList<FragmentEntry> Fragments, long GoodEnd, long DamagedBytes, FragmentHeader? Last, ReadOnlyMemory<byte> LastHeader)
{
    /// <summary>The table as the index stores it, from the file alone.</summary>
    public byte[] EncodeGopTable() => GopTable.Encode([.. Fragments]);
}

/// <summary>
/// Finds the good fragments of a segment file: header checksum, length within the file, content checksum. After a damaged place it
/// searches for the next header, so that one bad sector does not cost the rest of the file.
/// </summary>
public static class Fmp4FragmentScanner
{
    private const int ReadBytes = 64 * 1024;

    /// <param name="file">Seekable. Borrowed; its position afterwards is undefined.</param>
    /// <param name="start">Where the first fragment begins: the length of the init segment.</param>
    /// <param name="verifyLast">How many fragments, counted from the end, must match their content checksum; of older ones only the
    /// header is read. <see cref="int.MaxValue"/> for all. At least 1.</param>
    public static FragmentScan Scan(Stream file, long start, int verifyLast = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(verifyLast, 1);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var found = FindHeaders(file, start, buffer);
            DropDamaged(file, found, verifyLast, buffer);
            return Summarize(file, start, found, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether one fragment's bytes are exactly what was written.</summary>
    /// <param name="fragment">All of it, from its `uuid` box to the end of its last block.</param>
    public static bool IsGood(ReadOnlySpan<byte> fragment) =>
        FragmentHeader.TryRead(fragment, out var header) && header.Length == fragment.Length
        && Crc32C.Of(fragment[FragmentHeader.SizeAt(fragment)..]) == FragmentHeader.ContentChecksumAt(fragment);

    /// <summary>Every fragment whose header is good, whatever its content.</summary>
    internal static List<FragmentEntry> FindHeaders(Stream file, long start)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            return FindHeaders(file, start, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static List<FragmentEntry> FindHeaders(Stream file, long start, byte[] buffer)
    {
        var found = new List<FragmentEntry>();
        long length = file.Length;
        long position = start;
        while (length - position >= FragmentHeader.MinBytes && found.Count < GopTable.MaxFragments)
        {
            var bytes = ReadAt(file, position, buffer.AsSpan(0, FragmentHeader.MaxBytes));
            if (FragmentHeader.TryRead(bytes, out var header) && header.Length <= length - position)
            {
                found.Add(header.ToEntry(position));
                position += header.Length;
            }
            else
            {
                position = FindUserType(file, position + 1, buffer);
            }
        }

        return found;
    }

    /// <summary>The next place where a header may begin, or the end of the file.</summary>
    private static long FindUserType(Stream file, long from, byte[] buffer)
    {
        var pattern = FragmentHeader.UserType;
        while (true)
        {
            var bytes = ReadAt(file, from, buffer);
            int found = bytes.IndexOf(pattern);
            if (found >= FragmentHeader.UserTypePosition) return from + found - FragmentHeader.UserTypePosition;
            if (found >= 0)
            {
                from += found + 1;      // too near to `from` to have a box header in front of it
                continue;
            }

            if (bytes.Length < buffer.Length) return file.Length;
            // The pattern, and the eight bytes in front of it, may lie across two reads.
            from += bytes.Length - (pattern.Length + FragmentHeader.UserTypePosition);
        }
    }

    // From the end: every damaged fragment goes, until `verifyLast` good ones in a row have been seen.
    private static void DropDamaged(Stream file, List<FragmentEntry> found, int verifyLast, byte[] buffer)
    {
        int good = 0;
        for (int i = found.Count - 1; i >= 0 && good < verifyLast; i--)
        {
            if (HasGoodContent(file, found[i], buffer))
            {
                good++;
            }
            else
            {
                found.RemoveAt(i);
                good = 0;
            }
        }
    }

    private static bool HasGoodContent(Stream file, in FragmentEntry fragment, byte[] buffer)
    {
        var header = ReadAt(file, fragment.Offset, buffer.AsSpan(0, FragmentHeader.MaxBytes));
        if (!FragmentHeader.TryRead(header, out _)) return false;

        uint expected = FragmentHeader.ContentChecksumAt(header);
        long position = fragment.Offset + FragmentHeader.SizeAt(header);
        uint checksum = 0;
        while (position < fragment.EndOffset)
        {
            var bytes = ReadAt(file, position, buffer.AsSpan(0, (int)Math.Min(buffer.Length, fragment.EndOffset - position)));
            if (bytes.IsEmpty) return false;
            checksum = Crc32C.Append(checksum, bytes);
            position += bytes.Length;
        }

        return checksum == expected;
    }

    private static FragmentScan Summarize(Stream file, long start, List<FragmentEntry> found, byte[] buffer)
    {
        if (found.Count == 0) return new FragmentScan(found, start, 0, null, default);

        var last = found[^1];
        var box = ReadAt(file, last.Offset, buffer.AsSpan(0, FragmentHeader.MaxBytes));
        if (!FragmentHeader.TryRead(box, out var header)) throw new IOException("The file changed while it was scanned");

        long good = 0;
        foreach (var fragment in found) good += fragment.Length;
        return new FragmentScan(
            found, last.EndOffset, last.EndOffset - start - good, header, box[..FragmentHeader.SizeAt(box)].ToArray());
    }

    private static ReadOnlySpan<byte> ReadAt(Stream file, long position, Span<byte> destination)
    {
        file.Position = position;
        return destination[..file.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false)];
    }
}
