using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Hosting.Heads;

namespace Vms.Recorder.Heads;

/// <summary>A file of entries, each with its length and checksum in front, in the order in which they came (docs/ref/head-format.md).</summary>
internal static class HeadFile
{
    public const string Extension = ".heads";

    /// <summary>Of an hour: a crowd all the time is a tenth of it.</summary>
    public const long MaxBytes = 64 << 20;

    private const int FrameBytes = 8;

    /// <exception cref="IOException">The disk does not take it; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Append(string path, ReadOnlySpan<byte> entry)
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] framed = new byte[FrameBytes + entry.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, entry.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(4), Crc32C.Of(entry));
        entry.CopyTo(framed.AsSpan(FrameBytes));
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        long end = file.Position;
        if (end + framed.Length > MaxBytes) throw new IOException($"{path} has {MaxBytes >> 20} MiB already");
        try
        {
            file.Write(framed);
        }
        catch (IOException)
        {
            file.SetLength(end);        // half an entry would hide what comes behind it
            throw;
        }
    }

    /// <summary>Entries up to the first that is not whole: what a power cut left half of, and what was written behind it, counts as not looked at.</summary>
    /// <exception cref="IOException">It cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static IEnumerable<HeadEntry> Read(string path)
    {
        if (!File.Exists(path)) yield break;
        byte[] bytes = File.ReadAllBytes(path);
        for (int at = 0; bytes.Length - at >= FrameBytes;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4));
            at += FrameBytes;
            if (length is < 0 or > HeadBytes.MaxBytes || bytes.Length - at < length || Crc32C.Of(bytes.AsSpan(at, length)) != checksum || HeadBytes.Read(bytes.AsSpan(at, length)) is not { } entry)
                yield break;
            at += length;
            yield return entry;
        }
    }
}
