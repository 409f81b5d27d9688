using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Health;

/// <summary>GET /api/streaming/status: what the media plane pulls, in one answer for monitoring.</summary>
internal static class StreamingStatus
{
    /// <param name="Available">The media plane answers; else what it said last is not shown as if it were true.</param>
    /// <param name="ByState">Streams by state: online, connecting, idle, offline, unauthorized, unsupported; unknown without a report.</param>
    /// <param name="Time">The server's clock: by it people say how old the last picture is.</param>
    public sealed record Response(DateTimeOffset Time, bool Available, int Total, IReadOnlyDictionary<string, int> ByState, IReadOnlyList<StreamStatus> Streams);

    /// <param name="Reason">A stable code where the state has one.</param>
    /// <param name="Packets">RTP packets that came since the media plane took the stream on; null without a report.</param>
    /// <param name="LostPackets">And that never came.</param>
    /// <param name="LastPictureAt">When the last picture came; null: none yet.</param>
    public sealed record StreamStatus(
        string CameraId, string CameraName, string Stream, string State, string? Reason, string? Codec, int? Width, int? Height, double? Fps, long? BitrateBps,
        long? Packets, long? LostPackets, DateTimeOffset? LastPictureAt);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/streaming/status", Handle).WithName(nameof(StreamingStatus)).WithSummary("What the media plane pulls: each stream with its state.").WithTags("Health")
            .Needs(Permissions.SystemRead, Scope.Tenant).ProducesProblem(401).ProducesProblem(403);

    private static Ok<Response> Handle(DesiredState desired, ObservedState observed, TimeProvider time)
    {
        bool available = observed.IsConnected("media");
        var streams = (desired.Cameras?.Values ?? []).OrderBy(c => c.Row.Settings.Name, StringComparer.OrdinalIgnoreCase)
            .SelectMany(c => new[] { c.Main, c.Sub }.OfType<Contracts.Media.PipelineSpec>().Select(spec => Of(c, spec.Stream)))
            .ToList();
        return TypedResults.Ok(new Response(time.GetUtcNow(), available, streams.Count, streams.CountBy(s => s.State).ToDictionary(), streams));

        StreamStatus Of(Desired camera, string stream)
        {
            var status = available ? observed.Pipeline(new StreamKey(camera.Row.Id, stream)) : null;
            return new StreamStatus(
                camera.Row.Id, camera.Row.Settings.Name, stream, status?.State ?? "unknown", status is { Reason.Length: > 0 } ? status.Reason : null,
                status is { Codec.Length: > 0 } ? status.Codec : null, status is { Width: > 0 } ? status.Width : null, status is { Height: > 0 } ? status.Height : null,
                status is { Fps: > 0 } ? Math.Round(status.Fps, 2) : null, status is { BitrateBps: > 0 } ? status.BitrateBps : null,
                status?.Packets, status?.LostPackets, status is { LastPictureUnixMs: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(status.LastPictureUnixMs) : null);
        }
    }
}
