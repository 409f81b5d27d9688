namespace Vms.Containers.Mp4;

/// <summary>One sound sample of a fragment.</summary>
/// <param name="Ticks">How long it lasts, in the track's timescale.</param>
public readonly record struct SoundSample(int Bytes, int Ticks);

/// <summary>A fragment of sound that was not stored like this: one `moof` + `mdat` with a few samples that follow each other. The header's size depends on their
/// number alone, so that it can stand in front of a payload that is copied once. No allocation.</summary>
public static class CmafSoundFragment
{
    private const int FixedTrunBytes = 8 + 4 + 4 + 4;
    private const int FixedMoofBytes = 8 + 16 + 8 + 20 + 20 + FixedTrunBytes;
    private const int SampleBytes = 8;

    /// <summary>Bytes in front of the payload.</summary>
    public static int HeaderBytes(int samples) => FixedMoofBytes + samples * SampleBytes + 8;

    /// <param name="sequence">From <see cref="CmafPartBuilder.NextSequence"/>.</param>
    /// <param name="trackIndex">Position in the track table of the init segment.</param>
    /// <param name="decodeTime">Of the first sample, in the track's timescale.</param>
    /// <param name="destination">At least <see cref="HeaderBytes"/>.</param>
    /// <param name="sampleDescription">sample_description_index.</param>
    public static void WriteHeader(
        uint sequence, int trackIndex, long decodeTime, ReadOnlySpan<SoundSample> samples, Span<byte> destination, uint sampleDescription = 1)
    {
        int trun = FixedTrunBytes + samples.Length * SampleBytes;
        int payload = 0;
        var boxes = new FixedBoxWriter(destination);
        boxes.Box(FixedMoofBytes + samples.Length * SampleBytes, "moof"u8);
        boxes.FullBox(16, "mfhd"u8, version: 0, flags: 0);
        boxes.U32(sequence);
        boxes.Box(8 + 20 + 20 + trun, "traf"u8);
        boxes.FullBox(20, "tfhd"u8, version: 0, flags: 0x02_0002);      // default-base-is-moof, sample-description-index-present
        boxes.U32(Fmp4Writer.TrackIdAt(trackIndex));
        boxes.U32(sampleDescription);
        boxes.FullBox(20, "tfdt"u8, version: 1, flags: 0);              // 64 bit
        boxes.U64((ulong)decodeTime);
        boxes.FullBox(trun, "trun"u8, version: 0, flags: 0x0301);       // data-offset, sample-duration, sample-size; every sample is a sync sample
        boxes.U32((uint)samples.Length);
        boxes.U32((uint)HeaderBytes(samples.Length));
        foreach (var sample in samples)
        {
            boxes.U32((uint)sample.Ticks);
            boxes.U32((uint)sample.Bytes);
            payload += sample.Bytes;
        }

        boxes.Box(8 + payload, "mdat"u8);
    }
}
