using System.Globalization;
using System.Text;

namespace Vms.Containers.Hls;

/// <summary>The one variant of a multivariant playlist (RFC 8216 §4.3.4.2).</summary>
/// <param name="Uri">Of its media playlist, relative to this one.</param>
/// <param name="Codecs">RFC 6381.</param>
/// <param name="FrameRate">Null when not known.</param>
public sealed record HlsMultivariantPlaylist(string Uri, string Codecs, int Width, int Height, double? FrameRate, long BandwidthBps)
{
    public string Write()
    {
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:");
        text.Append(CultureInfo.InvariantCulture, $"BANDWIDTH={BandwidthBps},CODECS=\"{Codecs}\"");
        if (Width > 0)
            text.Append(CultureInfo.InvariantCulture, $",RESOLUTION={Width}x{Height}");
        if (FrameRate is { } rate)
            text.Append(CultureInfo.InvariantCulture, $",FRAME-RATE={rate:F3}");
        return text.Append('\n').Append(Uri).Append('\n').ToString();
    }
}
