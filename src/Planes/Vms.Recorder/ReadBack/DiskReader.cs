using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Vms.Containers;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Native.Storage;
using Vms.Recorder.AtRest;

namespace Vms.Recorder.ReadBack;

/// <summary>
/// Reads one fragment back from the disk itself and compares it with what the index and its place in the chain say. Past the page cache:
/// memory that the fragment went through on its way to the disk would give back the right bytes whatever the disk has.
/// </summary>
/// <param name="keys">Of encrypted recordings.</param>
/// <remarks>One caller at a time; its memory is kept from fragment to fragment. The disk's own cache cannot be passed by.</remarks>
internal sealed class DiskReader(StorageKeys? keys = null)
{
    /// <summary>Fragments are 1 MiB at most but for a sample that is larger; memory for such a one is not kept.</summary>
    private const int KeptBytes = 4 << 20;

    private readonly FragmentDigest _digest = new();
    private byte[] _memory = [];

    /// <summary>What was read last. Borrowed until the next call.</summary>
    public ReadOnlyMemory<byte> Fragment { get; private set; }

    /// <returns>Good, gone, unreadable or altered. What is encrypted with a key that is not there is unreadable, and whole.</returns>
    public ReadBackVerdict Read(FreshFragment fragment)
    {
        string path = fragment.Segment.Path;
        Fragment = default;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var (initBytes, entry) = (fragment.Segment.InitBytes, fragment.Entry);
            var clip = Aligned(initBytes + entry.Length);
            if (!TryRead(file, 0, clip[..initBytes]) || !TryRead(file, entry.Offset, clip[initBytes..]))
            {
                return new ReadBackVerdict(ReadBackResult.Altered, $"the file has {RandomAccess.GetLength(file)} bytes and ends before {entry.EndOffset}");
            }

            Fragment = clip[initBytes..];
            return Compare(clip.Span[..initBytes], clip.Span[initBytes..], entry, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ReadBackVerdict(ReadBackResult.Gone, "the file is not there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ReadBackVerdict(ReadBackResult.Unreadable, e.Message);
        }
    }

    private ReadBackVerdict Compare(Span<byte> init, Span<byte> stored, in FragmentEntry entry, string path)
    {
        if (!FragmentHeader.TryRead(stored, out var header) || header.ToEntry(entry.Offset) != entry)
        {
            return new ReadBackVerdict(ReadBackResult.Altered, $"at {entry.Offset} is not the fragment that the index has there");
        }

        if (!Fmp4FragmentScanner.IsGood(stored))
        {
            return new ReadBackVerdict(ReadBackResult.Altered, $"the checksum of fragment {header.FragmentNumber} is wrong");
        }

        switch (keys?.Restore(stored, path) ?? FragmentRestoration.Restore(stored, keyOf: null))
        {
            case Restored.Altered: return new ReadBackVerdict(ReadBackResult.Altered, $"fragment {header.FragmentNumber} is not what was encrypted");
            case Restored.KeyMissing: return new ReadBackVerdict(ReadBackResult.Unreadable, $"fragment {header.FragmentNumber} is encrypted, and its key is not there");
        }

        if (FragmentHeader.TryReadLink(stored, out var link))
        {
            Span<byte> initDigest = stackalloc byte[ChainLink.HashBytes];
            Span<byte> digest = stackalloc byte[ChainLink.HashBytes];
            MatroskaHead.Restore(init);
            SHA256.HashData(init, initDigest);
            if (!_digest.TryCompute(header, initDigest, stored[FragmentHeader.SizeAt(stored)..], digest) || !link.Holds(digest))
            {
                return new ReadBackVerdict(ReadBackResult.Altered, $"the hash of fragment {header.FragmentNumber} is wrong");
            }
        }

        return ReadBackVerdict.Good;
    }

    /// <returns>False when the file ends before.</returns>
    private static bool TryRead(SafeFileHandle file, long offset, Memory<byte> destination)
    {
        // Whole blocks, but for files from before fragments were.
        if ((offset | (long)destination.Length) % FreeBox.BlockBytes == 0 && StorageFile.TrySetDirect(file, true))
        {
            try
            {
                return TryFill(file, offset, destination.Span);
            }
            catch (IOException e) when (StorageFile.IsRefusal(e))
            {
                // Not on this file system: through the page cache, then.
            }
            finally
            {
                StorageFile.TrySetDirect(file, false);
            }
        }

        StorageFile.DropCache(file, offset, destination.Length);
        return TryFill(file, offset, destination.Span);
    }

    private static bool TryFill(SafeFileHandle file, long offset, Span<byte> destination)
    {
        for (int done = 0; done < destination.Length;)
        {
            int read = RandomAccess.Read(file, destination[done..], offset + done);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }

    /// <summary>Memory at a whole block, as direct reads need it.</summary>
    private Memory<byte> Aligned(int bytes)
    {
        int needed = bytes + FreeBox.BlockBytes;
        byte[] memory = needed <= _memory.Length ? _memory : GC.AllocateUninitializedArray<byte>(needed, pinned: true);
        if (memory.Length <= KeptBytes)
        {
            _memory = memory;
        }

        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        return memory.AsMemory((int)(-address & (FreeBox.BlockBytes - 1)), bytes);
    }
}
