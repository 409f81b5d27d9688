using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pictures;

/// <summary>
/// The previews of one closed segment, in a file beside it (docs/ref/preview-format.md): JPEGs one after the other, then a table of them.
/// Written under another name and renamed when it is whole; what cannot be read counts as not there and is made again.
/// </summary>
internal static class PreviewFile
{
    public const string Extension = ".previews";

    /// <summary>While it is being written; one that a crash left is written over or goes with its segment.</summary>
    public const string UnfinishedExtension = Extension + ".tmp";

    /// <summary>A day and a half of one segment at the shortest interval.</summary>
    public const int MaxPictures = 65_536;

    /// <summary>320 pixels wide: ten times what the worst picture takes.</summary>
    public const int MaxPictureBytes = 512 << 10;

    private const int EntryBytes = 24;
    private const int FooterBytes = 24;

    private static ReadOnlySpan<byte> Magic => "VMSPREV1"u8;

    /// <summary>The pictures are encrypted, each by itself (<see cref="EncryptedPicture"/>).</summary>
    private static ReadOnlySpan<byte> EncryptedMagic => "VMSPREV2"u8;

    public static string PathOf(string segmentPath) => Path.ChangeExtension(segmentPath, Extension);

    /// <summary>The last preview at or before a time.</summary>
    /// <param name="keyOf">Data keys, for encrypted ones.</param>
    /// <returns>Null when there is no whole file, none of its pictures is that old, or the key of it is not there.</returns>
    public static async Task<Preview?> ReadAsync(string segmentPath, long atUs, Func<ulong, DataKey?>? keyOf, CancellationToken cancellationToken)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(segmentPath), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            return await ReadTableAsync(file, cancellationToken) is var (table, encrypted) && Find(table, atUs) is { } entry
                && await ReadPictureAsync(file, entry, cancellationToken) is { } stored
                && (encrypted ? EncryptedPicture.Decrypt(stored, entry.CapturedUs, keyOf) : stored) is { } jpeg
                    ? new Preview(UnixTime.FromMicroseconds(entry.CapturedUs), jpeg)
                    : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Is there a whole one?</summary>
    public static async Task<bool> IsWholeAsync(string segmentPath, CancellationToken cancellationToken)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(segmentPath), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            return await ReadTableAsync(file, cancellationToken) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<(byte[] Table, bool Encrypted)?> ReadTableAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        long length = RandomAccess.GetLength(file);
        if (length < FooterBytes) return null;
        byte[] footer = new byte[FooterBytes];
        if (!await FillAsync(file, footer, length - FooterBytes, cancellationToken)) return null;
        bool encrypted = footer.AsSpan(16).SequenceEqual(EncryptedMagic);
        if (!encrypted && !footer.AsSpan(16).SequenceEqual(Magic)) return null;
        long offset = BinaryPrimitives.ReadInt64LittleEndian(footer);
        int count = BinaryPrimitives.ReadInt32LittleEndian(footer.AsSpan(8));
        if (count is < 0 or > MaxPictures || offset < 0 || offset != length - FooterBytes - ((long)count * EntryBytes)) return null;
        byte[] table = new byte[count * EntryBytes];
        return await FillAsync(file, table, offset, cancellationToken) && Crc32C.Of(table) == BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(12))
            ? (table, encrypted)
            : null;
    }

    /// <summary>In order of recording, which the wall clock may have left: the last one that fits.</summary>
    private static Entry? Find(ReadOnlySpan<byte> table, long atUs)
    {
        for (int at = table.Length - EntryBytes; at >= 0; at -= EntryBytes)
        {
            var entry = table.Slice(at, EntryBytes);
            long capturedUs = BinaryPrimitives.ReadInt64LittleEndian(entry);
            if (capturedUs > atUs) continue;
            return new Entry(
                capturedUs,
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(entry[16..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]));
        }

        return null;
    }

    private static async Task<byte[]?> ReadPictureAsync(SafeFileHandle file, Entry entry, CancellationToken cancellationToken)
    {
        if (entry.Length is <= 0 or > MaxPictureBytes + EncryptedPicture.AddedBytes || entry.Offset < 0) return null;
        byte[] stored = new byte[entry.Length];
        return await FillAsync(file, stored, entry.Offset, cancellationToken) && Crc32C.Of(stored) == entry.Checksum ? stored : null;
    }

    private static async Task<bool> FillAsync(SafeFileHandle file, Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        for (int done = 0; done < destination.Length;)
        {
            int read = await RandomAccess.ReadAsync(file, destination[done..], offset + done, cancellationToken);
            if (read == 0) return false;
            done += read;
        }

        return true;
    }

    private readonly record struct Entry(long CapturedUs, long Offset, int Length, uint Checksum);

    /// <summary>Writes one file; disposed before it is finished it leaves nothing.</summary>
    public sealed class Writer : IDisposable
    {
        private readonly string _path;
        private readonly string _unfinished;
        private readonly DataKey? _key;
        private readonly FileStream _file;
        private readonly MemoryStream _table = new();
        private bool _isFinished;

        /// <exception cref="IOException">It cannot be made; likewise <see cref="UnauthorizedAccessException"/>.</exception>
        /// <param name="key">Encrypts the pictures; null leaves them plain.</param>
        public Writer(string segmentPath, DataKey? key = null)
        {
            _key = key;
            _path = PathOf(segmentPath);
            _unfinished = Path.ChangeExtension(segmentPath, UnfinishedExtension);
            _file = new FileStream(_unfinished, FileMode.Create, FileAccess.Write, FileShare.Delete);
        }

        public int Count { get; private set; }

        /// <exception cref="IOException">The disk is full, or fails.</exception>
        public void Add(long capturedUs, ReadOnlySpan<byte> jpeg)
        {
            if (Count == MaxPictures || jpeg.Length is 0 or > MaxPictureBytes) return;
            var stored = _key is null ? jpeg : EncryptedPicture.Encrypt(jpeg, capturedUs, _key);
            Span<byte> entry = stackalloc byte[EntryBytes];
            BinaryPrimitives.WriteInt64LittleEndian(entry, capturedUs);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], _file.Position);
            BinaryPrimitives.WriteInt32LittleEndian(entry[16..], stored.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], Crc32C.Of(stored));
            _table.Write(entry);
            _file.Write(stored);
            Count++;
        }

        /// <exception cref="IOException">As for <see cref="Add"/>.</exception>
        public void Finish()
        {
            Span<byte> footer = stackalloc byte[FooterBytes];
            BinaryPrimitives.WriteInt64LittleEndian(footer, _file.Position);
            BinaryPrimitives.WriteInt32LittleEndian(footer[8..], Count);
            BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Crc32C.Of(_table.GetBuffer().AsSpan(0, (int)_table.Length)));
            (_key is null ? Magic : EncryptedMagic).CopyTo(footer[16..]);
            _file.Write(_table.GetBuffer().AsSpan(0, (int)_table.Length));
            _file.Write(footer);
            _file.Dispose();
            // Not made durable first: what a power cut leaves half of is seen by its checksum and made again.
            File.Move(_unfinished, _path, overwrite: true);
            _isFinished = true;
        }

        public void Dispose()
        {
            _file.Dispose();
            _table.Dispose();
            if (!_isFinished) SegmentSidecars.DeleteIfThere(_unfinished);
        }
    }
}

/// <summary>A small picture of the archive.</summary>
/// <param name="Jpeg">A whole file, at most <see cref="PreviewOptions.Width"/> pixels wide.</param>
internal sealed record Preview(DateTimeOffset CapturedAt, ReadOnlyMemory<byte> Jpeg);
