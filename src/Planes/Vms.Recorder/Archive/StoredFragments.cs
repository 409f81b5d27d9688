using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Native.Storage;

namespace Vms.Recorder.Archive;

/// <summary>Compares a segment file with its fragment table, fragment by fragment: one that cannot be read costs only itself.</summary>
internal static class StoredFragments
{
    /// <returns>For each fragment of the table, whether header and content are what was written.</returns>
    /// <exception cref="IOException">The file cannot be opened; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static bool[] Check(string path, ReadOnlySpan<FragmentEntry> table, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        bool[] good = new bool[table.Length];
        for (int i = 0; i < table.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            good[i] = IsGood(file, table[i]);
            // Read once and not soon again: it must not push the database's pages out.
            StorageFile.DropCache(file, table[i].Offset, table[i].Length);
        }

        return good;
    }

    private static bool IsGood(SafeFileHandle file, in FragmentEntry fragment)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
        try
        {
            var bytes = buffer.AsSpan(0, fragment.Length);
            for (int done = 0; done < bytes.Length;)
            {
                int read = RandomAccess.Read(file, bytes[done..], fragment.Offset + done);
                if (read == 0)
                {
                    return false;
                }

                done += read;
            }

            return Fmp4FragmentScanner.IsGood(bytes) && FragmentHeader.TryRead(bytes, out var header) && header.ToEntry(fragment.Offset) == fragment;
        }
        catch (IOException)
        {
            return false;       // a bad sector
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
