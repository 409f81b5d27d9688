using Vms.WebRtc.Srtp;

namespace Vms.WebRtc.Tests.Srtp;

/// <summary>Published vectors: RFC 3711 appendix B, RFC 7714 §16 and §17, and the reference packets of libsrtp's own test.</summary>
public sealed class SrtpVectorTests
{
    private static readonly byte[] s_masterKey = Hex.Bytes("E1F97A0D3E018BE0D64FA32C06DE4139");
    private static readonly byte[] s_masterSalt = Hex.Bytes("0EC675AD498AFEEBB6960B3AABE6");

    [Theory]
    [InlineData(SrtpKeyLabel.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyLabel.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(SrtpKeyLabel.RtpAuthentication, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")]
    internal void Session_keys_are_derived_as_in_RFC_3711_B_3(SrtpKeyLabel label, string expected)
    {
        var master = new SrtpMasterKey(SrtpProfile.Aes128CmSha1_80, s_masterKey, s_masterSalt);
        var key = Hex.Bytes(expected);
        Assert.Equal(key, SrtpKeyDerivation.Derive(master, label, key.Length));
    }

    public static TheoryData<bool> WithAndWithoutInstructions => [true, false];

    [Theory, MemberData(nameof(WithAndWithoutInstructions))]
    public void The_key_stream_is_that_of_RFC_3711_B_2(bool instructions)
    {
        if (instructions && !System.Runtime.Intrinsics.X86.Aes.IsSupported)
            return;     // another processor: the library path is the product's path there
        using AesCounterMode cipher = instructions ? new AesInstructionCounterMode(Key()) : new AesLibraryCounterMode(Key());
        var counter = Hex.Bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000");
        var stream = new byte[0xFF02 * 16];
        cipher.Apply(counter, new byte[stream.Length], stream);

        Assert.Equal(Hex.Bytes("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0"), stream[..48]);
        Assert.Equal(
            Hex.Bytes("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44"),
            stream[(0xFEFF * 16)..]);

        static byte[] Key() => Hex.Bytes("2B7E151628AED2A6ABF7158809CF4F3C");
    }

    [Fact]
    public void Both_counter_modes_agree_at_every_length()
    {
        if (!System.Runtime.Intrinsics.X86.Aes.IsSupported)
            return;
        var key = Hex.Bytes("2B7E151628AED2A6ABF7158809CF4F3C");
        using var instructions = new AesInstructionCounterMode(key);
        using var library = new AesLibraryCounterMode(key);
        var counter = Hex.Bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000");
        var plain = new byte[1300];
        new Random(3).NextBytes(plain);
        for (int length = 0; length <= plain.Length; length++)
        {
            var a = new byte[length];
            var b = plain[..length];
            instructions.Apply(counter, plain.AsSpan(0, length), a);
            library.Apply(counter, b, b);
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void A_packet_is_protected_as_in_RFC_7714_16_1_1()
    {
        // Session keys as given there, without derivation.
        using var transform = new SrtpGcmTransform(
            Hex.Bytes("000102030405060708090a0b0c0d0e0f"), Hex.Bytes("517569642070726f2071756f"), SrtpGcmEncryptor.Create);
        var packet = new byte[12 + 38 + 16];
        var plain = Hex.Bytes("8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573");
        plain.AsSpan(0, 12).CopyTo(packet);
        int length = transform.ProtectRtp(packet, 12, plain.AsSpan(12), 0x5501a0b2, 0xf17b);
        Assert.Equal(
            Hex.Bytes("""
                8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
                51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce
                """),
            packet[..length]);
    }

    [Fact]
    public void A_report_is_protected_as_in_RFC_7714_17_1()
    {
        using var transform = new SrtpGcmTransform(
            Hex.Bytes("000102030405060708090a0b0c0d0e0f"), Hex.Bytes("517569642070726f2071756f"), SrtpGcmEncryptor.Create);
        var plain = Hex.Bytes("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef");
        var packet = new byte[plain.Length + SrtpSender.MaxRtcpOverhead];
        plain.CopyTo(packet, 0);
        int length = transform.ProtectRtcp(packet, plain.Length, 0x4d617273, 0x5d4);
        Assert.Equal(
            Hex.Bytes("""
                81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
                4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4
                """),
            packet[..length]);

        Assert.True(transform.TryUnprotectRtcp(packet.AsSpan(0, length), 0x4d617273, 0x5d4, out int plainLength));
        Assert.Equal(plain, packet[..plainLength]);
    }

    [Fact]
    public void Counter_mode_packets_are_those_of_libsrtp()
    {
        var master = new SrtpMasterKey(SrtpProfile.Aes128CmSha1_80, s_masterKey, s_masterSalt);
        using var rtp = SrtpTransform.ForRtp(master);
        var packet = new byte[64];
        Hex.Bytes("800f1234 decafbad cafebabe").CopyTo(packet, 0);
        var payload = Enumerable.Repeat((byte)0xab, 16).ToArray();
        int length = rtp.ProtectRtp(packet, 12, payload, 0xcafebabe, 0x1234);
        Assert.Equal(
            Hex.Bytes("800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb"), packet[..length]);

        using var rtcp = SrtpTransform.ForRtcp(master);
        Hex.Bytes("81c8000b cafebabe abababab abababab abababab abababab").CopyTo(packet, 0);
        length = rtcp.ProtectRtcp(packet, 24, 0xcafebabe, 1);
        Assert.Equal(
            Hex.Bytes("81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd 54d6c123 0798"), packet[..length]);
    }

    [Fact]
    public void Exported_material_is_cut_client_first()
    {
        var exported = Enumerable.Range(0, 60).Select(i => (byte)i).ToArray();
        var (client, server) = SrtpMasterKey.Split(SrtpProfile.Aes128CmSha1_80, exported);
        Assert.Equal(exported[..16], client.Key);
        Assert.Equal(exported[16..32], server.Key);
        Assert.Equal(exported[32..46], client.Salt);
        Assert.Equal(exported[46..60], server.Salt);
        Assert.Equal(56, SrtpMasterKey.ExportLength(SrtpProfile.AeadAes128Gcm));
    }
}
