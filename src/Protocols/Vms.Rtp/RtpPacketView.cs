using System.Buffers.Binary;

namespace Vms.Rtp;

/// <summary>One RTP packet, read in place (RFC 3550 §5.1). Borrows the datagram.</summary>
public readonly ref struct RtpPacketView
{
    /// <summary>Fixed header without CSRCs and extension, bytes.</summary>
    public const int FixedHeaderSize = 12;

    private const int Version = 2;

    private readonly byte _first;
    private readonly byte _second;

    private RtpPacketView(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        _first = packet[0];
        _second = packet[1];
        SequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        Timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        Ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        Extension = extension;
        Payload = payload;
    }

    public bool Marker => (_second & 0x80) != 0;

    public byte PayloadType => (byte)(_second & 0x7F);

    public int CsrcCount => _first & 0x0F;

    public bool HasExtension => (_first & 0x10) != 0;

    public ushort SequenceNumber { get; }

    /// <summary>Wraps; never leaves this project (see <see cref="Time.RtpClock"/>).</summary>
    public uint Timestamp { get; }

    public uint Ssrc { get; }

    /// <summary>Header extension: 16-bit profile word, 16-bit length in words, data (§5.3.1). Empty when there is none.</summary>
    public ReadOnlySpan<byte> Extension { get; }

    /// <summary>Without padding; may be empty.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>False for another version, and when CSRCs, extension or padding do not fit.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        view = default;
        if (packet.Length < FixedHeaderSize || packet[0] >> 6 != Version)
            return false;

        int start = FixedHeaderSize + (4 * (packet[0] & 0x0F));
        ReadOnlySpan<byte> extension = default;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < start + 4)
                return false;
            int size = 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(start + 2)..]));
            if (packet.Length < start + size)
                return false;
            extension = packet.Slice(start, size);
            start += size;
        }

        int end = packet.Length;
        if ((packet[0] & 0x20) != 0)
        {
            int padding = packet[^1];
            if (padding == 0 || padding > end - start)
                return false;
            end -= padding;
        }

        if (start > end)
            return false;

        view = new RtpPacketView(packet, extension, packet[start..end]);
        return true;
    }

    /// <summary>True when the datagram is RTCP by RFC 5761 §4: packet types 192 to 223 on a shared port.</summary>
    public static bool IsRtcp(ReadOnlySpan<byte> datagram) => datagram.Length >= 2 && datagram[1] is >= 192 and <= 223;
}
