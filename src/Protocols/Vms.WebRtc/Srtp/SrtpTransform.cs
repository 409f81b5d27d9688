namespace Vms.WebRtc.Srtp;

/// <summary>Encryption and authentication of one direction of either RTP or RTCP, with its session keys. One caller at a time.</summary>
/// <remarks>The packet index decides the key stream. That one index never sees two inputs is the caller's promise
/// (<see cref="Sending.RtpNumbering"/>).</remarks>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>Bytes that authentication adds.</summary>
    public abstract int TagLength { get; }

    /// <param name="master">Of this direction.</param>
    /// <param name="gcm">Makes AES-128-GCM for what is sent; null: the platform's.</param>
    public static SrtpTransform ForRtp(SrtpMasterKey master, Func<byte[], SrtpGcmEncryptor>? gcm = null) => Create(
        master, SrtpKeyLabel.RtpEncryption, SrtpKeyLabel.RtpAuthentication, SrtpKeyLabel.RtpSalt, gcm);

    /// <inheritdoc cref="ForRtp"/>
    public static SrtpTransform ForRtcp(SrtpMasterKey master, Func<byte[], SrtpGcmEncryptor>? gcm = null) => Create(
        master, SrtpKeyLabel.RtcpEncryption, SrtpKeyLabel.RtcpAuthentication, SrtpKeyLabel.RtcpSalt, gcm);

    /// <summary>Protects one RTP packet whose header already stands at the front of <paramref name="packet"/>.</summary>
    /// <param name="packet">Header, then room for the payload and the tag.</param>
    /// <param name="headerLength">Bytes that stay readable.</param>
    /// <param name="payload">Plain; may be the same memory as where it goes.</param>
    /// <param name="ssrc">As in the header.</param>
    /// <param name="index">48 bits: roll-over counter and sequence number (RFC 3711 §3.3.1).</param>
    /// <returns>Length of the protected packet.</returns>
    public abstract int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, uint ssrc, ulong index);

    /// <summary>Protects the compound packet in place; room for tag and index word behind it.</summary>
    /// <param name="packet">Plain RTCP, then at least tag + 4 bytes.</param>
    /// <param name="length">Of the plain packet.</param>
    /// <param name="ssrc">Of its first sender.</param>
    /// <param name="index">31 bits (RFC 3711 §3.4).</param>
    /// <returns>Length of the protected packet.</returns>
    public abstract int ProtectRtcp(Span<byte> packet, int length, uint ssrc, uint index);

    /// <summary>Checks and decrypts in place.</summary>
    /// <param name="packet">As received.</param>
    /// <param name="ssrc">Of its first sender.</param>
    /// <param name="index">From the packet, without the E bit.</param>
    /// <param name="length">Of the plain packet.</param>
    public abstract bool TryUnprotectRtcp(Span<byte> packet, uint ssrc, uint index, out int length);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    private static SrtpTransform Create(
        SrtpMasterKey master, SrtpKeyLabel encryption, SrtpKeyLabel authentication, SrtpKeyLabel salt, Func<byte[], SrtpGcmEncryptor>? gcm)
    {
        var key = SrtpKeyDerivation.Derive(master, encryption, SrtpProfiles.KeyLength);
        var saltKey = SrtpKeyDerivation.Derive(master, salt, master.Profile.SaltLength());
        return master.Profile switch
        {
            SrtpProfile.AeadAes128Gcm => new SrtpGcmTransform(key, saltKey, gcm ?? SrtpGcmEncryptor.Create),
            SrtpProfile.Aes128CmSha1_80 => new SrtpCounterModeTransform(
                AesCounterMode.Create(key), saltKey, SrtpKeyDerivation.Derive(master, authentication, 20)),
            _ => throw new ArgumentOutOfRangeException(nameof(master), master.Profile, "No such SRTP profile"),
        };
    }
}
