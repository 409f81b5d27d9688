using System.Buffers.Binary;

namespace Vms.Rtp.Rtcp;

/// <summary>Walks the packets of a compound RTCP datagram (RFC 3550 §6.1). Borrows it. A malformed packet ends the walk and sets
/// <see cref="IsMalformed"/>; those before it count (Hanwha QNV-8080R sends broken tails).</summary>
public ref struct RtcpReader(ReadOnlySpan<byte> datagram)
{
    private const int HeaderSize = 4;

    private ReadOnlySpan<byte> _rest = datagram;

    public RtcpPacketView Current { get; private set; }

    public bool IsMalformed { get; private set; }

    public readonly RtcpReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;

        IsMalformed = true;
        if (_rest.Length < HeaderSize || _rest[0] >> 6 != 2)
            return false;

        int size = HeaderSize + (4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]));
        if (size > _rest.Length)
            return false;

        int padding = (_rest[0] & 0x20) == 0 ? 0 : _rest[size - 1];
        if (padding > size - HeaderSize)
            return false;

        IsMalformed = false;
        Current = new RtcpPacketView(_rest[..(size - padding)]);
        _rest = _rest[size..];
        return true;
    }
}

/// <summary>One RTCP packet, read in place. Every reader of a field gives false when it is not there.</summary>
public readonly ref struct RtcpPacketView(ReadOnlySpan<byte> packet)
{
    private const int PliFormat = 1;        // RFC 4585 §6.3.1
    private const int FirFormat = 4;        // RFC 5104 §4.3.1
    private const int NackFormat = 1;       // RFC 4585 §6.2.1
    private const int FeedbackHeaderSize = 12;

    private readonly ReadOnlySpan<byte> _packet = packet;

    public RtcpPacketType Type => (RtcpPacketType)_packet[1];

    /// <summary>Report, source or feedback message count, by type.</summary>
    public int Count => _packet[0] & 0x1F;

    /// <summary>SSRC of who sends it; 0 when the packet holds none.</summary>
    public uint SenderSsrc => _packet.Length >= 8 ? BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]) : 0;

    /// <summary>SSRC of the media a feedback packet is about; 0 when it holds none.</summary>
    public uint MediaSsrc => _packet.Length >= FeedbackHeaderSize ? BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]) : 0;

    public bool IsPictureLossIndication => Type == RtcpPacketType.PayloadFeedback && Count == PliFormat;

    public bool IsFullIntraRequest => Type == RtcpPacketType.PayloadFeedback && Count == FirFormat;

    /// <summary>RFC 3550 §6.4.1.</summary>
    public bool TryReadSenderReport(out RtcpSenderReport report)
    {
        report = default;
        if (Type != RtcpPacketType.SenderReport || _packet.Length < 28)
            return false;

        report = new RtcpSenderReport(
            SenderSsrc,
            BinaryPrimitives.ReadUInt64BigEndian(_packet[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[24..]));
        return true;
    }

    /// <summary>Report block <paramref name="index"/> of a sender or receiver report (RFC 3550 §6.4.1).</summary>
    public bool TryReadReportBlock(int index, out RtcpReportBlock block)
    {
        block = default;
        int first = Type switch { RtcpPacketType.SenderReport => 28, RtcpPacketType.ReceiverReport => 8, _ => int.MaxValue };
        int at = first == int.MaxValue ? first : first + (index * RtcpReportBlock.Size);
        if (index >= Count || at > _packet.Length - RtcpReportBlock.Size)
            return false;

        block = RtcpReportBlock.Read(_packet[at..]);
        return true;
    }

    /// <summary>SSRC <paramref name="index"/> of those that say goodbye (RFC 3550 §6.6).</summary>
    public bool TryReadGoodbye(int index, out uint ssrc)
    {
        ssrc = 0;
        if (Type != RtcpPacketType.Goodbye || index >= Count || _packet.Length < 8 + (4 * index))
            return false;

        ssrc = BinaryPrimitives.ReadUInt32BigEndian(_packet[(4 + (4 * index))..]);
        return true;
    }

    /// <summary>Entry <paramref name="index"/> of a generic NACK: packet <paramref name="first"/> is missing, and packet
    /// first + 1 + i for every bit i of <paramref name="following"/> (RFC 4585 §6.2.1).</summary>
    public bool TryReadNack(int index, out ushort first, out ushort following)
    {
        first = following = 0;
        int at = FeedbackHeaderSize + (4 * index);
        if (Type != RtcpPacketType.TransportFeedback || Count != NackFormat || at > _packet.Length - 4)
            return false;

        first = BinaryPrimitives.ReadUInt16BigEndian(_packet[at..]);
        following = BinaryPrimitives.ReadUInt16BigEndian(_packet[(at + 2)..]);
        return true;
    }
}
