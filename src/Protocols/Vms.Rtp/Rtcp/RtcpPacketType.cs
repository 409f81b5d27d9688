namespace Vms.Rtp.Rtcp;

/// <summary>RTCP packet types (RFC 3550 §12.1, RFC 4585 §6.1).</summary>
public enum RtcpPacketType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    ApplicationDefined = 204,

    /// <summary>RTPFB: 1 is generic NACK.</summary>
    TransportFeedback = 205,

    /// <summary>PSFB: 1 is PLI, 4 is FIR.</summary>
    PayloadFeedback = 206,
}
