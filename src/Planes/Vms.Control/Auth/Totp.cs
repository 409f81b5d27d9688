using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Vms.Control.Auth;

/// <summary>One-time passwords by time (RFC 6238: HMAC-SHA-1, steps of 30 seconds, six digits), as every authenticator app makes them. Sans-I/O.</summary>
internal static class Totp
{
    /// <summary>As long as the HMAC's output, as RFC 4226 §4 recommends.</summary>
    public const int SecretBytes = 20;

    public const int Digits = 6;

    private const int StepSeconds = 30;

    /// <summary>A clock may be wrong by a step, or somebody types slowly.</summary>
    private const int StepsAround = 1;

    private const string Base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>RFC 4226 §5.3.</summary>
    public static string CodeOf(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // The algorithm that the apps know. As a MAC with a secret of 160 bits SHA-1 has no known weakness.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash[(hash[^1] & 0xf)..]) & 0x7fff_ffff;
        var modulus = (uint)Math.Pow(10, digits);
        return (number % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <returns>The step that the code is of, which has to be remembered: it must not count again. Null for a wrong code.</returns>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        if (code.Length != Digits)
            return null;
        long? found = null;
        for (var step = StepAt(now) - StepsAround; step <= StepAt(now) + StepsAround; step++)
        {
            // All of them, and each in full: the time says nothing.
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(CodeOf(secret, step)), System.Text.Encoding.UTF8.GetBytes(code)))
                found = step;
        }

        return found;
    }

    /// <summary>What an app reads from a QR code.</summary>
    public static string UriOf(ReadOnlySpan<byte> secret, string username) =>
        $"otpauth://totp/VMS:{Uri.EscapeDataString(username)}?secret={Base32(secret)}&issuer=VMS&algorithm=SHA1&digits={Digits}&period={StepSeconds}";

    /// <summary>RFC 4648 §6, without padding.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder((bytes.Length * 8 + 4) / 5);
        int bits = 0, held = 0;
        foreach (var value in bytes)
        {
            held = (held << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Base32Alphabet[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }

        return bits > 0 ? text.Append(Base32Alphabet[(held << (5 - bits)) & 31]).ToString() : text.ToString();
    }
}
