namespace Vms.Codecs.G711;

/// <summary>Expands the code words of ITU-T G.711 to 16-bit samples.</summary>
public static class G711
{
    private const int Codes = 256;
    private static readonly short[] s_aLaw = Table(ALaw);
    private static readonly short[] s_muLaw = Table(MuLaw);

    /// <param name="codec">PCMA or PCMU.</param>
    /// <param name="codes">One sample each.</param>
    /// <param name="samples">As many.</param>
    public static void Expand(CodecKind codec, ReadOnlySpan<byte> codes, Span<short> samples)
    {
        var table = codec == CodecKind.PcmA ? s_aLaw : s_muLaw;
        for (int i = 0; i < codes.Length; i++)
            samples[i] = table[codes[i]];
    }

    private static short[] Table(Func<int, int> expand) => [.. Enumerable.Range(0, Codes).Select(code => (short)expand(code))];

    /// <summary>Even bits are inverted, a set sign bit is positive; 13 bits, here in the upper part of 16.</summary>
    private static int ALaw(int code)
    {
        code ^= 0x55;
        int exponent = code >> 4 & 7;
        int mantissa = code & 15;
        int magnitude = (exponent == 0 ? 2 * mantissa + 1 : 2 * mantissa + 33 << exponent - 1) * 8;
        return (code & 0x80) != 0 ? magnitude : -magnitude;
    }

    /// <summary>All bits are inverted; 14 bits with a bias of 33, here in the upper part of 16.</summary>
    private static int MuLaw(int code)
    {
        code = ~code;
        int exponent = code >> 4 & 7;
        int mantissa = code & 15;
        int magnitude = ((2 * mantissa + 33 << exponent) - 33) * 4;
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }
}
