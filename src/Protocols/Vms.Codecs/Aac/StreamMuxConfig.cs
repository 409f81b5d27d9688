namespace Vms.Codecs.Aac;

/// <summary>The StreamMuxConfig of LATM (ISO/IEC 14496-3 §1.7.3.1) as cameras use it: version 0, one program, one layer, frames of a
/// length of their own.</summary>
/// <param name="AudioSpecificConfig">Cut out of the bit stream; owned.</param>
/// <param name="SubFrames">Access units per audio mux element, 1 to 64.</param>
public sealed record StreamMuxConfig(byte[] AudioSpecificConfig, int SubFrames)
{
    /// <summary>Null for what is not spoken here.</summary>
    public static StreamMuxConfig? TryParse(ReadOnlySpan<byte> data)
    {
        var reader = new BitReader(data);
        if (reader.Flag())
            return null;                        // audioMuxVersion 1
        if (!reader.Flag())
            return null;                        // streams of different framing
        int subFrames = (int)reader.Bits(6) + 1;
        if (reader.Bits(4) != 0 || reader.Bits(3) != 0)
            return null;                        // several programs or layers

        int start = reader.Position;
        if (!Aac.AudioSpecificConfig.TryParse(ref reader, out var config))
            return null;

        byte[] specific = new byte[(config.BitLength + 7) / 8];
        var copy = new BitReader(data);
        copy.Skip(start);
        for (int bit = 0; bit < config.BitLength; bit++)
            specific[bit >> 3] |= (byte)(copy.Bits(1) << (7 - (bit & 7)));

        return reader.Bits(3) != 0 || reader.IsExhausted ? null : new(specific, subFrames);     // frameLengthType 0
    }
}
