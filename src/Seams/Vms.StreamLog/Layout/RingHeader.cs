using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vms.StreamLog.Layout;

/// <summary>Where a log file stands in its life. The numbers are on disk: never renumber.</summary>
internal enum RingState : uint
{
    Open = 1,

    /// <summary>Another file has the name now and continues the sequence.</summary>
    Superseded = 2,

    /// <summary>The stream is gone.</summary>
    Closed = 3,
}

/// <summary>
/// First page of a log file (docs/ref/stream-log-format.md). Identity: written once, before the file gets its name, under a checksum.
/// Below it every field that changes has a cache-line pair of its own, so that a reader polling the write position does not slow the
/// writer's other stores.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
internal struct RingHeader
{
    internal const ulong MagicValue = 0x0A474F4C534D56;   // "VMSLOG\n\0", little-endian
    internal const uint LayoutVersionCurrent = 1;         // N; N-1 is read and written too, from version 2 on
    internal const uint LayoutVersionOldest = 1;
    internal const int IdentityBytes = 0x1F8;

    [FieldOffset(0x000)] internal ulong Magic;
    [FieldOffset(0x008)] internal uint LayoutVersion;
    [FieldOffset(0x00C)] internal uint HeaderBytes;         // records begin here; page-aligned
    [FieldOffset(0x010)] internal long CapacityBytes;       // bytes of records after the header
    [FieldOffset(0x018)] internal ulong Epoch;              // random, never 0
    [FieldOffset(0x020)] internal ulong BootId;             // run of the operating system that wrote the file
    [FieldOffset(0x028)] internal long BaseSequence;        // of the next sample when the file holds none
    [FieldOffset(0x030)] internal uint KeyframeOffset;
    [FieldOffset(0x034)] internal uint KeyframeSlots;
    [FieldOffset(0x038)] internal uint TrackOffset;
    [FieldOffset(0x03C)] internal uint TrackSlots;
    [FieldOffset(0x040)] internal uint TrackSlotBytes;
    [FieldOffset(0x044)] internal uint LineageCount;        // epochs before this one whose sequence this one continues
    [FieldOffset(0x080)] internal LineageTable Lineage;     // newest first
    [FieldOffset(0x1F8)] internal uint IdentityChecksum;    // CRC32C of the bytes before

    [FieldOffset(0x200)] internal RingState State;
    [FieldOffset(0x204)] internal uint TracksVersion;       // newest valid track table; 0 = none yet
    [FieldOffset(0x208)] internal ulong WriterInstance;     // random per writer that opened the log

    [FieldOffset(0x280)] internal long WritePosition;       // bytes ever published; never modulo
    [FieldOffset(0x288)] internal long HeartbeatNs;         // monotonic clock of the writer's machine

    [FieldOffset(0x300)] internal long OldestPosition;      // records below may be overwritten

    [FieldOffset(0x380)] internal long KeyframeCount;       // keyframe entries ever published
}

internal readonly record struct LineageEntry(ulong Epoch, long EndSequence);

[InlineArray(Length)]
internal struct LineageTable
{
    internal const int Length = 16;

    private LineageEntry _first;
}

/// <summary>One keyframe that may still be in the log.</summary>
internal readonly record struct KeyframeEntry(long Position, long Sequence, long CaptureTimeUs)
{
    internal const int Slots = 1024;
    internal const int SlotBytes = 32;
}
