namespace Vms.Codecs;

/// <summary>One elementary stream of a camera stream, with what a decoder needs before its first sample.</summary>
/// <param name="Id">Position in the stream, 0..7; the number every sample of the track carries.</param>
/// <param name="Codec">What the samples are.</param>
/// <param name="Timescale">Ticks per second of PTS: 90 000 for video, the sampling rate for audio.</param>
/// <param name="CodecParameters">H.264: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). H.265: HEVCDecoderConfigurationRecord
/// (§8.3.3.1). AAC: AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). Opus: the body of `dOps` (Opus in ISOBMFF §4.3.2). G.711: empty, mono.
/// G.726: one byte, bits per code word (2..5). L16: one byte, channels. FLAC: STREAMINFO (RFC 9639 §8.2). MJPEG, metadata: empty. Shared and never written.</param>
/// <param name="Width">Coded picture after cropping, pixels; 0 for audio.</param>
/// <param name="Height">As <paramref name="Width"/>.</param>
public sealed record TrackInfo(byte Id, CodecKind Codec, int Timescale, ReadOnlyMemory<byte> CodecParameters, int Width, int Height)
{
    public bool IsVideo => Codec is CodecKind.H264 or CodecKind.H265 or CodecKind.Mjpeg;

    public bool IsAudio => Codec is CodecKind.Aac or CodecKind.PcmA or CodecKind.PcmU or CodecKind.Opus or CodecKind.G726 or CodecKind.L16
        or CodecKind.Flac;

    public bool Equals(TrackInfo? other) =>
        other is not null && Id == other.Id && Codec == other.Codec && Timescale == other.Timescale
        && Width == other.Width && Height == other.Height
        && CodecParameters.Span.SequenceEqual(other.CodecParameters.Span);

    public override int GetHashCode() => HashCode.Combine(Id, Codec, Timescale, CodecParameters.Length, Width, Height);
}
