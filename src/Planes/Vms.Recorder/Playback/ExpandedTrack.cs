using Vms.Codecs;
using Vms.Codecs.Flac;
using Vms.Codecs.Pcm;
using Vms.Containers;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback;

/// <summary>
/// A track whose sound no browser plays as it is recorded (G.711, G.726, L16): viewers get its samples in FLAC. They are cut where the
/// fragments of the pictures are, to the sample, and follow each of them as a fragment of their own: how long that is depends on the
/// index alone, and pieces that follow each other leave no sample out.
/// </summary>
/// <param name="Index">Position in the track table.</param>
/// <param name="Flac">As it is sent.</param>
/// <param name="Description">Its sample_description_index where it is sent.</param>
internal sealed record ExpandedTrack(int Index, TrackInfo Flac, int Channels, uint Description)
{
    /// <summary>Of a fragment that says it lasts for minutes, the rest is silent.</summary>
    private const int MaxSamples = 4 << 20;

    public int Timescale => Flac.Timescale;

    public static bool Is(TrackInfo track) => PcmDecoder.TryCreate(track, out _);

    /// <summary>The track table as viewers get it.</summary>
    public static IReadOnlyList<TrackInfo> Sent(IReadOnlyList<TrackInfo> tracks) =>
        [.. tracks.Select(track => PcmDecoder.TryCreate(track, out var decoder) ? decoder.AsFlac : track)];

    /// <param name="descriptions">Per track its sample_description_index.</param>
    public static IReadOnlyList<ExpandedTrack> In(IReadOnlyList<TrackInfo> tracks, IReadOnlyList<uint> descriptions)
    {
        var expanded = new List<ExpandedTrack>();
        for (int i = 0; i < tracks.Count; i++)
        {
            if (PcmDecoder.TryCreate(tracks[i], out var decoder)) expanded.Add(new ExpandedTrack(i, decoder.AsFlac, decoder.Channels, descriptions[i]));
        }

        return expanded;
    }

    /// <summary>Number of the first sample at or behind a time of the body, and how many there are up to another.</summary>
    public (long First, int Count) SamplesOf(long startTicks, long endTicks)
    {
        long first = SampleAt(startTicks);
        return (first, (int)Math.Clamp(SampleAt(endTicks) - first, 0, MaxSamples / Channels));
    }

    public long SampleAt(long ticks) => MediaTime.Rescale(ticks, FragmentEntry.TicksPerSecond, Timescale);

    /// <summary>What <see cref="Write"/> makes of this part of the body.</summary>
    public int BytesOf(long startTicks, long endTicks)
    {
        var (first, count) = SamplesOf(startTicks, endTicks);
        if (count == 0) return 0;
        int blocks = BlocksOf(count);
        int bytes = CmafSoundFragment.HeaderBytes(blocks);
        for (int i = 0; i < blocks; i++) bytes += FlacFrame.BytesOf(EndOf(i + 1, blocks, count) - EndOf(i, blocks, count), Channels, first + EndOf(i, blocks, count));
        return bytes;
    }

    /// <summary>Writes one fragment.</summary>
    /// <param name="samples">Channels in turn; at least one of each.</param>
    /// <param name="first">Number of the first one.</param>
    /// <returns>Bytes written.</returns>
    public int Write(uint sequence, ReadOnlySpan<short> samples, long first, Span<byte> destination)
    {
        int count = samples.Length / Channels;
        var blocks = new SoundSample[BlocksOf(count)];
        int at = CmafSoundFragment.HeaderBytes(blocks.Length);
        for (int i = 0; i < blocks.Length; i++)
        {
            int start = EndOf(i, blocks.Length, count);
            int end = EndOf(i + 1, blocks.Length, count);
            int bytes = FlacFrame.Write(samples[(start * Channels)..(end * Channels)], Channels, first + start, destination[at..]);
            blocks[i] = new SoundSample(bytes, end - start);
            at += bytes;
        }

        CmafSoundFragment.WriteHeader(sequence, Index, first, blocks, destination, Description);
        return at;
    }

    private static int BlocksOf(int samples) => (samples + FlacFrame.MaxBlock - 1) / FlacFrame.MaxBlock;

    // Blocks of the same length, more or less: FLAC takes very short ones for the end of the stream.
    private static int EndOf(int block, int blocks, int samples) => (int)((long)samples * block / blocks);
}
