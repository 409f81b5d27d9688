using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Vms.Codecs;
using Vms.Codecs.Aac;
using Vms.Codecs.Flac;
using Vms.Codecs.G711;
using Vms.Codecs.Opus;

namespace Vms.Media.Egress.Cmaf;

/// <summary>How a track of sound is packaged for browsers: AAC and Opus as they are, G.711 and L16 as FLAC frames of their samples.
/// One caller at a time, no allocation per frame.</summary>
internal sealed class SoundPackaging
{
    private const int BytesPerL16Sample = 2;

    private readonly TrackInfo _source;
    private readonly byte[] _silence;       // empty: FLAC makes its own
    private readonly int _frameTicks;       // of AAC
    private readonly int _channels;
    private short[] _samples = [];

    private SoundPackaging(TrackInfo source, TrackInfo packaged, string codecs, string hlsCodecs, byte[] silence, int silenceTicks, int channels)
    {
        _source = source;
        Track = packaged;
        Codecs = codecs;
        HlsCodecs = hlsCodecs;
        _silence = silence;
        SilenceTicks = _frameTicks = silenceTicks;
        _channels = channels;
    }

    /// <summary>As the init segment describes it.</summary>
    public TrackInfo Track { get; }

    /// <summary>RFC 6381, in the spelling that every browser knows.</summary>
    public string Codecs { get; }

    /// <summary>The same in the spelling of the specifications, which players of HLS go by.</summary>
    public string HlsCodecs { get; }

    /// <summary>Length of one frame of silence.</summary>
    public int SilenceTicks { get; }

    /// <summary>Null: browsers cannot be given it (G.726, AAC of more than two channels).</summary>
    public static SoundPackaging? Of(TrackInfo track)
    {
        switch (track.Codec)
        {
            case CodecKind.Aac when AudioSpecificConfig.TryParse(track.CodecParameters.Span, out var aac)
                && AudioSpecificConfig.Silence(aac.Channels) is { } silence:
                int frame = (int)((long)aac.FrameLength * track.Timescale / aac.SamplingRate);
                string name = $"mp4a.40.{track.CodecParameters.Span[0] >> 3}";
                return new SoundPackaging(track, track, name, name, silence, frame, aac.Channels);
            case CodecKind.Opus:
                return new SoundPackaging(track, track, "opus", "Opus", OpusPacket.Silence.ToArray(), OpusPacket.SilenceTicks, 0);
            case CodecKind.PcmA or CodecKind.PcmU:
                return Flac(track, channels: 1);
            case CodecKind.L16 when track.CodecParameters is { Length: 1 } && track.CodecParameters.Span[0] is > 0 and <= FlacFrame.MaxChannels:
                return Flac(track, track.CodecParameters.Span[0]);
            default:
                return null;
        }
    }

    /// <summary>The sound of a stream that is packaged with its video.</summary>
    public static bool TryFind(IReadOnlyList<TrackInfo> tracks, [NotNullWhen(true)] out TrackInfo? source, [NotNullWhen(true)] out SoundPackaging? packaging)
    {
        foreach (var track in tracks)
        {
            if (Of(track) is not { } found)
                continue;
            (source, packaging) = (track, found);
            return true;
        }

        (source, packaging) = (null, null);
        return false;
    }

    /// <summary>Bytes and ticks that a frame may take at most when it is packaged.</summary>
    public int MaxBytes(int frameBytes)
    {
        if (Track.Codec != CodecKind.Flac)
            return frameBytes;
        int samples = SamplesOf(frameBytes);
        return FlacFrame.MaxBytes(samples, _channels) * (1 + samples / FlacFrame.MaxBlock);
    }

    /// <summary>Writes one frame as packaged, or the first block of a longer one.</summary>
    /// <param name="frame">What is left of it; on return what is left now.</param>
    /// <param name="firstTick">On the timeline.</param>
    /// <param name="ticks">How long it lasts; 0: it cannot be packaged.</param>
    /// <returns>Bytes written.</returns>
    public int Write(ref ReadOnlySpan<byte> frame, long firstTick, Span<byte> destination, out int ticks)
    {
        if (Track.Codec != CodecKind.Flac)
        {
            ticks = Track.Codec == CodecKind.Opus ? OpusPacket.TicksOf(frame) : _frameTicks;
            frame.CopyTo(destination);
            int length = frame.Length;
            frame = default;
            return length;
        }

        ticks = Math.Min(SamplesOf(frame.Length), FlacFrame.MaxBlock);
        if (ticks == 0)
        {
            frame = default;
            return 0;
        }

        if (_samples.Length < ticks * _channels)
            _samples = new short[FlacFrame.MaxBlock * _channels];
        var samples = _samples.AsSpan(0, ticks * _channels);
        int used = _source.Codec == CodecKind.L16 ? samples.Length * BytesPerL16Sample : samples.Length;
        Expand(frame[..used], samples);
        frame = frame[used..];
        return FlacFrame.Write(samples, _channels, firstTick, destination);
    }

    /// <summary>Writes one frame in which nothing is heard, <see cref="SilenceTicks"/> long.</summary>
    public int WriteSilence(long firstTick, Span<byte> destination)
    {
        if (Track.Codec == CodecKind.Flac)
            return FlacFrame.WriteSilence(SilenceTicks, _channels, firstTick, destination);
        _silence.CopyTo(destination);
        return _silence.Length;
    }

    private static SoundPackaging Flac(TrackInfo track, int channels)
    {
        var packaged = track with { Codec = CodecKind.Flac, CodecParameters = FlacFrame.StreamInfo(track.Timescale, channels) };
        return new SoundPackaging(track, packaged, "flac", "fLaC", [], track.Timescale / 50, channels);
    }

    private int SamplesOf(int bytes) => _source.Codec == CodecKind.L16 ? bytes / (BytesPerL16Sample * _channels) : bytes;

    private void Expand(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        if (_source.Codec != CodecKind.L16)
        {
            G711.Expand(_source.Codec, codes, samples);
            return;
        }

        var words = MemoryMarshal.Cast<byte, short>(codes);
        for (int i = 0; i < words.Length; i++)
            samples[i] = BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(words[i]) : words[i];
    }
}
