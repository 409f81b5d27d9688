using System.Globalization;
using Vms.Codecs;

namespace Vms.Control.Devices.Nvr;

/// <summary>One camera as its recorder knows it.</summary>
/// <param name="Number">From 1, what the recorder's own screen shows. Numbers may be missing in between.</param>
/// <param name="Online">Null: the recorder does not say.</param>
/// <param name="Streams">Those that are switched on. Of a camera that is away a recorder may know none; then the one that its maker's rule gives is here, of unknown size.</param>
internal sealed record NvrChannel(int Number, string Name, bool? Online, IReadOnlyList<NvrStream> Streams)
{
    /// <summary>More are not listed; the largest recorders have 256.</summary>
    public const int MaxChannels = 512;

    /// <summary>What the channel is known by for as long as it exists: its number, or the token that ONVIF has for it.</summary>
    public string Id { get; init; } = Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Narrower pictures are good for icons, not for a tile.</summary>
    private const int LeastWidth = 320;

    /// <summary>The one with the most pixels.</summary>
    public NvrStream? Main => Streams.MaxBy(stream => stream.Pixels);

    /// <summary>The smallest H.264 at least 320 wide that is not <see cref="Main"/>: every browser plays it.</summary>
    public NvrStream? Sub =>
        Main is { } main ? Streams.Where(s => s != main && s.Codec == CodecKind.H264 && s.Width >= LeastWidth).MinBy(s => s.Pixels) : null;
}

/// <summary>One stream of a channel.</summary>
/// <param name="Number">From 1: main stream, sub stream, third stream.</param>
/// <param name="Url">rtsp, without credentials.</param>
/// <param name="Codec"><see cref="CodecKind.None"/>: unknown, or none that is recorded here.</param>
/// <param name="Width">Pixels; 0: unknown. So is <paramref name="Height"/>.</param>
internal sealed record NvrStream(int Number, string Url, CodecKind Codec, int Width, int Height)
{
    /// <summary>No camera's picture is wider or higher.</summary>
    public const int MaxSide = 32768;

    public long Pixels => (long)Width * Height;

    /// <summary>"H.264", "H.264+", "H.264B" (baseline), "MJPG", "Smart265"; ONVIF's "H264" and "JPEG".</summary>
    public static CodecKind CodecOf(string? name) => name switch
    {
        null => CodecKind.None,
        _ when name.Contains("265", StringComparison.Ordinal) || name.Contains("HEVC", StringComparison.OrdinalIgnoreCase) => CodecKind.H265,
        _ when name.Contains("264", StringComparison.Ordinal) => CodecKind.H264,
        _ when name.StartsWith("MJP", StringComparison.OrdinalIgnoreCase) || name == "JPEG" => CodecKind.Mjpeg,
        _ => CodecKind.None,
    };
}
