namespace Vms.Rtp.Payloads;

/// <summary>
/// One packet, one sample, as it came: G.711 (RFC 3551 §4.5.14), L16 in network byte order (§4.5.11), G.726 in RFC 3551's packing
/// (§4.5.4), and Opus, whose packet is the payload (RFC 7587 §4.2).
/// </summary>
public sealed class WholePacketDepacketizer : SampleDepacketizer
{
    protected override void PushPayload(in RtpPacketView packet) => FinishWhole(packet.Payload, packet.Timestamp);
}
