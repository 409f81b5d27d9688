using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Vms.Codecs.Flac;
using Vms.Codecs.G726;

namespace Vms.Codecs.Pcm;

/// <summary>Turns the sound of cameras that is coded sample by sample (G.711, G.726, L16) into 16-bit samples: what browsers play once it is
/// wrapped in FLAC. One caller at a time, no allocation per frame.</summary>
public sealed class PcmDecoder
{
    private const int BytesPerL16Sample = 2;

    private readonly CodecKind _codec;
    private readonly G726Decoder? _g726;
    private readonly int _bits;             // of a sample of one channel

    private PcmDecoder(TrackInfo track, int bits, int channels)
    {
        _codec = track.Codec;
        _bits = bits;
        _g726 = track.Codec == CodecKind.G726 ? new G726Decoder(bits) : null;
        Channels = channels;
        AsFlac = track with { Codec = CodecKind.Flac, CodecParameters = FlacFrame.StreamInfo(track.Timescale, channels) };
    }

    public int Channels { get; }

    /// <summary>The track as it is described when its samples are wrapped in FLAC.</summary>
    public TrackInfo AsFlac { get; }

    /// <returns>False: the track is something else, or says that it has no channels or more than FLAC takes.</returns>
    public static bool TryCreate(TrackInfo track, [NotNullWhen(true)] out PcmDecoder? decoder)
    {
        int parameter = track.CodecParameters.Length == 1 ? track.CodecParameters.Span[0] : 0;
        decoder = track.Codec switch
        {
            CodecKind.PcmA or CodecKind.PcmU => new PcmDecoder(track, 8, channels: 1),
            CodecKind.L16 when parameter is > 0 and <= FlacFrame.MaxChannels => new PcmDecoder(track, 8 * BytesPerL16Sample, parameter),
            CodecKind.G726 when parameter is >= G726Decoder.MinBits and <= G726Decoder.MaxBits => new PcmDecoder(track, parameter, channels: 1),
            _ => null,
        };
        return decoder is not null;
    }

    /// <summary>Whole samples of each channel in so many bytes.</summary>
    public int SamplesIn(int bytes) => (int)(8L * bytes / (_bits * Channels));

    /// <summary>Bytes that hold so many samples of each channel.</summary>
    public int BytesOf(int samples) => (int)((long)samples * _bits * Channels + 7 >> 3);

    /// <summary>What follows does not continue what was decoded before.</summary>
    public void Reset() => _g726?.Reset();

    /// <param name="codes"><see cref="BytesOf"/> the samples.</param>
    /// <param name="samples">Channels in turn.</param>
    public void Decode(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        switch (_codec)
        {
            case CodecKind.L16:
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, short>(codes)[..samples.Length], samples);
                if (!BitConverter.IsLittleEndian)
                    BinaryPrimitives.ReverseEndianness(samples, samples);
                break;
            case CodecKind.G726:
                _g726!.Decode(codes, samples);
                break;
            default:
                G711.G711.Expand(_codec, codes[..samples.Length], samples);
                break;
        }
    }
}
