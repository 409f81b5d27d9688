namespace Vms.Codecs.H265;

/// <summary>The first field of a slice segment header (ITU-T H.265 §7.3.6.1); the others need parameter sets.</summary>
/// <param name="BeginsPicture">first_slice_segment_in_pic_flag.</param>
public readonly record struct H265Slice(bool BeginsPicture)
{
    /// <param name="nal">With its NAL header.</param>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H265Slice slice)
    {
        slice = default;
        if (nal.Length <= H265NalHeader.Size || !H265NalHeader.IsSlice(H265NalHeader.TypeOf(nal[0])))
            return false;

        slice = new H265Slice((nal[H265NalHeader.Size] & 0x80) != 0);
        return true;
    }
}
