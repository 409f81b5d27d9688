using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Rtp.Payloads;

/// <summary>
/// Cuts audio frames and metadata documents into RTP packets: AAC as AAC-hbr with one access unit a packet (RFC 3640 §3.3.6), everything else as it is
/// (RFC 3551 §4.5, RFC 7587). A frame that is too long is continued in further packets.
/// </summary>
/// <remarks>Only payloads matter in <see cref="Packets"/>: the caller numbers and stamps. One caller at a time, no allocation after warm-up.</remarks>
public sealed class FramePacketizer
{
    private const int AacHeader = 4;            // AU-headers-length, one AU-header
    private const int AacIndexBits = 3;
    private const int MaxAacFrame = (1 << 13) - 1;

    private readonly int _maxPayload;
    private readonly bool _isAac;

    /// <param name="maxPacketSize">With RTP header, bytes.</param>
    public FramePacketizer(TrackInfo track, int maxPacketSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPacketSize, 128);
        _isAac = track.Codec == CodecKind.Aac;
        MarksEnd = track.Codec is CodecKind.Aac or CodecKind.OnvifMetadata;
        byte parameter = track.CodecParameters.IsEmpty ? (byte)1 : track.CodecParameters.Span[0];
        (int groupBytes, int groupTicks) = track.Codec switch
        {
            CodecKind.L16 => (2 * Math.Max((byte)1, parameter), 1),
            CodecKind.G726 => (Math.Max((byte)1, parameter), 8),      // eight code words fill as many bytes as one has bits
            CodecKind.PcmA or CodecKind.PcmU => (1, 1),
            _ => (1, 0),
        };
        int room = maxPacketSize - RtpPacketView.FixedHeaderSize - (_isAac ? AacHeader : 0);
        _maxPayload = room - room % groupBytes;
        TicksPerPacket = _maxPayload / groupBytes * groupTicks;
    }

    /// <summary>The packets of the last frame.</summary>
    public RtpPacketBatch Packets { get; } = new();

    /// <summary>How much later each further packet of a frame begins; 0 where they belong to one timestamp.</summary>
    public int TicksPerPacket { get; }

    /// <summary>The last packet of a frame carries the marker. Elsewhere the bit means the end of a silence.</summary>
    public bool MarksEnd { get; }

    /// <param name="frame">Borrowed for the call. An AAC frame that AAC-hbr cannot name is left out.</param>
    public void Packetize(ReadOnlySpan<byte> frame)
    {
        Packets.Clear();
        if (_isAac && frame.Length > MaxAacFrame)
            return;

        for (int at = 0; at < frame.Length; at += _maxPayload)
        {
            var part = frame.Slice(at, Math.Min(_maxPayload, frame.Length - at));
            int header = RtpPacketView.FixedHeaderSize + (_isAac ? AacHeader : 0);
            var packet = Packets.Add(header + part.Length);
            if (_isAac)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[RtpPacketView.FixedHeaderSize..], 16);         // bits of AU-headers
                BinaryPrimitives.WriteUInt16BigEndian(packet[(RtpPacketView.FixedHeaderSize + 2)..], (ushort)(frame.Length << AacIndexBits));
            }

            part.CopyTo(packet[header..]);
        }
    }
}
