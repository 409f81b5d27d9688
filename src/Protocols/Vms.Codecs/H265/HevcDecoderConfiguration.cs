using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vms.Codecs.H264;

namespace Vms.Codecs.H265;

/// <summary>HEVCDecoderConfigurationRecord, "hvcC" (ISO/IEC 14496-15 §8.3.3.1): the codec parameters of an H.265 track.
/// Immutable; shares the bytes it was parsed from.</summary>
public sealed class HevcDecoderConfiguration
{
    private const int HeaderSize = 23;
    private const int MaxSets = 64;

    private HevcDecoderConfiguration(
        H265ProfileTierLevel profile, IReadOnlyList<ReadOnlyMemory<byte>> vps, IReadOnlyList<ReadOnlyMemory<byte>> sps,
        IReadOnlyList<ReadOnlyMemory<byte>> pps)
    {
        Profile = profile;
        Vps = vps;
        Sps = sps;
        Pps = pps;
    }

    public H265ProfileTierLevel Profile { get; }

    /// <summary>Video parameter sets with NAL header.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Vps { get; }

    /// <summary>Sequence parameter sets with NAL header, at least one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Sps { get; }

    /// <summary>Picture parameter sets with NAL header.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pps { get; }

    /// <summary>ISO/IEC 14496-15 annex E.3: "hvc1.1.6.L93.B0", what <c>MediaSource.isTypeSupported</c> and playlists want.</summary>
    public string CodecString => $"hvc1.{Profile}";

    /// <summary>The record for one parameter set of each kind.</summary>
    public static byte[] Build(ReadOnlySpan<byte> vps, ReadOnlySpan<byte> sps, ReadOnlySpan<byte> pps) =>
        Build([vps.ToArray()], [sps.ToArray()], [pps.ToArray()]);

    /// <summary>The record for up to 64 parameter sets of each kind, each at most 65,535 bytes with NAL header; all are in it
    /// (array_completeness 1), as the sample entry hvc1 demands.</summary>
    /// <exception cref="ArgumentException">The sets break one of these limits, or the first SPS does not parse.</exception>
    public static byte[] Build(IReadOnlyList<byte[]> vps, IReadOnlyList<byte[]> sps, IReadOnlyList<byte[]> pps)
    {
        if (sps.Count == 0 || !H265Sps.TryParse(sps[0], out var first))
            throw new ArgumentException("An hvcC needs a readable sequence parameter set.", nameof(sps));

        ReadOnlySpan<(H265NalUnitType Type, IReadOnlyList<byte[]> Sets)> arrays =
            [(H265NalUnitType.Vps, vps), (H265NalUnitType.Sps, sps), (H265NalUnitType.Pps, pps)];
        int size = HeaderSize;
        foreach (var (_, sets) in arrays)
            size += 3 + sets.Sum(set => 2 + set.Length);

        byte[] record = new byte[size];
        record[0] = 1;                                          // configurationVersion
        first.Profile.Write(record.AsSpan(1));
        record[13] = 0xF0;                                      // reserved, min_spatial_segmentation_idc 0: unknown
        record[15] = 0xFC;                                      // reserved, parallelismType 0: unknown
        record[16] = (byte)(0xFC | first.ChromaFormatIdc);
        record[17] = (byte)(0xF8 | (first.BitDepthLuma - 8));
        record[18] = (byte)(0xF8 | (first.BitDepthChroma - 8));
        record[21] = (byte)((first.TemporalLayers << 3) | (first.IsTemporalIdNested ? 4 : 0) | (NalUnits.LengthSize - 1));
        record[22] = (byte)arrays.Length;
        int at = HeaderSize;
        foreach (var (type, sets) in arrays)
        {
            if (sets.Count > MaxSets)
                throw new ArgumentException($"An hvcC of ours holds at most {MaxSets} parameter sets of a kind.");
            record[at] = (byte)(0x80 | (byte)type);             // array_completeness, NAL_unit_type
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(at + 1), (ushort)sets.Count);
            at += 3;
            foreach (byte[] set in sets)
            {
                if (set.Length > ushort.MaxValue)
                    throw new ArgumentException("A parameter set is longer than 65,535 bytes.");
                BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(at), (ushort)set.Length);
                set.CopyTo(record, at + 2);
                at += 2 + set.Length;
            }
        }

        return record;
    }

    /// <summary>False when cut off, of another version, with lengths of other than 4 bytes, or without a sequence parameter set.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> hvcC, [NotNullWhen(true)] out HevcDecoderConfiguration? configuration)
    {
        configuration = null;
        var bytes = hvcC.Span;
        if (bytes.Length < HeaderSize || bytes[0] != 1 || (bytes[21] & 3) != NalUnits.LengthSize - 1)
            return false;

        List<ReadOnlyMemory<byte>> vps = [], sps = [], pps = [];
        int at = HeaderSize;
        for (int array = 0; array < bytes[22]; array++)
        {
            if (bytes.Length - at < 3)
                return false;
            var type = (H265NalUnitType)(bytes[at] & 0x3F);
            int count = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 1)..]);
            at += 3;
            if (!TryReadSets(hvcC, ref at, count, type switch
                {
                    H265NalUnitType.Vps => vps,
                    H265NalUnitType.Sps => sps,
                    H265NalUnitType.Pps => pps,
                    _ => null,                                  // SEI
                }))
            {
                return false;
            }
        }

        if (sps.Count == 0)
            return false;

        configuration = new HevcDecoderConfiguration(H265ProfileTierLevel.Read(bytes[1..]), vps, sps, pps);
        return true;
    }

    private static bool TryReadSets(ReadOnlyMemory<byte> hvcC, ref int at, int count, List<ReadOnlyMemory<byte>>? sets)
    {
        for (int i = 0; i < count; i++)
        {
            if (hvcC.Length - at < 2)
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(hvcC.Span[at..]);
            at += 2;
            if (length <= H265NalHeader.Size || hvcC.Length - at < length || sets is { Count: MaxSets })
                return false;
            sets?.Add(hvcC.Slice(at, length));
            at += length;
        }

        return true;
    }
}
