using System.Globalization;
using Google.Protobuf;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Media.Streams;
using Vms.Rpc;

namespace Vms.Media.Snapshots;

/// <summary><c>GET /api/cameras/{id}/snapshot.jpg?width=&amp;stream=</c> (the address it has behind control's front door) and
/// CaptureSnapshot of contracts/media.proto.</summary>
/// <remarks>There always is an image, because browsers show it in an <c>img</c>: a placeholder names its reason in
/// <c>X-Vms-Placeholder</c>. <c>X-Vms-Captured-At</c> is the time of a real one.</remarks>
internal static class SnapshotEndpoints
{
    private const int MinWidth = 16;
    private const int MaxWidth = 8192;

    /// <summary>Beyond it there is no time (Unix milliseconds).</summary>
    private static readonly long s_lastMoment = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static IServiceCollection AddSnapshots(this IServiceCollection services) =>
        services
            .AddSingleton(s => new PictureDecoding("vms-media", s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<PictureDecoding>>()))
            .AddSingleton<SnapshotStore>();

    public static void MapSnapshots(this WebApplication app)
    {
        var streams = app.Services.GetRequiredService<StreamRegistry>();
        var store = app.Services.GetRequiredService<SnapshotStore>();
        app.MapGet("/api/cameras/{id}/snapshot.jpg", (string id, HttpContext context, string stream = "main", int width = SnapshotStore.DefaultWidth) =>
            GetAsync(id, stream, width, context, streams, store)).RequireTicket(TicketKind.Snapshot);
        app.MapUnary("vms.media.v1.MediaPlane/CaptureSnapshot", CaptureSnapshotRequest.Parser, async (request, context) =>
        {
            if (await streams.FindAsync(request.CameraId, request.Stream, context.CancellationToken) is not { } live)
                throw new RpcException(RpcStatus.NotFound, "streamNotFound");
            var snapshot = request.AtUnixMs > 0
                ? await store.TakeAtAsync(live, TimeOf(request.AtUnixMs), Width(request.MaxWidth), request.UntilUnixMs > 0 ? TimeOf(request.UntilUnixMs) : null, context.CancellationToken)
                : await store.TakeAsync(live, Width(request.MaxWidth));
            return new CapturedSnapshot
            {
                Jpeg = UnsafeByteOperations.UnsafeWrap(snapshot.Jpeg),
                CapturedAtUnixMs = snapshot.CapturedAt?.ToUnixTimeMilliseconds() ?? 0,
                Missing = snapshot.Missing ?? "",
                Detail = snapshot.Detail ?? "",
            };
        });
    }

    private static async Task<IResult> GetAsync(
        string id, string stream, int width, HttpContext context, StreamRegistry streams, SnapshotStore store)
    {
        if (width is < MinWidth or > MaxWidth)
            return Problems.Fields(new FieldProblem("width", "outOfRange", $"Use {MinWidth} to {MaxWidth}"));
        if (await streams.FindAsync(id, stream, context.RequestAborted) is not { } live)
            return Problems.NotFound("streamNotFound", "There is no such stream");
        var snapshot = await store.TakeAsync(live, width);
        if (snapshot.Missing is null)
            context.Viewing().Watch(WatchKind.Snapshot, id, stream, "snapshot");
        var headers = context.Response.Headers;
        headers.CacheControl = "private, max-age=1";
        headers.AccessControlAllowOrigin = "*";
        if (snapshot.Missing is not null)
            headers["X-Vms-Placeholder"] = snapshot.Missing;
        if (snapshot.CapturedAt is { } at)
            headers["X-Vms-Captured-At"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return TypedResults.Bytes(snapshot.Jpeg, "image/jpeg");
    }

    private static DateTimeOffset TimeOf(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(unixMs, s_lastMoment));

    private static int Width(int asked) => asked == 0 ? SnapshotStore.DefaultWidth : Math.Clamp(asked, MinWidth, MaxWidth);
}
