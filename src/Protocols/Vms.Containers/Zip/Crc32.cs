namespace Vms.Containers.Zip;

/// <summary>CRC-32 of ZIP files (ISO 3309, polynomial 0x04C11DB7 reflected), eight bytes at a time. The checksum of our own files is another: Crc32C.</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] s_tables = Tables();     // [8 × 256]

    /// <summary>Checksum of everything before (<paramref name="checksum"/>, 0 at the start) followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint[] t = s_tables;
        uint crc = ~checksum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc ^= (uint)(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24);
            crc = t[1792 + (crc & 0xFF)] ^ t[1536 + ((crc >> 8) & 0xFF)] ^ t[1280 + ((crc >> 16) & 0xFF)] ^ t[1024 + (crc >> 24)]
                ^ t[768 + bytes[4]] ^ t[512 + bytes[5]] ^ t[256 + bytes[6]] ^ t[bytes[7]];
        }

        foreach (byte b in bytes) crc = (crc >> 8) ^ t[(crc ^ b) & 0xFF];
        return ~crc;
    }

    private static uint[] Tables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            tables[i] = crc;
        }

        for (int i = 256; i < tables.Length; i++) tables[i] = (tables[i - 256] >> 8) ^ tables[tables[i - 256] & 0xFF];
        return tables;
    }
}
