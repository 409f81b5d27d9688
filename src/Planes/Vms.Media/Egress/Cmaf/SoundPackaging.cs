using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.Codecs.Aac;
using Vms.Codecs.Flac;
using Vms.Codecs.Opus;
using Vms.Codecs.Pcm;
using Vms.Containers.Mp4;

namespace Vms.Media.Egress.Cmaf;

/// <summary>How a track of sound is packaged for browsers: AAC and Opus as they are, G.711, G.726 and L16 as FLAC frames of their samples.
/// One caller at a time, no allocation per frame.</summary>
internal sealed class SoundPackaging
{
    private readonly PcmDecoder? _decoder;      // null: frames go as they are
    private readonly byte[] _silence;           // empty: FLAC makes its own
    private readonly int _frameTicks;           // of AAC
    private short[] _samples = [];

    private SoundPackaging(TrackInfo track, string hlsCodecs, byte[] silence, int silenceTicks)
    {
        Track = track;
        Codecs = CodecString.Of(track)!;
        HlsCodecs = hlsCodecs;
        _silence = silence;
        SilenceTicks = _frameTicks = silenceTicks;
    }

    private SoundPackaging(PcmDecoder decoder)
        : this(decoder.AsFlac, "fLaC", [], decoder.AsFlac.Timescale / 50) => _decoder = decoder;

    /// <summary>As the init segment describes it.</summary>
    public TrackInfo Track { get; }

    /// <summary>RFC 6381, in the spelling that every browser knows.</summary>
    public string Codecs { get; }

    /// <summary>The same in the spelling of the specifications, which players of HLS go by.</summary>
    public string HlsCodecs { get; }

    /// <summary>Length of one frame of silence.</summary>
    public int SilenceTicks { get; }

    /// <summary>Null: browsers cannot be given it (AAC of more than two channels).</summary>
    public static SoundPackaging? Of(TrackInfo track)
    {
        switch (track.Codec)
        {
            case CodecKind.Aac when AudioSpecificConfig.TryParse(track.CodecParameters.Span, out var aac)
                && AudioSpecificConfig.Silence(aac.Channels) is { } silence:
                int frame = (int)((long)aac.FrameLength * track.Timescale / aac.SamplingRate);
                return new SoundPackaging(track, CodecString.Of(track)!, silence, frame);
            case CodecKind.Opus:
                return new SoundPackaging(track, "Opus", OpusPacket.Silence.ToArray(), OpusPacket.SilenceTicks);
            default:
                return PcmDecoder.TryCreate(track, out var decoder) ? new SoundPackaging(decoder) : null;
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
        if (_decoder is null)
            return frameBytes;
        int samples = _decoder.SamplesIn(frameBytes);
        return FlacFrame.MaxBytes(samples, _decoder.Channels) * (1 + samples / FlacFrame.MaxBlock);
    }

    /// <summary>Writes one frame as packaged, or the first block of a longer one.</summary>
    /// <param name="frame">What is left of it; on return what is left now.</param>
    /// <param name="firstTick">On the timeline.</param>
    /// <param name="ticks">How long it lasts; 0: it cannot be packaged.</param>
    /// <returns>Bytes written.</returns>
    public int Write(ref ReadOnlySpan<byte> frame, long firstTick, Span<byte> destination, out int ticks)
    {
        if (_decoder is null)
        {
            ticks = Track.Codec == CodecKind.Opus ? OpusPacket.TicksOf(frame) : _frameTicks;
            frame.CopyTo(destination);
            int length = frame.Length;
            frame = default;
            return length;
        }

        ticks = Math.Min(_decoder.SamplesIn(frame.Length), FlacFrame.MaxBlock);
        if (ticks == 0)
        {
            frame = default;
            return 0;
        }

        if (_samples.Length < ticks * _decoder.Channels)
            _samples = new short[FlacFrame.MaxBlock * _decoder.Channels];
        var samples = _samples.AsSpan(0, ticks * _decoder.Channels);
        int used = _decoder.BytesOf(ticks);
        _decoder.Decode(frame[..used], samples);
        frame = frame[used..];
        if (_decoder.SamplesIn(frame.Length) == 0)
            frame = default;        // bits that fill the last byte
        return FlacFrame.Write(samples, _decoder.Channels, firstTick, destination);
    }

    /// <summary>Writes one frame in which nothing is heard, <see cref="SilenceTicks"/> long.</summary>
    public int WriteSilence(long firstTick, Span<byte> destination)
    {
        if (_decoder is not null)
            return FlacFrame.WriteSilence(SilenceTicks, _decoder.Channels, firstTick, destination);
        _silence.CopyTo(destination);
        return _silence.Length;
    }
}
