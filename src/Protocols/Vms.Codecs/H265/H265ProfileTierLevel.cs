using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Vms.Codecs.H264;

namespace Vms.Codecs.H265;

/// <summary>The general part of profile_tier_level (ITU-T H.265 §7.3.3).</summary>
/// <param name="ProfileSpace">0 in practice.</param>
/// <param name="IsHighTier">general_tier_flag.</param>
/// <param name="ProfileIdc">1 Main, 2 Main 10, 3 Main Still Picture, 4 range extensions.</param>
/// <param name="Compatibility">general_profile_compatibility_flag[0] in the top bit, as on the wire.</param>
/// <param name="Constraints">The 48 bits behind it, progressive_source_flag on top.</param>
/// <param name="LevelIdc">30 times the level.</param>
public readonly record struct H265ProfileTierLevel(
    byte ProfileSpace, bool IsHighTier, byte ProfileIdc, uint Compatibility, ulong Constraints, byte LevelIdc)
{
    /// <summary>Bytes of the general part, in parameter sets as in an hvcC.</summary>
    public const int Size = 12;

    private const int MaxSubLayersMinus1 = 6;

    /// <summary>ISO/IEC 14496-15 annex E.3 without the sample entry's name: "1.6.L93.B0".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (ProfileSpace > 0)
            text.Append((char)('A' + ProfileSpace - 1));
        text.Append(CultureInfo.InvariantCulture, $"{ProfileIdc}.{ReverseBits(Compatibility):X}.{(IsHighTier ? 'H' : 'L')}{LevelIdc}");
        int bytes = Constraints == 0 ? 0 : 6 - (BitOperations.TrailingZeroCount(Constraints) / 8);
        for (int i = 0; i < bytes; i++)
            text.Append(CultureInfo.InvariantCulture, $".{(byte)(Constraints >> (40 - (8 * i))):X}");
        return text.ToString();
    }

    /// <param name="bytes">At least <see cref="Size"/>.</param>
    public static H265ProfileTierLevel Read(ReadOnlySpan<byte> bytes) => new(
        (byte)(bytes[0] >> 6),
        (bytes[0] & 0x20) != 0,
        (byte)(bytes[0] & 0x1F),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[3..]) & 0xFFFF_FFFF_FFFF,
        bytes[11]);

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes[3..], Constraints);
        bytes[0] = (byte)((ProfileSpace << 6) | (IsHighTier ? 0x20 : 0) | ProfileIdc);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], Compatibility);
        bytes[11] = LevelIdc;
    }

    /// <summary>Reads profile_tier_level(1, <paramref name="maxSubLayersMinus1"/>); false for more sub-layers than there can be.</summary>
    internal static bool TryRead(ref RbspReader reader, int maxSubLayersMinus1, out H265ProfileTierLevel general)
    {
        general = default;
        if (maxSubLayersMinus1 > MaxSubLayersMinus1)
            return false;

        Span<byte> bytes = stackalloc byte[Size];
        foreach (ref byte b in bytes)
            b = (byte)reader.Bits(8);
        general = Read(bytes);
        SkipSubLayers(ref reader, maxSubLayersMinus1);
        return true;
    }

    private static void SkipSubLayers(ref RbspReader reader, int maxSubLayersMinus1)
    {
        if (maxSubLayersMinus1 == 0)
            return;

        Span<(bool Profile, bool Level)> present = stackalloc (bool, bool)[8];
        for (int i = 0; i < 8; i++)                             // the rest is reserved_zero_2bits
            present[i] = (reader.Flag(), reader.Flag());
        for (int i = 0; i < maxSubLayersMinus1; i++)
        {
            for (int bits = (present[i].Profile ? 88 : 0) + (present[i].Level ? 8 : 0); bits > 0; bits -= 8)
                reader.Bits(8);
        }
    }

    private static uint ReverseBits(uint value)
    {
        uint reversed = 0;
        for (int i = 0; i < 32; i++)
            reversed |= ((value >> i) & 1) << (31 - i);
        return reversed;
    }
}
