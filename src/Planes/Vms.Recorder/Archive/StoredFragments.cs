using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Native.Storage;

namespace Vms.Recorder.Archive;

/// <summary>What the disk gives back of a fragment.</summary>
internal enum FragmentState
{
    /// <summary>What was written.</summary>
    Good,

    /// <summary>It can be read, and is not what was written.</summary>
    Wrong,

    /// <summary>It cannot be read, which says nothing about what is on the disk.</summary>
    Unreadable,
}

/// <summary>Compares a segment file with its fragment table, fragment by fragment: one that cannot be read costs only itself.</summary>
internal static class StoredFragments
{
    /// <returns>For each fragment of the table, whether header and content are what was written.</returns>
    /// <exception cref="IOException">The file cannot be opened; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static FragmentState[] Check(string path, ReadOnlySpan<FragmentEntry> table, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var states = new FragmentState[table.Length];
        for (int i = 0; i < table.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            states[i] = StateOf(file, table[i]);
            // Read once and not soon again: it must not push the database's pages out.
            StorageFile.DropCache(file, table[i].Offset, table[i].Length);
        }

        return states;
    }

    private static FragmentState StateOf(SafeFileHandle file, in FragmentEntry fragment)
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
                    return FragmentState.Wrong;     // the file ends before it
                }

                done += read;
            }

            return Fmp4FragmentScanner.IsGood(bytes) && FragmentHeader.TryRead(bytes, out var header) && header.ToEntry(fragment.Offset) == fragment
                ? FragmentState.Good
                : FragmentState.Wrong;
        }
        catch (IOException)
        {
            return FragmentState.Unreadable;        // a bad sector, or a moment's trouble
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
