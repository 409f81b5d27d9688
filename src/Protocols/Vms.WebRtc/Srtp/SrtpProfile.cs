namespace Vms.WebRtc.Srtp;

/// <summary>SRTP protection profiles by their DTLS numbers (RFC 5764 §4.1.2, RFC 7714 §14.2).</summary>
public enum SrtpProfile : ushort
{
    None = 0,

    /// <summary>AES-128 counter mode, HMAC-SHA1 cut to 80 bits: mandatory to implement, and what Firefox prefers.</summary>
    Aes128CmSha1_80 = 0x0001,

    /// <summary>AES-128-GCM, 16-byte tag: cheaper for us, so it is offered first.</summary>
    AeadAes128Gcm = 0x0007,
}

public static class SrtpProfiles
{
    public const int KeyLength = 16;

    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    public static int TagLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 16 : 10;
}

/// <summary>One direction's master key and salt.</summary>
public sealed record SrtpMasterKey(SrtpProfile Profile, byte[] Key, byte[] Salt)
{
    /// <summary>Bytes that the DTLS exporter has to give for both directions.</summary>
    public static int ExportLength(SrtpProfile profile) => 2 * (SrtpProfiles.KeyLength + profile.SaltLength());

    /// <summary>Cuts the exported keying material: client key, server key, client salt, server salt (RFC 5764 §4.2).</summary>
    public static (SrtpMasterKey Client, SrtpMasterKey Server) Split(SrtpProfile profile, ReadOnlySpan<byte> exported)
    {
        const int Key = SrtpProfiles.KeyLength;
        int salt = profile.SaltLength();
        return (
            new SrtpMasterKey(profile, exported[..Key].ToArray(), exported.Slice(2 * Key, salt).ToArray()),
            new SrtpMasterKey(profile, exported.Slice(Key, Key).ToArray(), exported.Slice(2 * Key + salt, salt).ToArray()));
    }
}
