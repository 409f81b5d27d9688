using System.Globalization;
using Vms.Codecs;
using Vms.Containers.Hls;
using Vms.Hosting;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Hls;

/// <summary>
/// Low-Latency HLS: <c>GET /hls/cam_{id}/index.m3u8?stream=main</c> names <c>live.m3u8</c> beside the segments
/// (<see cref="SegmentEndpoints"/>), which can be asked for its next state: <c>_HLS_msn</c>, <c>_HLS_part</c>, <c>_HLS_skip</c>.
/// </summary>
internal static class HlsEndpoints
{
    public const string Transport = "hls";
    private const string PlaylistFile = "live.m3u8";

    /// <summary>Where nothing has been measured yet: enough for what cameras send.</summary>
    private const long UnknownBandwidthBps = 8_000_000;

    /// <summary>No segment has more parts.</summary>
    private const int MaxParts = 1000;

    public static ReadOnlySpan<byte> PlaylistFileUtf8 => "live.m3u8"u8;

    public static void Map(IEndpointRouteBuilder endpoints, CmafWindows windows, SegmentViewers viewers)
    {
        endpoints.MapGet("/hls/cam_{id}/index.m3u8", async (string id, HttpContext context, StreamRegistry streams, string stream = "main") =>
        {
            var (window, video, baseUrl, problem) = await SegmentEndpoints.EnterAsync(context, id, stream, Transport, streams, windows, viewers);
            await (problem?.ExecuteAsync(context) ?? SendVariantAsync(context, window!, video!, SoundOf(streams, id, stream), baseUrl + PlaylistFile));
        });
        SegmentEndpoints.Map(endpoints, Transport, windows, viewers, async (context, window, viewer, file) =>
        {
            if (file != PlaylistFile)
                return false;
            await SendPlaylistAsync(context, window, viewer);
            return true;
        });
    }

    private static SoundPackaging? SoundOf(StreamRegistry streams, string id, string stream) =>
        streams.TryGet(id, stream, out var live) && SoundPackaging.TryFind(live.Tracks, out _, out var sound) ? sound : null;

    private static Task SendVariantAsync(HttpContext context, CmafWindow window, TrackInfo video, SoundPackaging? sound, string uri)
    {
        CmafCodecs.TryDescribe(video, out var codecs);
        if (sound is not null)
            codecs += "," + sound.HlsCodecs;
        long bandwidth = window.BandwidthBps is > 0 and var measured ? measured : UnknownBandwidthBps;
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(
            new HlsMultivariantPlaylist(uri, codecs!, video.Width, video.Height, CmafCodecs.FrameRate(video), bandwidth).Write(),
            HlsLivePlaylist.ContentType).ExecuteAsync(context);
    }

    private static async Task SendPlaylistAsync(HttpContext context, CmafWindow window, SegmentViewer viewer)
    {
        long? number = null;
        int? part = null;
        bool skip = false;
        if (context.Request.QueryString.HasValue && !TryReadDirectives(context.Request.Query, window, out number, out part, out skip))
        {
            await Problems.Of(StatusCodes.Status400BadRequest, "invalidDirective", "_HLS_msn and _HLS_part do not name anything that is to come soon").ExecuteAsync(context);
            return;
        }

        // When it does not come in time, the camera is away: the playlist as it is keeps players going, where the 503 of the
        // specification makes them give up after a few.
        if (number is { } wanted)
            await window.WaitAsync(() => window.Has(wanted, part), CmafWindows.Patience, context.RequestAborted);
        else
            await window.WaitAsync(() => window.HasSegment, CmafWindows.Patience, context.RequestAborted);
        if (window.Playlist(skip) is not { } playlist)
        {
            await SegmentEndpoints.NotReady(context).ExecuteAsync(context);
            return;
        }

        var response = context.Response;
        var body = playlist.Text;
        if (playlist.Gzip is { } gzip && TakesGzip(context.Request))
        {
            body = gzip;
            response.Headers.ContentEncoding = "gzip";
        }

        response.ContentType = HlsLivePlaylist.ContentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        await response.Body.WriteAsync(body, context.RequestAborted);
        viewer.CountSent(body.Length);
    }

    private static bool TakesGzip(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding.Any(
        e => e.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && e.Quality is not 0);

    /// <returns>False for what makes no sense (§6.2.5.2): a part without a segment, or anything far ahead.</returns>
    private static bool TryReadDirectives(IQueryCollection query, CmafWindow window, out long? number, out int? part, out bool skip)
    {
        number = null;
        part = null;
        skip = query["_HLS_skip"] == "YES" || query["_HLS_skip"] == "v2";
        if (query.TryGetValue("_HLS_msn", out var msn))
        {
            if (!long.TryParse(msn, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value > window.CurrentNumber + 2)
                return false;
            number = value;
        }

        if (query.TryGetValue("_HLS_part", out var index))
        {
            if (number is null || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value > MaxParts)
                return false;
            part = value;
        }

        return true;
    }
}
