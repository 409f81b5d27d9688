using Vms.Codecs.H264;

namespace Vms.Codecs.H265;

/// <summary>What the product needs of a sequence parameter set (ITU-T H.265 §7.3.2.2.1, VUI: annex E).</summary>
/// <remarks>
/// Deviations accepted: bytes after the parameter set (Reolink), anything unreadable behind the picture size: what stands there stays
/// unknown. Ceilings: <see cref="MaxDimension"/>.
/// </remarks>
public readonly record struct H265Sps
{
    /// <summary>Larger pictures are refused, pixels.</summary>
    public const int MaxDimension = 16_384;

    private const int MaxReorder = 16;              // §A.4.2: MaxDpbSize
    private const int MaxLog2PicOrderCnt = 16;
    private const double MaxPlausibleFrameRate = 480;

    public int Id { get; private init; }

    public int VpsId { get; private init; }

    public H265ProfileTierLevel Profile { get; private init; }

    /// <summary>1 to 7.</summary>
    public int TemporalLayers { get; private init; }

    public bool IsTemporalIdNested { get; private init; }

    /// <summary>0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</summary>
    public int ChromaFormatIdc { get; private init; }

    public int BitDepthLuma { get; private init; }

    public int BitDepthChroma { get; private init; }

    /// <summary>Inside the conformance window, pixels.</summary>
    public int Width { get; private init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; private init; }

    /// <summary>sps_max_num_reorder_pics of the highest sub-layer: how many pictures may precede another in decoding order and
    /// follow it in output order.</summary>
    public int MaxNumReorderPictures { get; private init; }

    /// <summary>Declared pictures per second; cameras often deliver another rate. Null when absent, unreadable or absurd.</summary>
    public double? FrameRate { get; private init; }

    /// <param name="nal">With its NAL header, emulation prevention bytes in place.</param>
    /// <returns>False when it is no sequence parameter set, is cut off before the ordering info, or breaks a ceiling.</returns>
    public static bool TryParse(ReadOnlySpan<byte> nal, out H265Sps sps)
    {
        sps = default;
        if (nal.Length <= H265NalHeader.Size || H265NalHeader.TypeOf(nal[0]) != H265NalUnitType.Sps)
            return false;

        var reader = new RbspReader(nal[H265NalHeader.Size..]);
        uint vps = reader.Bits(4);
        int maxSubLayersMinus1 = (int)reader.Bits(3);
        bool nested = reader.Flag();
        if (!H265ProfileTierLevel.TryRead(ref reader, maxSubLayersMinus1, out var profile))
            return false;

        uint id = reader.ExpGolomb();
        uint chroma = reader.ExpGolomb();
        if (id > 15 || chroma > 3)
            return false;
        bool separatePlanes = chroma == 3 && reader.Flag();
        ulong width = reader.ExpGolomb();
        ulong height = reader.ExpGolomb();
        if (width is 0 or > MaxDimension || height is 0 or > MaxDimension)
            return false;
        if (reader.Flag() && !Crop(ref reader, separatePlanes ? 0 : chroma, ref width, ref height))
            return false;

        uint bitDepthLuma = 8 + reader.ExpGolomb();
        uint bitDepthChroma = 8 + reader.ExpGolomb();
        uint log2MaxPicOrderCnt = 4 + reader.ExpGolomb();
        if (bitDepthLuma > 15 || bitDepthChroma > 15 || log2MaxPicOrderCnt > MaxLog2PicOrderCnt)
            return false;

        uint reorder = 0;
        for (int i = reader.Flag() ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i++)
        {
            reader.ExpGolomb();                                 // sps_max_dec_pic_buffering_minus1
            reorder = reader.ExpGolomb();
            reader.ExpGolomb();                                 // sps_max_latency_increase_plus1
        }

        if (reader.IsExhausted || reorder > MaxReorder)
            return false;

        sps = new H265Sps
        {
            Id = (int)id,
            VpsId = (int)vps,
            Profile = profile,
            TemporalLayers = maxSubLayersMinus1 + 1,
            IsTemporalIdNested = nested,
            ChromaFormatIdc = (int)chroma,
            BitDepthLuma = (int)bitDepthLuma,
            BitDepthChroma = (int)bitDepthChroma,
            Width = (int)width,
            Height = (int)height,
            MaxNumReorderPictures = (int)reorder,
            FrameRate = H265SpsTail.ReadFrameRate(ref reader, chroma, (int)log2MaxPicOrderCnt) is { } rate and <= MaxPlausibleFrameRate
                ? rate : null,
        };
        return true;
    }

    private static bool Crop(ref RbspReader reader, uint chromaArrayType, ref ulong width, ref ulong height)
    {
        uint unitX = chromaArrayType is 1 or 2 ? 2u : 1u;       // table 6-1, §7.4.3.2.1
        uint unitY = chromaArrayType == 1 ? 2u : 1u;
        ulong x = ((ulong)reader.ExpGolomb() + reader.ExpGolomb()) * unitX;
        ulong y = ((ulong)reader.ExpGolomb() + reader.ExpGolomb()) * unitY;
        if (x >= width || y >= height)
            return false;

        width -= x;
        height -= y;
        return true;
    }
}
