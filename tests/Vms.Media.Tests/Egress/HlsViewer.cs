using System.Globalization;
using System.Text.RegularExpressions;

namespace Vms.Media.Tests.Egress;

/// <summary>What a player does, step by step: entry page, playlist, media.</summary>
internal sealed partial class HlsViewer(HttpClient http, Uri playlist)
{
    public Uri Playlist => playlist;

    public static async Task<HlsViewer> OpenAsync(EgressHost host, string camera = "1", string stream = "main", HttpClient? http = null)
    {
        var entry = host.Hls(camera, stream: stream);
        http ??= host.Http;
        var text = await http.GetStringAsync(entry);
        return new HlsViewer(http, new Uri(entry, text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]));
    }

    public Task<string> ReloadAsync(string directives = "") => http.GetStringAsync(new Uri(playlist, directives.Length > 0 ? "?" + directives : ""));

    public Task<HttpResponseMessage> SendAsync(string directives) => http.GetAsync(new Uri(playlist, "?" + directives));

    public Task<byte[]> GetAsync(string file) => http.GetByteArrayAsync(new Uri(playlist, file));

    public static string Init(string playlist) => MapTag().Matches(playlist)[^1].Groups[1].Value;

    /// <summary>Names of finished segments.</summary>
    public static IReadOnlyList<string> Segments(string playlist) => [.. SegmentLine().Matches(playlist).Select(m => m.Value)];

    /// <summary>Names of parts.</summary>
    public static IReadOnlyList<string> Parts(string playlist) => [.. PartTag().Matches(playlist).Select(m => m.Groups[1].Value)];

    /// <summary>The part to come.</summary>
    public static (long Number, int Part) Hint(string playlist)
    {
        var match = HintTag().Match(playlist);
        return (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("EXT-X-MAP:URI=\"([^\"]+)\"")]
    private static partial Regex MapTag();

    [GeneratedRegex("^[0-9]+\\.m4s$", RegexOptions.Multiline)]
    private static partial Regex SegmentLine();

    [GeneratedRegex("EXT-X-PART:[^\n]*URI=\"([^\"]+)\"")]
    private static partial Regex PartTag();

    [GeneratedRegex("PRELOAD-HINT:TYPE=PART,URI=\"([0-9]+)\\.([0-9]+)\\.m4s\"")]
    private static partial Regex HintTag();
}
