namespace Vms.Codecs.H265;

/// <summary>The first two bytes of a NAL unit: forbidden_zero_bit (1), nal_unit_type (6), nuh_layer_id (6),
/// nuh_temporal_id_plus1 (3). ITU-T H.265 §7.3.1.2.</summary>
public static class H265NalHeader
{
    public const int Size = 2;

    /// <summary>nal_unit_type in the first byte.</summary>
    public const byte TypeMask = 0x7E;

    public static H265NalUnitType TypeOf(byte firstByte) => (H265NalUnitType)((firstByte & TypeMask) >> 1);

    /// <summary>0 is the base layer, the only one the product carries.</summary>
    public static int LayerOf(ReadOnlySpan<byte> nal) => ((nal[0] & 1) << 5) | (nal[1] >> 3);

    /// <summary>The standard forbids a nuh_temporal_id_plus1 of 0: such bytes are no NAL unit.</summary>
    public static bool HasTemporalId(ReadOnlySpan<byte> nal) => (nal[1] & 7) != 0;

    /// <summary>True for a slice segment of a picture.</summary>
    public static bool IsSlice(H265NalUnitType type) => type <= H265NalUnitType.RaslR || IsIrap(type);

    /// <summary>Intra random access point pictures (§3.69): decoding can start at each, given its parameter sets.</summary>
    public static bool IsIrap(H265NalUnitType type) => type is >= H265NalUnitType.BlaWLp and <= H265NalUnitType.ReservedIrap23;

    /// <summary>True for pictures that cannot be decoded when decoding started at the IRAP picture before them.</summary>
    public static bool IsSkippedLeading(H265NalUnitType type) => type is H265NalUnitType.RaslN or H265NalUnitType.RaslR;

    /// <summary>True for the types that, after a slice, begin the next access unit (§7.4.2.4.4).</summary>
    public static bool StartsAccessUnit(H265NalUnitType type) =>
        type is (>= H265NalUnitType.Vps and <= H265NalUnitType.AccessUnitDelimiter) or H265NalUnitType.PrefixSei
            or (>= H265NalUnitType.ReservedNvcl41 and <= H265NalUnitType.ReservedNvcl44);
}
