using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>GET /api/cameras/{id}/playback/samples[?stream], upgraded to a WebSocket: groups of pictures as they were recorded, for decoders in
/// browsers (docs/design/samples.md). As for live video, a connection that is open outlives its ticket, as long as the right is not taken away; what the ticket is for stays its limit.</summary>
internal static class GetSamples
{
    public static async Task<IResult> Handle(HttpContext context, SampleConnections connections)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "webSocketExpected", "This URL is for a WebSocket");
        var wrong = new List<FieldProblem>();
        string cameraId = (string)context.GetRouteValue("id")!;
        if (!ArchiveLayout.IsSafeName(cameraId)) wrong.Add(new FieldProblem("id", "notAnId", "not a camera's id"));
        if (!PlaybackRequest.TryReadStream(context, out string? stream)) wrong.Add(new FieldProblem("stream", "notAStream", "'main' or 'sub' is expected"));
        if (wrong.Count > 0) return Problems.Fields(wrong);

        var ticket = context.Viewer().Ticket;
        return await connections.ServeAsync(context, new PlaybackRequest(
            cameraId, stream, ticket?.From ?? DateTimeOffset.UnixEpoch, ticket?.To ?? UnixTime.FromMicroseconds(long.MaxValue)));
    }
}
