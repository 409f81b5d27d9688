namespace Vms.Codecs.H264;

/// <summary>The first fields of a slice header that read without parameter sets (ITU-T H.264 §7.3.3).</summary>
/// <param name="FirstMb">first_mb_in_slice: 0 begins a picture.</param>
/// <param name="SliceType">slice_type mod 5: 0 P, 1 B, 2 I, 3 SP, 4 SI (table 7-6).</param>
public readonly record struct H264Slice(int FirstMb, int SliceType)
{
    public bool BeginsPicture => FirstMb == 0;

    public bool IsIntra => SliceType is 2 or 4;

    public bool IsBidirectional => SliceType == 1;

    /// <param name="nal">Type 1, 2 or 5, with its NAL header byte. Data partitions B and C do not say where they belong.</param>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H264Slice slice)
    {
        slice = default;
        if (nal.Length < 2 || H264NalHeader.TypeOf(nal[0])
                is not (H264NalUnitType.NonIdrSlice or H264NalUnitType.SliceDataPartitionA or H264NalUnitType.IdrSlice))
        {
            return false;
        }

        var reader = new RbspReader(nal[1..Math.Min(nal.Length, 16)]);
        uint firstMb = reader.ExpGolomb();
        uint type = reader.ExpGolomb();
        if (reader.IsExhausted || type > 9 || firstMb > int.MaxValue)
            return false;

        slice = new H264Slice((int)firstMb, (int)(type % 5));
        return true;
    }
}
