using System.Buffers.Binary;
using System.Text;

namespace Vms.Rtp.Rtcp;

/// <summary>Writes RTCP packets one behind the other into the caller's buffer (RFC 3550 §6.1: a compound begins with a report and
/// holds a CNAME). <see cref="MaxCompoundSize"/> bytes hold any compound this type makes.</summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    /// <summary>Report with one block, CNAME of 255 bytes, BYE and a PLI.</summary>
    public const int MaxCompoundSize = 400;

    private const byte VersionBits = 2 << 6;
    private const byte CnameItem = 1;           // §6.5.1
    private const byte PliFormat = 1;           // RFC 4585 §6.3.1

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>§6.4.1, without report blocks.</summary>
    public void SenderReport(in RtcpSenderReport report)
    {
        var packet = Packet(RtcpPacketType.SenderReport, 0, 28);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], report.Ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(packet[8..], report.NtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], report.RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[20..], report.PacketCount);
        BinaryPrimitives.WriteUInt32BigEndian(packet[24..], report.OctetCount);
    }

    /// <summary>§6.4.2 with one block.</summary>
    public void ReceiverReport(uint senderSsrc, in RtcpReportBlock block)
    {
        var packet = Packet(RtcpPacketType.ReceiverReport, 1, 8 + RtcpReportBlock.Size);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], senderSsrc);
        block.Write(packet[8..]);
    }

    /// <summary>§6.4.2 without blocks: nothing was received yet.</summary>
    public void ReceiverReport(uint senderSsrc) =>
        BinaryPrimitives.WriteUInt32BigEndian(Packet(RtcpPacketType.ReceiverReport, 0, 8)[4..], senderSsrc);

    /// <summary>§6.5 with the one item that is mandatory. At most 255 bytes of UTF-8.</summary>
    public void SourceDescription(uint ssrc, string cname)
    {
        int length = Encoding.UTF8.GetByteCount(cname);
        var packet = Packet(RtcpPacketType.SourceDescription, 1, (8 + 2 + length + 4) & ~3);    // ends with 1 to 4 zeros
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        packet[8] = CnameItem;
        packet[9] = checked((byte)length);
        Encoding.UTF8.GetBytes(cname, packet[10..]);
    }

    /// <summary>§6.6 without reason.</summary>
    public void Goodbye(uint ssrc) =>
        BinaryPrimitives.WriteUInt32BigEndian(Packet(RtcpPacketType.Goodbye, 1, 8)[4..], ssrc);

    /// <summary>Asks for a keyframe (RFC 4585 §6.3.1).</summary>
    public void PictureLossIndication(uint senderSsrc, uint mediaSsrc)
    {
        var packet = Packet(RtcpPacketType.PayloadFeedback, PliFormat, 12);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], mediaSsrc);
    }

    private Span<byte> Packet(RtcpPacketType type, byte count, int size)
    {
        var packet = _buffer.Slice(Length, size);
        packet.Clear();
        packet[0] = (byte)(VersionBits | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)((size / 4) - 1));
        Length += size;
        return packet;
    }
}
