using System.Buffers.Binary;

namespace Vms.Rtp;

/// <summary>Writes the fixed RTP header (RFC 3550 §5.1), without CSRC, extension and padding.</summary>
public static class RtpPacketWriter
{
    private const byte VersionBits = 2 << 6;
    private const byte MarkerBit = 0x80;

    /// <param name="packet">At least <see cref="RtpPacketView.FixedHeaderSize"/> bytes.</param>
    public static void WriteHeader(Span<byte> packet, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        packet[0] = VersionBits;
        packet[1] = (byte)(payloadType | (marker ? MarkerBit : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
    }
}
