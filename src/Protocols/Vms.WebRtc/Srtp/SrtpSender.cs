namespace Vms.WebRtc.Srtp;

/// <summary>Protects what one side of a session sends (RFC 3711 §3.3, §3.4). One caller at a time, no allocation per packet.</summary>
/// <remarks>
/// The caller names the full 48-bit index of every RTP packet instead of having it guessed from the sequence number: a packet
/// sent again after a NACK gives the same bytes, and a new one cannot meet an old index by mistake.
/// </remarks>
public sealed class SrtpSender : IDisposable
{
    /// <summary>What protection adds to RTP at most (GCM's tag).</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>What protection adds to RTCP at most (GCM's tag and the index word).</summary>
    public const int MaxRtcpOverhead = 20;

    private readonly SrtpTransform _rtp;
    private readonly SrtpTransform _rtcp;
    private uint _rtcpIndex;    // of the next packet

    /// <param name="master">Of this direction.</param>
    /// <param name="gcm">Makes AES-128-GCM under a session key; null: the platform's.</param>
    public SrtpSender(SrtpMasterKey master, Func<byte[], SrtpGcmEncryptor>? gcm = null)
    {
        _rtp = SrtpTransform.ForRtp(master, gcm);
        _rtcp = SrtpTransform.ForRtcp(master, gcm);
    }

    /// <inheritdoc cref="SrtpTransform.ProtectRtp"/>
    public int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, uint ssrc, ulong index) =>
        _rtp.ProtectRtp(packet, headerLength, payload, ssrc, index);

    /// <summary>Protects a compound RTCP packet in place; <see cref="MaxRtcpOverhead"/> bytes of room behind it.</summary>
    /// <returns>Length of the protected packet.</returns>
    public int ProtectRtcp(Span<byte> packet, int length, uint ssrc)
    {
        uint index = _rtcpIndex;
        _rtcpIndex = (index + 1) & 0x7FFF_FFFF;
        return _rtcp.ProtectRtcp(packet, length, ssrc, index);
    }

    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }
}
