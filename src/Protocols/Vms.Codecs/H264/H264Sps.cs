namespace Vms.Codecs.H264;

/// <summary>What the product needs of a sequence parameter set (ITU-T H.264 §7.3.2.1.1, VUI: annex E).</summary>
/// <remarks>
/// Deviations accepted: bytes after the parameter set (Reolink), a VUI that is cut off (its fields stay unknown).
/// Ceilings: <see cref="MaxDimension"/>.
/// </remarks>
public readonly record struct H264Sps
{
    /// <summary>Larger pictures are refused, pixels.</summary>
    public const int MaxDimension = 16_384;

    private const int MaxCyclesInPicOrder = 255;    // §7.4.2.1.1
    private const int MaxHrdSchedules = 32;         // §E.2.2
    private const double MaxPlausibleFrameRate = 480;

    public byte ProfileIdc { get; private init; }

    /// <summary>constraint_set0_flag in the top bit, as on the wire.</summary>
    public byte ConstraintFlags { get; private init; }

    public byte LevelIdc { get; private init; }

    public int Id { get; private init; }

    /// <summary>0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</summary>
    public int ChromaFormatIdc { get; private init; }

    public int BitDepthLuma { get; private init; }

    public int BitDepthChroma { get; private init; }

    /// <summary>After cropping, pixels.</summary>
    public int Width { get; private init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; private init; }

    public int PicOrderCntType { get; private init; }

    public int MaxNumRefFrames { get; private init; }

    /// <summary>False: the stream may hold field pictures or MBAFF.</summary>
    public bool FrameMbsOnly { get; private init; }

    /// <summary>How many pictures may precede another in decoding order and follow it in output order. From
    /// bitstream_restriction; else 0 where the standard rules reordering out (picture order count type 2, intra profiles)
    /// and for Baseline, which has no B slices; else null: nobody said.</summary>
    public int? MaxNumReorderFrames { get; private init; }

    /// <summary>Declared pictures per second; cameras often deliver another rate. Null when absent or absurd.</summary>
    public double? FrameRate { get; private init; }

    /// <summary>RFC 6381 §3.3: "avc1.PPCCLL".</summary>
    public string CodecString => $"avc1.{ProfileIdc:X2}{ConstraintFlags:X2}{LevelIdc:X2}";

    /// <param name="nal">With its NAL header byte, emulation prevention bytes in place.</param>
    /// <returns>False when it is no sequence parameter set, is cut off before the VUI, or breaks a ceiling.</returns>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H264Sps sps)
    {
        sps = default;
        if (nal.Length < 5 || H264NalHeader.TypeOf(nal[0]) != H264NalUnitType.Sps)
            return false;

        var reader = new RbspReader(nal[1..]);
        byte profile = (byte)reader.Bits(8);
        byte constraints = (byte)reader.Bits(8);
        byte level = (byte)reader.Bits(8);
        uint id = reader.ExpGolomb();
        if (id > 31)
            return false;

        uint chroma = 1, bitDepthLuma = 8, bitDepthChroma = 8;
        if (HasChromaFormat(profile))
        {
            chroma = reader.ExpGolomb();
            if (chroma > 3)
                return false;
            if (chroma == 3)
                reader.Bit();                                   // separate_colour_plane_flag
            bitDepthLuma = 8 + reader.ExpGolomb();
            bitDepthChroma = 8 + reader.ExpGolomb();
            if (bitDepthLuma > 14 || bitDepthChroma > 14)
                return false;
            reader.Bit();                                       // qpprime_y_zero_transform_bypass_flag
            if (reader.Flag())                                  // seq_scaling_matrix_present_flag
                SkipScalingLists(ref reader, chroma == 3 ? 12 : 8);
        }

        reader.ExpGolomb();                                     // log2_max_frame_num_minus4
        uint picOrderCntType = reader.ExpGolomb();
        if (!SkipPicOrderCount(ref reader, picOrderCntType))
            return false;

        uint maxNumRefFrames = reader.ExpGolomb();
        reader.Bit();                                           // gaps_in_frame_num_value_allowed_flag
        ulong widthInMbs = reader.ExpGolomb() + 1UL;
        ulong heightInMapUnits = reader.ExpGolomb() + 1UL;
        bool frameMbsOnly = reader.Flag();
        if (!frameMbsOnly)
            reader.Bit();                                       // mb_adaptive_frame_field_flag
        reader.Bit();                                           // direct_8x8_inference_flag

        ulong width = widthInMbs * 16;
        ulong height = heightInMapUnits * 16 * (frameMbsOnly ? 1u : 2u);
        if (width > MaxDimension || height > MaxDimension)
            return false;
        if (reader.Flag() && !Crop(ref reader, chroma, frameMbsOnly, ref width, ref height))
            return false;

        bool hasVui = reader.Flag();
        if (reader.IsExhausted)
            return false;

        var vui = hasVui ? Vui.Read(ref reader) : default;
        sps = new H264Sps
        {
            ProfileIdc = profile,
            ConstraintFlags = constraints,
            LevelIdc = level,
            Id = (int)id,
            ChromaFormatIdc = (int)chroma,
            BitDepthLuma = (int)bitDepthLuma,
            BitDepthChroma = (int)bitDepthChroma,
            Width = (int)width,
            Height = (int)height,
            PicOrderCntType = (int)picOrderCntType,
            MaxNumRefFrames = (int)Math.Min(maxNumRefFrames, 16),
            FrameMbsOnly = frameMbsOnly,
            MaxNumReorderFrames = vui.MaxNumReorderFrames ?? ImpliedReorder(profile, constraints, picOrderCntType),
            FrameRate = vui.FrameRate,
        };
        return true;
    }

    private static bool HasChromaFormat(byte profile) =>
        profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static int? ImpliedReorder(byte profile, byte constraints, uint picOrderCntType)
    {
        bool intraOnly = profile is 44 || ((constraints & 0x10) != 0 && profile is 86 or 100 or 110 or 122 or 244);  // §E.2.1
        return picOrderCntType == 2 || intraOnly || profile == 66 ? 0 : null;
    }

    private static void SkipScalingLists(ref RbspReader reader, int lists)
    {
        for (int i = 0; i < lists && !reader.IsExhausted; i++)
        {
            if (!reader.Flag())
                continue;

            int last = 8, next = 8;
            for (int k = 0; k < (i < 6 ? 16 : 64) && next != 0; k++)      // §7.3.2.1.1.1
            {
                next = (last + reader.SignedExpGolomb()) & 0xFF;
                last = next == 0 ? last : next;
            }
        }
    }

    private static bool SkipPicOrderCount(ref RbspReader reader, uint type)
    {
        switch (type)
        {
            case 0:
                reader.ExpGolomb();                             // log2_max_pic_order_cnt_lsb_minus4
                return true;
            case 1:
                reader.Bit();                                   // delta_pic_order_always_zero_flag
                reader.SignedExpGolomb();                       // offset_for_non_ref_pic
                reader.SignedExpGolomb();                       // offset_for_top_to_bottom_field
                uint cycles = reader.ExpGolomb();
                if (cycles > MaxCyclesInPicOrder)
                    return false;
                for (uint i = 0; i < cycles; i++)
                    reader.SignedExpGolomb();                   // offset_for_ref_frame
                return true;
            default:
                return type == 2;
        }
    }

    private static bool Crop(ref RbspReader reader, uint chroma, bool frameMbsOnly, ref ulong width, ref ulong height)
    {
        uint unitX = chroma is 1 or 2 ? 2u : 1u;                // table 6-1, §7.4.2.1.1
        uint unitY = (chroma == 1 ? 2u : 1u) * (frameMbsOnly ? 1u : 2u);
        ulong x = ((ulong)reader.ExpGolomb() + reader.ExpGolomb()) * unitX;
        ulong y = ((ulong)reader.ExpGolomb() + reader.ExpGolomb()) * unitY;
        if (x >= width || y >= height)
            return false;

        width -= x;
        height -= y;
        return true;
    }

    /// <summary>The fields of annex E that are of use; unknown ones stay null.</summary>
    private readonly record struct Vui(double? FrameRate, int? MaxNumReorderFrames)
    {
        public static Vui Read(ref RbspReader reader)
        {
            if (reader.Flag() && reader.Bits(8) == 255)         // aspect_ratio_idc Extended_SAR
                reader.Bits(32);
            if (reader.Flag())                                  // overscan_info_present_flag
                reader.Bit();
            if (reader.Flag())                                  // video_signal_type_present_flag
            {
                reader.Bits(4);                                 // video_format, video_full_range_flag
                if (reader.Flag())                              // colour_description_present_flag
                    reader.Bits(24);
            }

            if (reader.Flag())                                  // chroma_loc_info_present_flag
            {
                reader.ExpGolomb();
                reader.ExpGolomb();
            }

            double? frameRate = null;
            if (reader.Flag())                                  // timing_info_present_flag
            {
                uint unitsInTick = reader.Bits(32);
                uint timeScale = reader.Bits(32);
                reader.Bit();                                   // fixed_frame_rate_flag
                double rate = unitsInTick == 0 ? 0 : timeScale / (2.0 * unitsInTick);   // a tick is a field, §E.2.1
                if (!reader.IsExhausted && rate is > 0 and <= MaxPlausibleFrameRate)
                    frameRate = rate;
            }

            bool nalHrd = reader.Flag();
            if (nalHrd)
                SkipHrd(ref reader);
            bool vclHrd = reader.Flag();
            if (vclHrd)
                SkipHrd(ref reader);
            if (nalHrd || vclHrd)
                reader.Bit();                                   // low_delay_hrd_flag
            reader.Bit();                                       // pic_struct_present_flag

            int? reorder = null;
            if (reader.Flag())                                  // bitstream_restriction_flag
            {
                reader.Bit();                                   // motion_vectors_over_pic_boundaries_flag
                reader.ExpGolomb();                             // max_bytes_per_pic_denom
                reader.ExpGolomb();                             // max_bits_per_mb_denom
                reader.ExpGolomb();                             // log2_max_mv_length_horizontal
                reader.ExpGolomb();                             // log2_max_mv_length_vertical
                uint frames = reader.ExpGolomb();
                if (!reader.IsExhausted && frames <= 16)
                    reorder = (int)frames;
            }

            return new Vui(frameRate, reorder);
        }

        private static void SkipHrd(ref RbspReader reader)
        {
            uint schedules = Math.Min(reader.ExpGolomb() + 1, MaxHrdSchedules);
            reader.Bits(8);                                     // bit_rate_scale, cpb_size_scale
            for (uint i = 0; i < schedules; i++)
            {
                reader.ExpGolomb();
                reader.ExpGolomb();
                reader.Bit();
            }

            reader.Bits(20);                                    // four lengths of 5 bits
        }
    }
}
