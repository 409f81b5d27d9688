using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Rtp.Rtcp;

/// <summary>Sender report (RFC 3550 §6.4.1): at <paramref name="NtpTimestamp"/> the media clock showed
/// <paramref name="RtpTimestamp"/>.</summary>
/// <param name="NtpTimestamp">See <see cref="NtpTime"/>; 0 when the sender has no clock.</param>
public readonly record struct RtcpSenderReport(uint Ssrc, ulong NtpTimestamp, uint RtpTimestamp, uint PacketCount, uint OctetCount);

/// <summary>What a receiver tells about one source (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The source it is about.</param>
/// <param name="FractionLost">Since the previous report, in 1/256.</param>
/// <param name="CumulativeLost">Since the beginning; negative with doubled packets. 24 bit.</param>
/// <param name="HighestSequence">Highest sequence number with cycles in the upper half.</param>
/// <param name="Jitter">Interarrival jitter in timestamp units.</param>
/// <param name="LastSenderReport">Middle 32 bits of its NTP timestamp; 0: none came.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 s.</param>
public readonly record struct RtcpReportBlock(
    uint Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter,
    uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    public const int Size = 24;

    internal static RtcpReportBlock Read(ReadOnlySpan<byte> block) => new(
        BinaryPrimitives.ReadUInt32BigEndian(block),
        block[4],
        BinaryPrimitives.ReadInt32BigEndian(block[4..]) << 8 >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[20..]));

    internal void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(block[4..], (FractionLost << 24) | (CumulativeLost & 0xFFFFFF));
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], DelaySinceLastSenderReport);
    }
}
