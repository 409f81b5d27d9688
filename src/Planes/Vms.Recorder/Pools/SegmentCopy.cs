using System.Buffers;
using System.Security.Cryptography;
using Vms.Containers;
using Vms.Native.Storage;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pools;

/// <summary>What became of a copy.</summary>
internal enum CopyResult
{
    /// <summary>The disk has it, and it is what was recorded.</summary>
    Good,

    /// <summary>What was copied is not what was recorded: there is nothing to gain by moving it.</summary>
    SourceDamaged,

    /// <summary>The disk gives back something else than was written to it.</summary>
    CopyDamaged,
}

/// <summary>Copies a segment's file and reads the copy back from the disk. Blocking: for a thread that everything else goes before.</summary>
internal static class SegmentCopy
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>So much is given to the disk at a time, and waited for: recordings are committed together with what is not yet on the disk.</summary>
    private const int FlushBytes = 16 << 20;

    /// <param name="table">Of the segment's fragments, as the index has it.</param>
    /// <param name="giveWay">Called between chunks; returns when recording does not wait for the disk.</param>
    /// <exception cref="IOException">A file cannot be read or written; likewise <see cref="UnauthorizedAccessException"/>. What there is of the copy stays.</exception>
    /// <exception cref="OperationCanceledException">As before.</exception>
    public static CopyResult Make(string from, string to, ReadOnlySpan<FragmentEntry> table, Action giveWay, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        byte[] written = Copy(from, to, giveWay, cancellationToken);
        // Retention counts from the last write: a moved segment is as old as it was.
        File.SetLastWriteTimeUtc(to, File.GetLastWriteTimeUtc(from));
        if (!HashOf(to, giveWay, cancellationToken).AsSpan().SequenceEqual(written))
        {
            return CopyResult.CopyDamaged;
        }

        return Array.TrueForAll(StoredFragments.Check(to, table, cancellationToken), static s => s == FragmentState.Good)
            ? CopyResult.Good
            : CopyResult.SourceDamaged;
    }

    /// <returns>The hash of what was read.</returns>
    private static byte[] Copy(string from, string to, Action giveWay, CancellationToken cancellationToken)
    {
        using var source = File.OpenHandle(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        using var target = File.OpenHandle(to, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        StorageFile.Reserve(target, 0, RandomAccess.GetLength(source));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long offset = 0;
            for (int read; (read = RandomAccess.Read(source, buffer.AsSpan(0, ChunkBytes), offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                giveWay();
                hash.AppendData(buffer, 0, read);
                RandomAccess.Write(target, buffer.AsSpan(0, read), offset);
                StorageFile.DropCache(source, offset, read);
                if (offset / FlushBytes != (offset + read) / FlushBytes)
                {
                    RandomAccess.FlushToDisk(target);
                }
            }

            RandomAccess.FlushToDisk(target);
            StorageFile.DropCache(target, 0, offset);       // what is read back comes from the disk
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] HashOf(string path, Action giveWay, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long offset = 0;
            for (int read; (read = RandomAccess.Read(file, buffer.AsSpan(0, ChunkBytes), offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                giveWay();
                hash.AppendData(buffer, 0, read);
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
