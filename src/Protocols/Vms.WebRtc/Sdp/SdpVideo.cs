namespace Vms.WebRtc.Sdp;

/// <summary>The one video we send in a session.</summary>
/// <param name="Ssrc">Of the media, random per session.</param>
/// <param name="RtxSsrc">Of its retransmissions (RFC 4588 §4).</param>
/// <param name="Cname">RFC 7022; also the media stream's name.</param>
/// <param name="Profile">From the stream's SPS; picks among what the peer can take.</param>
public sealed record LocalVideo(uint Ssrc, uint RtxSsrc, string Cname, H264ProfileLevelId Profile);

/// <summary>What both sides agreed on.</summary>
/// <param name="PayloadType">Of the media.</param>
/// <param name="RtxPayloadType">Null: a lost packet is sent again as it was (RFC 4585), not by RTX.</param>
/// <param name="Nack">The peer reports lost packets.</param>
/// <param name="Transport">Of the peer.</param>
public sealed record NegotiatedVideo(byte PayloadType, byte? RtxPayloadType, bool Nack, RemoteTransport Transport);
