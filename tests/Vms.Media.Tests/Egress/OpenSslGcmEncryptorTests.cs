using System.Security.Cryptography;
using Vms.Media.Egress.WebRtc;
using Vms.Native.OpenSsl;

namespace Vms.Media.Tests.Egress;

public sealed class OpenSslGcmEncryptorTests
{
    private readonly byte[] _key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    [Fact]
    public void Encrypts_as_the_platform_does_at_every_length_apart_and_in_place()
    {
        using var openSsl = new OpenSslGcmEncryptor(_key);
        using var platform = new AesGcm(_key, 16);
        var plain = new byte[1300];
        var nonce = new byte[12];
        new Random(5).NextBytes(plain);
        byte[] expectedTag = new byte[16], tag = new byte[16];
        for (int length = 0; length <= plain.Length; length++)
        {
            BitConverter.TryWriteBytes(nonce, length);
            byte[] expected = new byte[length], apart = new byte[length], inPlace = plain[..length];
            var associated = plain.AsSpan(0, 12 + length % 5 * 4);
            platform.Encrypt(nonce, plain.AsSpan(0, length), expected, expectedTag, associated);
            openSsl.Encrypt(nonce, plain.AsSpan(0, length), apart, tag, associated);
            Assert.Equal(expected, apart);
            Assert.Equal(expectedTag, tag);
            openSsl.Encrypt(nonce, inPlace, inPlace, tag, associated);
            Assert.Equal(expected, inPlace);
            Assert.Equal(expectedTag, tag);
        }
    }

    [Fact]
    public void A_disposed_one_and_wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AesGcmEncryptor(new byte[15]));
        var encryptor = new AesGcmEncryptor(_key);
        Assert.Throws<ArgumentOutOfRangeException>(() => encryptor.Encrypt(new byte[11], [], [], new byte[16], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => encryptor.Encrypt(new byte[12], new byte[2], new byte[1], new byte[16], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => encryptor.Encrypt(new byte[12], [], [], new byte[15], []));
        encryptor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => encryptor.Encrypt(new byte[12], [], [], new byte[16], []));
    }
}
