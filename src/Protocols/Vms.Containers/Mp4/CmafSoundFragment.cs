using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>One sound sample of a fragment.</summary>
/// <param name="Ticks">How long it lasts, in the track's timescale.</param>
public readonly record struct SoundSample(int Bytes, int Ticks);

/// <summary>A live fragment of sound: one `moof` + `mdat` with a few samples that follow each other. The header's size depends on their
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
    public static void WriteHeader(
        uint sequence, int trackIndex, long decodeTime, ReadOnlySpan<SoundSample> samples, Span<byte> destination)
    {
        int trun = FixedTrunBytes + samples.Length * SampleBytes;
        int payload = 0;
        var d = destination;
        U32(ref d, (uint)(FixedMoofBytes + samples.Length * SampleBytes));
        Type(ref d, "moof"u8);
        U32(ref d, 16);
        Type(ref d, "mfhd"u8);
        U32(ref d, 0);
        U32(ref d, sequence);
        U32(ref d, (uint)(8 + 20 + 20 + trun));
        Type(ref d, "traf"u8);
        U32(ref d, 20);
        Type(ref d, "tfhd"u8);
        U32(ref d, 0x02_0002);                  // default-base-is-moof, sample-description-index-present
        U32(ref d, Fmp4Writer.TrackIdAt(trackIndex));
        U32(ref d, 1);
        U32(ref d, 20);
        Type(ref d, "tfdt"u8);
        U32(ref d, 0x0100_0000);                // version 1: 64 bit
        U32(ref d, (uint)(decodeTime >> 32));
        U32(ref d, (uint)decodeTime);
        U32(ref d, (uint)trun);
        Type(ref d, "trun"u8);
        U32(ref d, 0x0301);                     // data-offset, sample-duration, sample-size; every sample is a sync sample
        U32(ref d, (uint)samples.Length);
        U32(ref d, (uint)HeaderBytes(samples.Length));
        foreach (var sample in samples)
        {
            U32(ref d, (uint)sample.Ticks);
            U32(ref d, (uint)sample.Bytes);
            payload += sample.Bytes;
        }

        U32(ref d, (uint)(8 + payload));
        Type(ref d, "mdat"u8);
    }

    private static void U32(ref Span<byte> destination, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, value);
        destination = destination[4..];
    }

    private static void Type(ref Span<byte> destination, ReadOnlySpan<byte> type)
    {
        type.CopyTo(destination);
        destination = destination[4..];
    }
}
