using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Vms.Codecs;

/// <summary>
/// CRC-32C (RFC 3720 §12.1, Castagnoli). One instruction handles 8 bytes but takes three cycles to finish, so long input runs as three
/// independent streams, joined by shifting a checksum over the zeros of the blocks behind it (Mark Adler's method).
/// </summary>
public static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;   // reflected
    private const int LongBlock = 4096;
    private const int ShortBlock = 256;

    private static readonly uint[][] s_shift = ShiftTables();
    private static readonly uint[] s_shiftLong = s_shift[BitOperations.Log2(LongBlock)];
    private static readonly uint[] s_shiftShort = s_shift[BitOperations.Log2(ShortBlock)];

    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Checksum of everything before (<paramref name="checksum"/>, 0 at the start) followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~checksum;
        crc = AppendBlocks(crc, ref bytes, LongBlock, s_shiftLong);
        crc = AppendBlocks(crc, ref bytes, ShortBlock, s_shiftShort);
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>
    /// What a checksum counts for once <paramref name="bytes"/> more bytes follow, whatever they are: the checksum of A followed by B is
    /// <c>Shift(Of(A), |B|) ^ Of(B)</c>, without another look at either.
    /// </summary>
    public static uint Shift(uint checksum, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        for (uint left = (uint)bytes; left != 0; left &= left - 1)
            checksum = Shift(s_shift[BitOperations.TrailingZeroCount(left)], checksum);
        return checksum;
    }

    private static uint AppendBlocks(uint crc, ref ReadOnlySpan<byte> bytes, int block, uint[] shift)
    {
        while (bytes.Length >= 3 * block)
        {
            ReadOnlySpan<ulong> first = MemoryMarshal.Cast<byte, ulong>(bytes[..block]);
            ReadOnlySpan<ulong> second = MemoryMarshal.Cast<byte, ulong>(bytes.Slice(block, block));
            ReadOnlySpan<ulong> third = MemoryMarshal.Cast<byte, ulong>(bytes.Slice(2 * block, block));
            uint crc1 = 0, crc2 = 0;
            for (int i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
            {
                crc = BitOperations.Crc32C(crc, first[i]);
                crc1 = BitOperations.Crc32C(crc1, second[i]);
                crc2 = BitOperations.Crc32C(crc2, third[i]);
            }

            crc = Shift(shift, Shift(shift, crc) ^ crc1) ^ crc2;
            bytes = bytes[(3 * block)..];
        }

        return crc;
    }

    private static uint Shift(uint[] table, uint crc) =>
        table[crc & 0xFF] ^ table[256 + ((crc >> 8) & 0xFF)] ^ table[512 + ((crc >> 16) & 0xFF)] ^ table[768 + (crc >> 24)];

    /// <summary>One table for each power of two of zero bytes that an <see cref="int"/> can count; each is the one before, applied twice.</summary>
    private static uint[][] ShiftTables()
    {
        Span<uint> bits = stackalloc uint[32];      // what each bit of a checksum becomes
        for (int i = 0; i < bits.Length; i++)
        {
            uint crc = 1u << i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
            bits[i] = crc;
        }

        var tables = new uint[31][];
        for (int power = 0; power < tables.Length; power++)
        {
            tables[power] = ShiftTable(bits);
            foreach (ref uint bit in bits)
                bit = Shift(tables[power], bit);
        }

        return tables;
    }

    /// <summary>[4 × 256]: what each value of each byte of a checksum becomes, from what its bits become (a linear map).</summary>
    private static uint[] ShiftTable(ReadOnlySpan<uint> bits)
    {
        var table = new uint[4 * 256];
        for (int index = 0; index < table.Length; index++)
        {
            for (int i = 0; i < 8; i++)
            {
                if ((index & (1 << i)) != 0)
                    table[index] ^= bits[(index >> 8) * 8 + i];
            }
        }

        return table;
    }
}
