using Vms.Hosting;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary><c>WS /mse/cam_{id}?stream=main</c>: go2rtc's convention, see <see cref="MseHello"/>.</summary>
internal static class MseEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/mse/cam_{id}", HandleAsync).RequireTicket(TicketKind.Live);

    private static async Task<IResult> HandleAsync(
        string id, HttpContext context, StreamRegistry streams, LiveEgress egress, IHostApplicationLifetime lifetime, string stream = "main")
    {
        if (!WebSocketUpgrade.IsRequested(context))
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "webSocketExpected", "This URL is for a WebSocket");
        if (await streams.FindAsync(id, stream, context.RequestAborted) is not { } live)
            return Problems.NotFound("streamNotFound", "There is no such stream");
        if (egress.Mse.IsFull)
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "tooManyViewers", "There are too many viewers");

        await using var transport = await WebSocketUpgrade.AcceptAsync(context);
        await egress.Mse.ServeAsync(context, transport, live, context.Viewing(), lifetime.ApplicationStopping);
        return TypedResults.Empty;
    }
}
