using Vms.Codecs.H264;

namespace Vms.Codecs.H265;

/// <summary>The part of a sequence parameter set behind its ordering info (ITU-T H.265 §7.3.2.2.1): walked for one value, the frame
/// rate in the VUI (§E.2.1).</summary>
internal static class H265SpsTail
{
    private const int MaxReferencePictureSets = 64;             // §7.4.3.2.1
    private const int MaxPicturesInSet = 16;
    private const int MaxLongTerm = 32;

    /// <returns>Null when there is none or the way to it cannot be read.</returns>
    public static double? ReadFrameRate(ref RbspReader reader, uint chromaFormatIdc, int log2MaxPicOrderCnt)
    {
        for (int i = 0; i < 6; i++)
            reader.ExpGolomb();                                 // sizes of coding and transform blocks, transform hierarchy depths
        if (reader.Flag() && reader.Flag())                     // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
            SkipScalingLists(ref reader, chromaFormatIdc);
        reader.Bits(2);                                         // amp_enabled_flag, sample_adaptive_offset_enabled_flag
        if (reader.Flag())                                      // pcm_enabled_flag
        {
            reader.Bits(8);                                     // bit depths
            reader.ExpGolomb();
            reader.ExpGolomb();
            reader.Bit();                                       // pcm_loop_filter_disabled_flag
        }

        if (!SkipReferencePictureSets(ref reader))
            return null;
        if (reader.Flag())                                      // long_term_ref_pics_present_flag
        {
            uint count = reader.ExpGolomb();
            if (count > MaxLongTerm)
                return null;
            for (uint i = 0; i < count; i++)
                reader.Bits(log2MaxPicOrderCnt + 1);
        }

        reader.Bits(2);                                         // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
        return reader.Flag() ? ReadVui(ref reader) : null;
    }

    private static double? ReadVui(ref RbspReader reader)
    {
        if (reader.Flag() && reader.Bits(8) == 255)             // aspect_ratio_idc EXTENDED_SAR
            reader.Bits(32);
        if (reader.Flag())                                      // overscan_info_present_flag
            reader.Bit();
        if (reader.Flag())                                      // video_signal_type_present_flag
        {
            reader.Bits(4);
            if (reader.Flag())                                  // colour_description_present_flag
                reader.Bits(24);
        }

        if (reader.Flag())                                      // chroma_loc_info_present_flag
        {
            reader.ExpGolomb();
            reader.ExpGolomb();
        }

        reader.Bits(3);                                         // neutral_chroma, field_seq, frame_field_info
        if (reader.Flag())                                      // default_display_window_flag
        {
            for (int i = 0; i < 4; i++)
                reader.ExpGolomb();
        }

        if (!reader.Flag())                                     // vui_timing_info_present_flag
            return null;

        uint unitsInTick = reader.Bits(32);
        uint timeScale = reader.Bits(32);
        return reader.IsExhausted || unitsInTick == 0 || timeScale == 0 ? null : timeScale / (double)unitsInTick;
    }

    private static void SkipScalingLists(ref RbspReader reader, uint chromaFormatIdc)
    {
        for (int size = 0; size < 4; size++)                    // §7.3.4
        {
            for (int matrix = 0; matrix < 6 && !reader.IsExhausted; matrix += size == 3 ? 3 : 1)
            {
                if (!reader.Flag())                             // scaling_list_pred_mode_flag
                {
                    reader.ExpGolomb();
                    continue;
                }

                if (size > 1)
                    reader.SignedExpGolomb();                   // scaling_list_dc_coef_minus8
                for (int i = 0; i < Math.Min(64, 1 << (4 + (size << 1))); i++)
                    reader.SignedExpGolomb();
            }
        }
    }

    // §7.3.7. A set may be told as the difference to the one before it, so their lengths have to be known.
    private static bool SkipReferencePictureSets(ref RbspReader reader)
    {
        uint count = reader.ExpGolomb();
        if (count > MaxReferencePictureSets)
            return false;

        uint before = 0;
        for (uint set = 0; set < count; set++)
        {
            if (set > 0 && reader.Flag())                       // inter_ref_pic_set_prediction_flag
            {
                reader.Bit();                                   // delta_rps_sign
                reader.ExpGolomb();                             // abs_delta_rps_minus1
                uint kept = 0;
                for (uint i = 0; i <= before; i++)
                {
                    if (reader.Flag() || reader.Flag())         // used_by_curr_pic_flag, use_delta_flag
                        kept++;
                }

                before = kept;
            }
            else
            {
                uint negative = reader.ExpGolomb();
                uint positive = reader.ExpGolomb();
                if (negative > MaxPicturesInSet || positive > MaxPicturesInSet)
                    return false;
                before = negative + positive;
                for (uint i = 0; i < before; i++)
                {
                    reader.ExpGolomb();                         // delta_poc_minus1
                    reader.Bit();                               // used_by_curr_pic_flag
                }
            }

            if (before > MaxPicturesInSet || reader.IsExhausted)
                return false;
        }

        return true;
    }
}
