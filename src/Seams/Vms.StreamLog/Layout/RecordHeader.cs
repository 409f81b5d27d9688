using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vms.Codecs;

namespace Vms.StreamLog.Layout;

/// <summary>What a record is. The numbers are on disk: never renumber.</summary>
internal enum RecordKind : byte
{
    None = 0,

    /// <summary>Fills the end of the ring, because records never wrap. Only its first 8 bytes exist.</summary>
    Pad = 1,

    Sample = 2,

    /// <summary>A sample where a reader that lost samples may resume: a video keyframe, or any sample of a stream without video.</summary>
    ResumeSample = 3,
}

/// <summary>First bytes of a record; the payload follows, then up to 7 bytes so that the next record is 8-byte aligned.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct RecordHeader
{
    internal const int Bytes = 48;
    internal const int ChecksummedBytes = 40;
    internal const int PadBytes = 8;

    [FieldOffset(0)] internal uint Size;              // whole record, multiple of 8
    [FieldOffset(4)] internal RecordKind Kind;
    [FieldOffset(5)] internal byte TrackId;
    [FieldOffset(6)] internal SampleFlags Flags;
    [FieldOffset(7)] internal GapCause Cause;
    [FieldOffset(8)] internal long Sequence;
    [FieldOffset(16)] internal long Pts;              // track's timescale
    [FieldOffset(24)] internal long CaptureTimeUs;    // UTC since 1970
    [FieldOffset(32)] internal uint TracksVersion;
    [FieldOffset(36)] internal int PayloadLength;
    [FieldOffset(40)] internal uint Checksum;         // CRC32C of the 40 bytes before and the payload
    [FieldOffset(44)] internal uint Reserved;

    internal static long SizeOf(int payloadLength) => (Bytes + (long)payloadLength + 7) & ~7L;

    internal readonly bool IsResumePoint => Kind == RecordKind.ResumeSample;

    internal readonly SampleHeader ToSampleHeader() => new(TrackId, Flags, Cause, TracksVersion, Pts, CaptureTimeUs);

    internal readonly uint ComputeChecksum(ReadOnlySpan<byte> payload) => Crc32C.Append(HeadChecksum, payload);

    /// <summary>What <see cref="Checksum"/> says about the payload alone.</summary>
    internal readonly uint PayloadChecksum => Checksum ^ Crc32C.Shift(HeadChecksum, PayloadLength);

    private readonly uint HeadChecksum =>
        Crc32C.Of(MemoryMarshal.AsBytes(new ReadOnlySpan<RecordHeader>(in Unsafe.AsRef(in this)))[..ChecksummedBytes]);
}
