using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Codecs;
using Vms.Codecs.Aac;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.Aac;
using Vms.Rtp.Payloads.G726;
using Vms.Rtp.Payloads.Metadata;
using Vms.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>What the description of an audio or metadata track means: its codec, its clock and how its packets are read.</summary>
/// <param name="Timescale">Of RTP timestamps and PTS.</param>
/// <param name="CodecParameters">As <see cref="TrackInfo.CodecParameters"/> has them.</param>
/// <param name="NewDepacketizer">Makes the one that fits.</param>
internal sealed record TrackFormat(CodecKind Codec, int Timescale, ReadOnlyMemory<byte> CodecParameters, Func<SampleDepacketizer> NewDepacketizer)
{
    private const int OpusRate = 48_000;        // RFC 7587 §4.1, whatever the description says (some cameras write 8000/1)
    private const int MaxRate = 384_000;
    private const int MaxChannels = 8;
    private const int MaxConfigCharacters = 256;

    public TrackInfo ToTrack(byte id) => new(id, Codec, Timescale, CodecParameters, 0, 0);

    public static bool IsSupported(MediaDescription media) => TryFrom(media, out _);

    /// <summary>False for what is not spoken here, or lacks what a decoder needs.</summary>
    public static bool TryFrom(MediaDescription media, [NotNullWhen(true)] out TrackFormat? format)
    {
        format = null;
        if (media.Encoding == "VND.ONVIF.METADATA")
        {
            int clock = media.ClockRate is > 0 and <= MaxRate ? media.ClockRate : MediaTime.VideoTimescale;
            format = new(CodecKind.OnvifMetadata, clock, default, () => new OnvifMetadataDepacketizer());
            return true;
        }

        if (!media.IsAudio || media.Channels is < 1 or > MaxChannels || media.ClockRate is < 0 or > MaxRate)
            return false;

        int rate = media.ClockRate > 0 ? media.ClockRate : 8000;
        format = media.Encoding switch
        {
            "PCMA" when media.Channels == 1 => Whole(CodecKind.PcmA, rate),
            "PCMU" when media.Channels == 1 => Whole(CodecKind.PcmU, rate),
            "L16" => Whole(CodecKind.L16, rate, (byte)media.Channels),
            "OPUS" => Whole(CodecKind.Opus, OpusRate, OpusHead(media)),
            "MPEG4-GENERIC" => Generic(media),
            "MP4A-LATM" => Latm(media),
            _ => G726(media, rate),
        };
        return format is not null;
    }

    private static TrackFormat Whole(CodecKind codec, int rate, params byte[] parameters) =>
        new(codec, rate, parameters, () => new WholePacketDepacketizer());

    /// <summary>"G726-32", and "AAL2-G726-32" with the code words packed the other way round (RFC 3551 §4.5.4).</summary>
    private static TrackFormat? G726(MediaDescription media, int rate)
    {
        bool aal2 = media.Encoding.StartsWith("AAL2-", StringComparison.Ordinal);
        byte bits = (aal2 ? media.Encoding[5..] : media.Encoding) switch
        {
            "G726-16" => 2,
            "G726-24" => 3,
            "G726-32" => 4,
            "G726-40" => 5,
            _ => 0,
        };
        if (bits == 0 || media.Channels != 1)
            return null;
        return aal2 ? new(CodecKind.G726, rate, new[] { bits }, () => new Aal2G726Depacketizer(bits)) : Whole(CodecKind.G726, rate, bits);
    }

    /// <summary>The body of dOps (Opus in ISOBMFF §4.3.2) with nothing to skip and no mapping table. RTP carries mono or stereo (RFC 7587 §4.1).</summary>
    private static byte[] OpusHead(MediaDescription media)
    {
        bool stereo = media.FormatParameters["sprop-stereo"] is { } said ? said == "1" : media.Channels == 2;
        return [0, (byte)(stereo ? 2 : 1), 0, 0, 0, 0, OpusRate >> 8, OpusRate & 0xFF, 0, 0, 0];
    }

    /// <summary>RFC 3640: what a camera leaves out is that of AAC-hbr, and the configuration that of AAC LC.</summary>
    private static TrackFormat? Generic(MediaDescription media)
    {
        byte[]? config = Config(media) ?? AudioSpecificConfig.Build(media.ClockRate, media.Channels);
        if (config is null || !AudioSpecificConfig.TryParse(config, out var aac))
            return null;

        bool bare = media.FormatParameters["sizelength"] is null;
        var shape = new AacFormat(
            TicksPerUnit(media, aac),
            Number(media, "sizelength") ?? 13,
            Number(media, "indexlength") ?? (bare ? 3 : 0),
            Number(media, "indexdeltalength") ?? (bare ? 3 : 0));
        bool isSpoken = shape is { SizeLength: > 0 and <= 16, IndexLength: >= 0 and <= 16, IndexDeltaLength: >= 0 and <= 16 }
            && Number(media, "ctsdeltalength") is null or 0 && Number(media, "dtsdeltalength") is null or 0
            && Number(media, "auxiliarydatasizelength") is null or 0;
        return isSpoken ? new(CodecKind.Aac, Rate(media, aac), config, () => new AacDepacketizer(shape)) : null;
    }

    private static TrackFormat? Latm(MediaDescription media)
    {
        if (media.FormatParameters["cpresent"] is not "0" || StreamMuxConfig.TryParse(Config(media)) is not { } mux
            || !AudioSpecificConfig.TryParse(mux.AudioSpecificConfig, out var aac))
        {
            return null;        // a configuration in band is not read
        }

        int ticks = TicksPerUnit(media, aac);
        return new(CodecKind.Aac, Rate(media, aac), mux.AudioSpecificConfig, () => new LatmDepacketizer(mux.SubFrames, ticks));
    }

    private static int Rate(MediaDescription media, in AudioSpecificConfig aac) => media.ClockRate > 0 ? media.ClockRate : aac.SamplingRate;

    private static int TicksPerUnit(MediaDescription media, in AudioSpecificConfig aac) =>
        (int)MediaTime.Rescale(aac.FrameLength, aac.SamplingRate, Rate(media, aac));

    private static byte[]? Config(MediaDescription media)
    {
        string? text = media.FormatParameters["config"]?.Trim('"');
        return text is { Length: > 0 and <= MaxConfigCharacters } && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
    }

    private static int? Number(MediaDescription media, string key) =>
        int.TryParse(media.FormatParameters[key], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
