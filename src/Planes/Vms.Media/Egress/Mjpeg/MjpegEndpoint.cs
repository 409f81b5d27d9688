using System.Collections.Concurrent;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mjpeg;

/// <summary><c>GET /mjpeg/cam_{id}?stream=main</c>: the pictures of an MJPEG camera as they came, as <c>multipart/x-mixed-replace</c>, which an
/// <c>img</c> element and many a program show. Other codecs are not turned into it: that would be a decoder for every viewer.</summary>
internal sealed class MjpegEndpoint(StreamRegistry streams, TimeProvider time)
{
    /// <summary>At a time; one more is answered with 503.</summary>
    public const int MaxViewers = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<MjpegViewer, CancellationTokenSource> _viewers = new();

    public IReadOnlyList<MjpegViewer> Viewers => [.. _viewers.Keys];

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/mjpeg/cam_{id}", (string id, HttpContext context, IHostApplicationLifetime lifetime, string stream = "main") =>
            SendAsync(context, id, stream, lifetime.ApplicationStopping)).RequireTicket(TicketKind.Live);

    /// <summary>The pipeline is gone.</summary>
    public void CloseAll(LiveStream stream)
    {
        foreach (var (_, end) in _viewers.Where(v => v.Key.Stream == stream))
        {
            try
            {
                end.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // That viewer has left by itself in the same moment.
            }
        }
    }

    private async Task<IResult> SendAsync(HttpContext context, string id, string name, CancellationToken stopping)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        if (await streams.FindAsync(id, name, context.RequestAborted) is not { } stream)
            return Problems.NotFound("streamNotFound", "There is no such stream");
        using var demand = stream.Demand();
        if (await stream.WaitForVideoAsync(s_patience, context.RequestAborted) is not { } video)
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "streamNotReady", "The camera sends no pictures yet");
        }

        if (video.Codec != CodecKind.Mjpeg)
            return Problems.Of(StatusCodes.Status409Conflict, "unsupportedCodec", $"The stream is {video.Codec}, not MJPEG", "Use WebRTC, MSE, HLS or RTSP.");
        if (_viewers.Count >= MaxViewers)
        {
            context.Response.Headers.RetryAfter = "10";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "tooManyViewers", "Too many viewers of MJPEG");
        }

        context.Response.ContentType = "multipart/x-mixed-replace; boundary=" + MjpegViewer.Boundary;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(context.RequestAborted);
        var viewer = new MjpegViewer(stream, context.Viewer().User, time.GetUtcNow());
        // A body without an end: the plane's stop and the camera's would wait for the viewer.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        _viewers[viewer] = end;
        context.Viewing().Watch(WatchKind.Live, stream.CameraId, stream.Name, "mjpeg");
        try
        {
            await viewer.SendAsync(context.Response.BodyWriter, end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The viewer has left.
        }
        finally
        {
            _viewers.TryRemove(viewer, out _);
        }

        return TypedResults.Empty;
    }
}
