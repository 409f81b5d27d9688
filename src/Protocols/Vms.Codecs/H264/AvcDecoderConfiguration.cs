using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Vms.Codecs.H264;

/// <summary>AVCDecoderConfigurationRecord, "avcC" (ISO/IEC 14496-15 §5.3.3.1): the codec parameters of an H.264 track.
/// Immutable; shares the bytes it was parsed from.</summary>
public sealed class AvcDecoderConfiguration
{
    private const int HeaderSize = 6;
    private const int MaxSps = 31;
    private const int MaxPps = 255;

    private AvcDecoderConfiguration(IReadOnlyList<ReadOnlyMemory<byte>> sps, IReadOnlyList<ReadOnlyMemory<byte>> pps, string codecString)
    {
        Sps = sps;
        Pps = pps;
        CodecString = codecString;
    }

    /// <summary>Sequence parameter sets with NAL header, at least one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Sps { get; }

    /// <summary>Picture parameter sets with NAL header.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pps { get; }

    /// <summary>RFC 6381 §3.3: "avc1.PPCCLL", what <c>MediaSource.isTypeSupported</c> and playlists want.</summary>
    public string CodecString { get; }

    /// <summary>The record for one parameter set of each kind.</summary>
    public static byte[] Build(ReadOnlySpan<byte> sps, ReadOnlySpan<byte> pps) => Build([sps.ToArray()], [pps.ToArray()]);

    /// <summary>The record for 1 to 31 sequence and up to 255 picture parameter sets; each at most 65,535 bytes with NAL header.</summary>
    /// <exception cref="ArgumentException">The parameter sets break one of these limits.</exception>
    public static byte[] Build(IReadOnlyList<byte[]> sps, IReadOnlyList<byte[]> pps)
    {
        if (sps.Count is 0 or > MaxSps || pps.Count > MaxPps || sps[0].Length < 4)
            throw new ArgumentException("An avcC holds 1 to 31 sequence and at most 255 picture parameter sets.");

        bool extended = H264Sps.TryParse(sps[0], out var first) && first.ProfileIdc is 100 or 110 or 122 or 144 or 244;
        int size = HeaderSize + 1 + sps.Sum(set => 2 + set.Length) + pps.Sum(set => 2 + set.Length) + (extended ? 4 : 0);
        byte[] record = new byte[size];
        record[0] = 1;                                          // configurationVersion
        record[1] = sps[0][1];                                  // AVCProfileIndication
        record[2] = sps[0][2];                                  // profile_compatibility
        record[3] = sps[0][3];                                  // AVCLevelIndication
        record[4] = 0xFC | (NalUnits.LengthSize - 1);           // reserved, lengthSizeMinusOne
        record[5] = (byte)(0xE0 | sps.Count);                   // reserved, numOfSequenceParameterSets
        int at = WriteSets(record, HeaderSize, sps);
        record[at++] = (byte)pps.Count;
        at = WriteSets(record, at, pps);
        if (extended)
        {
            record[at++] = (byte)(0xFC | first.ChromaFormatIdc);
            record[at++] = (byte)(0xF8 | (first.BitDepthLuma - 8));
            record[at++] = (byte)(0xF8 | (first.BitDepthChroma - 8));
            record[at] = 0;                                     // numOfSequenceParameterSetExt
        }

        return record;
    }

    /// <summary>False when cut off, of another version, with lengths of other than 4 bytes, or without a sequence parameter set.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> avcC, [NotNullWhen(true)] out AvcDecoderConfiguration? configuration)
    {
        configuration = null;
        var bytes = avcC.Span;
        if (bytes.Length < HeaderSize + 1 || bytes[0] != 1 || (bytes[4] & 3) != NalUnits.LengthSize - 1)
            return false;

        int at = HeaderSize;
        if (!TryReadSets(avcC, ref at, bytes[5] & 0x1F, out var sps) || sps.Count == 0 || at >= bytes.Length
            || !TryReadSets(avcC, ref at, bytes[at++], out var pps))
        {
            return false;
        }

        configuration = new AvcDecoderConfiguration(sps, pps, $"avc1.{bytes[1]:X2}{bytes[2]:X2}{bytes[3]:X2}");
        return true;
    }

    private static int WriteSets(byte[] record, int at, IReadOnlyList<byte[]> sets)
    {
        foreach (byte[] set in sets)
        {
            if (set.Length > ushort.MaxValue)
                throw new ArgumentException("A parameter set is longer than 65,535 bytes.", nameof(sets));
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(at), (ushort)set.Length);
            set.CopyTo(record, at + 2);
            at += 2 + set.Length;
        }

        return at;
    }

    private static bool TryReadSets(ReadOnlyMemory<byte> avcC, ref int at, int count, out List<ReadOnlyMemory<byte>> sets)
    {
        sets = new List<ReadOnlyMemory<byte>>(count);
        for (int i = 0; i < count; i++)
        {
            if (avcC.Length - at < 2)
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(avcC.Span[at..]);
            at += 2;
            if (length == 0 || avcC.Length - at < length)
                return false;
            sets.Add(avcC.Slice(at, length));
            at += length;
        }

        return true;
    }
}
