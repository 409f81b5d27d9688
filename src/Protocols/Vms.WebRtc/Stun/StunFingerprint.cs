namespace Vms.WebRtc.Stun;

/// <summary>FINGERPRINT (RFC 8489 §14.7): CRC-32 of ISO 3309, reflected, polynomial 0x04C11DB7, XOR 0x5354554E.</summary>
internal static class StunFingerprint
{
    private const uint Mask = 0x5354554E;   // "STUN"
    private const uint ReflectedPolynomial = 0xEDB88320;
    private static readonly uint[] s_table = BuildTable();

    /// <param name="covered">The message up to the attribute, its header's length already counting the attribute.</param>
    public static uint Of(ReadOnlySpan<byte> covered)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in covered)
            crc = (crc >> 8) ^ s_table[(byte)(crc ^ b)];
        return ~crc ^ Mask;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
