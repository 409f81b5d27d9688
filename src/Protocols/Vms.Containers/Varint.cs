namespace Vms.Containers;

/// <summary>Little-endian base-128 integers, at most ten bytes, and the zig-zag map for signed ones (as in Protocol Buffers).</summary>
internal static class Varint
{
    public const int MaxBytes = 10;

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    public static int Write(Span<byte> destination, ulong value)
    {
        int n = 0;
        for (; value >= 0x80; value >>= 7) destination[n++] = (byte)(value | 0x80);
        destination[n++] = (byte)value;
        return n;
    }

    /// <summary>False when the input ends inside the number or the number does not fit into 64 bits.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        for (int i = 0; i < MaxBytes && i < source.Length; i++)
        {
            byte b = source[i];
            if (i == MaxBytes - 1 && b > 1) return false;
            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b >= 0x80) continue;
            source = source[(i + 1)..];
            return true;
        }

        return false;
    }
}
