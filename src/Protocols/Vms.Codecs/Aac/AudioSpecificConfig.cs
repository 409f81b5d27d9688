namespace Vms.Codecs.Aac;

/// <summary>What an AudioSpecificConfig says (ISO/IEC 14496-3 §1.6.2.1), for the object types that GASpecificConfig describes
/// (AAC LC and its kin), with SBR and PS where they are signalled explicitly.</summary>
/// <param name="ObjectType">Of the core: 2 is AAC LC.</param>
/// <param name="SamplingRate">Of the core, per second; with SBR the output has twice as many.</param>
/// <param name="Channels">As written, 1 to 8; 0 when a program config element says it.</param>
/// <param name="FrameLength">Core samples per channel and access unit: 1024 or 960.</param>
/// <param name="BitLength">Of the configuration, without extensions behind it.</param>
public readonly record struct AudioSpecificConfig(int ObjectType, int SamplingRate, int Channels, int FrameLength, int BitLength)
{
    private const int Escape = 31;
    private const int Sbr = 5;
    private const int Ps = 29;
    private const int RateEscape = 15;

    /// <summary>samplingFrequencyIndex, table 1.18.</summary>
    private static ReadOnlySpan<int> Rates => [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

    /// <summary>False for other object types, reserved values, and when it ends too early.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out AudioSpecificConfig config)
    {
        var reader = new BitReader(data);
        return TryParse(ref reader, out config);
    }

    /// <summary>As the other one, in the middle of a bit stream.</summary>
    public static bool TryParse(ref BitReader reader, out AudioSpecificConfig config)
    {
        config = default;
        int start = reader.Position;
        int type = ObjectTypeOf(ref reader);
        int rate = RateOf(ref reader);
        int channels = (int)reader.Bits(4);
        if (type is Sbr or Ps)
        {
            _ = RateOf(ref reader);             // of the output
            type = ObjectTypeOf(ref reader);
        }

        if (rate == 0 || channels > 7 || type is not (1 or 2 or 3 or 4 or 6 or 7 or 17 or 19 or 20 or 21 or 22 or 23))
            return false;

        // GASpecificConfig, §4.4.1.
        bool isShort = reader.Flag();
        if (reader.Flag())
            reader.Skip(14);                    // coreCoderDelay
        bool extended = reader.Flag();
        if (channels == 0)
            return false;                       // a program config element would follow; no camera sends one
        if (type is 6 or 20)
            reader.Skip(3);                     // layerNr
        if (extended)
        {
            if (type == 22)
                reader.Skip(16);                // numOfSubFrame, layer_length
            if (type is 17 or 19 or 20 or 23)
                reader.Skip(3);                 // resilience flags
            reader.Skip(1);                     // extensionFlag3
        }

        if (type >= 17)
            reader.Skip(2);                     // epConfig
        config = new(type, rate, channels == 7 ? 8 : channels, isShort ? 960 : 1024, reader.Position - start);
        return !reader.IsExhausted;
    }

    /// <summary>AAC LC with these figures; null when the standard has no place for them.</summary>
    public static byte[]? Build(int samplingRate, int channels)
    {
        int index = Rates.IndexOf(samplingRate);
        int layout = channels == 8 ? 7 : channels;
        if (index < 0 || layout is < 1 or > 7)
            return null;

        int bits = (2 << 11) | (index << 7) | (layout << 3);
        return [(byte)(bits >> 8), (byte)bits];
    }

    /// <summary>An access unit in which nothing is heard: one element without a spectrum (§4.4.2.1).</summary>
    /// <param name="channels">1 or 2; null for more.</param>
    public static byte[]? Silence(int channels) => channels switch
    {
        // SCE, tag 0; global_gain 0; ics_info with max_sfb 0; no pulse, TNS, gain control; END
        1 => [0b000_0000_0, 0b0000000_0, 0b00_0_00000, 0b0_0_0_0_0_111],
        // CPE, tag 0, common window; ics_info; ms_mask_present 0; twice global_gain 0, no pulse, TNS, gain control; END
        2 => [0b001_0000_1, 0b0_00_0_0000, 0b00_0_00_000, 0b00000_0_0_0, 0b00000000, 0b0_0_0_111_00],
        _ => null,
    };

    private static int ObjectTypeOf(ref BitReader reader)
    {
        int type = (int)reader.Bits(5);
        return type == Escape ? 32 + (int)reader.Bits(6) : type;
    }

    private static int RateOf(ref BitReader reader)
    {
        int index = (int)reader.Bits(4);
        return index == RateEscape ? (int)reader.Bits(24) : index < Rates.Length ? Rates[index] : 0;
    }
}
