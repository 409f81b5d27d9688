using Vms.Containers.Dash;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Dash;

/// <summary>Low-latency DASH: <c>GET /dash/cam_{id}/index.mpd?stream=main</c>, a manifest that names the same segments as HLS
/// (<see cref="SegmentEndpoints"/>); the newest is sent as it grows.</summary>
internal static class DashEndpoints
{
    private const string Transport = "dash";
    private const string ManifestFile = "live.mpd";

    public static void Map(IEndpointRouteBuilder endpoints, CmafWindows windows, SegmentViewers viewers)
    {
        endpoints.MapGet("/dash/cam_{id}/index.mpd", async (string id, HttpContext context, StreamRegistry streams, string stream = "main") =>
        {
            var (window, _, baseUrl, problem) = await SegmentEndpoints.EnterAsync(context, id, stream, Transport, streams, windows, viewers);
            // From then on beside the segments, where the viewer is known when the ticket has expired.
            await (problem?.ExecuteAsync(context) ?? SendManifestAsync(context, window!, baseUrl, baseUrl + ManifestFile));
        });
        SegmentEndpoints.Map(endpoints, Transport, windows, viewers, async (context, window, _, file) =>
        {
            if (file != ManifestFile)
                return false;
            await SendManifestAsync(context, window, "./", location: null);
            return true;
        });
    }

    private static async Task SendManifestAsync(HttpContext context, CmafWindow window, string baseUrl, string? location)
    {
        string? manifest = null;
        await window.WaitAsync(() => (manifest = window.Manifest(baseUrl, location)) is not null, CmafWindows.Patience, context.RequestAborted);
        if (manifest is null)
        {
            await SegmentEndpoints.NotReady(context).ExecuteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = "no-cache";
        await TypedResults.Text(manifest, DashLiveManifest.ContentType).ExecuteAsync(context);
    }
}
