namespace Vms.Codecs.H264;

/// <summary>The first byte of a NAL unit: forbidden_zero_bit (1), nal_ref_idc (2), nal_unit_type (5). ITU-T H.264 §7.3.1.</summary>
public static class H264NalHeader
{
    public const byte ForbiddenBit = 0x80;
    public const byte RefIdcMask = 0x60;
    public const byte TypeMask = 0x1F;

    public static H264NalUnitType TypeOf(byte header) => (H264NalUnitType)(header & TypeMask);

    /// <summary>True for a slice of the primary coded picture (types 1 to 5).</summary>
    public static bool IsSlice(H264NalUnitType type) => type is >= H264NalUnitType.NonIdrSlice and <= H264NalUnitType.IdrSlice;

    /// <summary>True for the types that, after a slice, begin the next access unit (§7.4.1.2.3).</summary>
    public static bool StartsAccessUnit(H264NalUnitType type) =>
        type is H264NalUnitType.Sei or H264NalUnitType.Sps or H264NalUnitType.Pps or H264NalUnitType.AccessUnitDelimiter
            or (>= H264NalUnitType.Prefix and <= H264NalUnitType.Reserved18);
}
