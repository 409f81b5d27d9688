using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vms.Codecs;
using Vms.Native.Files;

namespace Vms.StreamLog.Layout;

/// <summary>
/// One mapped log file: header, keyframe ring, track tables, records. Knows the layout and nothing of policy. The writer has one mapped
/// for writing, every reader its own read-only one.
/// </summary>
internal sealed unsafe partial class RingFile : IDisposable
{
    private const int PageBytes = 4096;
    internal const int TrackSlots = 8;
    internal const int TrackSlotBytes = 8192;
    private const uint KeyframeOffset = PageBytes;
    private const uint TrackOffset = KeyframeOffset + KeyframeEntry.Slots * KeyframeEntry.SlotBytes;
    private const uint HeaderBytes = TrackOffset + TrackSlots * TrackSlotBytes;

    private readonly byte* _base;
    private readonly byte* _records;
    private readonly byte* _keyframes;
    private readonly byte* _tracks;
    private readonly long _keyframeSlots;
    private readonly uint _trackSlots;
    private readonly uint _trackSlotBytes;

    private RingFile(MappedFile mapping)
    {
        Mapping = mapping;
        _base = mapping.Address;
        RingHeader* header = (RingHeader*)_base;
        Capacity = header->CapacityBytes;
        Epoch = header->Epoch;
        _records = _base + header->HeaderBytes;
        _keyframes = _base + header->KeyframeOffset;
        _tracks = _base + header->TrackOffset;
        _keyframeSlots = header->KeyframeSlots;
        _trackSlots = header->TrackSlots;
        _trackSlotBytes = header->TrackSlotBytes;
    }

    internal MappedFile Mapping { get; }

    internal ref RingHeader Header => ref *(RingHeader*)_base;

    internal long Capacity { get; }

    internal ulong Epoch { get; }

    internal static long FileBytes(long capacity) => HeaderBytes + capacity;

    /// <summary>Makes a new, empty log file that no reader knows yet. The space is reserved; on failure nothing is left behind.</summary>
    /// <exception cref="NoSpaceException">The directory cannot hold it.</exception>
    internal static RingFile Create(string path, ulong epoch, long capacity, long baseSequence)
    {
        using SafeFileHandle file = PrivateFile.Create(path);
        try
        {
            PrivateFile.Reserve(file, path, FileBytes(capacity));
            if (OperatingSystem.IsWindows())
                File.SetAttributes(path, FileAttributes.Temporary);   // keep it in memory, do not hurry it to disk
            MappedFile mapping = MappedFile.Map(file, path, writable: true);
            mapping.Populate();
            ref RingHeader header = ref *(RingHeader*)mapping.Address;
            header.Magic = RingHeader.MagicValue;
            header.LayoutVersion = RingHeader.LayoutVersionCurrent;
            header.HeaderBytes = HeaderBytes;
            header.CapacityBytes = capacity;
            header.Epoch = epoch;
            header.BootId = BootId.Current;
            header.BaseSequence = baseSequence;
            header.KeyframeOffset = KeyframeOffset;
            header.KeyframeSlots = KeyframeEntry.Slots;
            header.TrackOffset = TrackOffset;
            header.TrackSlots = TrackSlots;
            header.TrackSlotBytes = TrackSlotBytes;
            header.IdentityChecksum = IdentityChecksum(in header);
            header.State = RingState.Open;
            return new RingFile(mapping);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Maps a file that is there. Null, with the reason, when there is none or it is no log this version understands.</summary>
    internal static RingFile? TryOpen(string path, bool writable, out string? reason)
    {
        reason = "there is no such log";
        if (!PrivateFile.TryOpen(path, writable, out SafeFileHandle? file))
            return null;
        using (file)
        {
            long length = RandomAccess.GetLength(file!);
            reason = $"{length} bytes are too few";
            if (length < PageBytes)
                return null;
            MappedFile mapping = MappedFile.Map(file!, path, writable);
            reason = WhyNotValid(in *(RingHeader*)mapping.Address, length);
            if (reason is null)
                return new RingFile(mapping);
            mapping.Dispose();
            return null;
        }
    }

    /// <summary>The epoch of the file with this name, without mapping it; 0 when there is none or it is no log.</summary>
    internal static ulong PeekEpoch(string path)
    {
        if (!PrivateFile.TryOpen(path, writable: false, out SafeFileHandle? file))
            return 0;
        using (file)
        {
            RingHeader header = default;
            Span<byte> bytes = MemoryMarshal.AsBytes(new Span<RingHeader>(ref header));
            int read = RandomAccess.Read(file!, bytes, 0);
            return read == bytes.Length && WhyNotValid(in header, RandomAccess.GetLength(file!)) is null ? header.Epoch : 0;
        }
    }

    private static string? WhyNotValid(in RingHeader header, long fileBytes)
    {
        if (header.Magic != RingHeader.MagicValue)
            return "it is no stream log";
        if (header.LayoutVersion is < RingHeader.LayoutVersionOldest or > RingHeader.LayoutVersionCurrent)
            return $"layout version {header.LayoutVersion} is not understood";
        if (header.IdentityChecksum != IdentityChecksum(in header))
            return "its header is damaged";
        long records = header.HeaderBytes;
        bool sound = header.Epoch != 0 && header.CapacityBytes > 0 && (header.CapacityBytes & 7) == 0 && (records & 7) == 0
            && records >= PageBytes && header.CapacityBytes <= fileBytes - records && header.LineageCount <= LineageTable.Length
            && header.KeyframeSlots > 0 && header.TrackSlots > 0 && (header.KeyframeOffset & 7) == 0 && (header.TrackOffset & 7) == 0
            && header.KeyframeOffset + (long)header.KeyframeSlots * KeyframeEntry.SlotBytes <= records
            && header.TrackOffset + (long)header.TrackSlots * header.TrackSlotBytes <= records;
        return sound ? null : "its header contradicts itself";
    }

    private static uint IdentityChecksum(in RingHeader header) =>
        Crc32C.Append(0, MemoryMarshal.AsBytes(new ReadOnlySpan<RingHeader>(in Unsafe.AsRef(in header)))[..RingHeader.IdentityBytes]);

    internal RingState ReadState() => (RingState)Volatile.Read(ref Unsafe.As<RingState, uint>(ref Header.State));

    internal void SetState(RingState state) => Volatile.Write(ref Unsafe.As<RingState, uint>(ref Header.State), (uint)state);

    /// <summary>Whether sequence numbers up to <paramref name="sequence"/> of that epoch mean the same samples here.</summary>
    internal bool Continues(ulong epoch, long sequence)
    {
        if (epoch == Epoch)
            return true;
        ReadOnlySpan<LineageEntry> lineage = ((ReadOnlySpan<LineageEntry>)Header.Lineage)[..(int)Header.LineageCount];
        foreach (LineageEntry entry in lineage)
        {
            if (entry.Epoch == epoch)
                return sequence <= entry.EndSequence;
        }

        return false;
    }

    public void Dispose() => Mapping.Dispose();
}
