using System.Buffers.Binary;
using System.Numerics;

namespace Vms.Containers;

/// <summary>CRC-32C (Castagnoli; RFC 3720 appendix B.4). Check value of "123456789": E3069283.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Update(Start, bytes));

    public const uint Start = uint.MaxValue;

    public static uint Finish(uint state) => ~state;

    public static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes) state = BitOperations.Crc32C(state, value);
        return state;
    }
}
