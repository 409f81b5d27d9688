using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Health;

/// <summary>GET /api/ai/status: what the AI plane analyses, in one answer for monitoring.</summary>
internal static class AiStatus
{
    /// <param name="Available">The AI plane answers; else what it said last is not shown as if it were true.</param>
    public sealed record Response(bool Available, int Total, IReadOnlyList<AnalysisView> Analyses);

    /// <param name="State">draining, waiting (for the stream), leftOut (its decoding ended the process several times), or unknown without a report.</param>
    /// <param name="Reason">decoderCrashed, undecodable, unsupportedCodec, noDecoder, noModel, modelCrashed or overloaded; null when there is nothing to explain.</param>
    /// <param name="PicturesPerSecond">That were looked at.</param>
    /// <param name="WantedPerSecond">That should be.</param>
    /// <param name="DetectionsPerSecond">Runs of the detector.</param>
    /// <param name="Objects">That are followed now.</param>
    /// <param name="LeftOutUntil">Then it is tried again.</param>
    public sealed record AnalysisView(
        string CameraId, string CameraName, string Stream, string State, double? SamplesPerSecond, double? KeyframesPerSecond, string? Reason,
        double? PicturesPerSecond, double? WantedPerSecond, double? DetectionsPerSecond, int? Objects, bool? Motion, DateTimeOffset? LeftOutUntil);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/ai/status", Handle).WithName(nameof(AiStatus)).WithSummary("What the AI plane analyses: each stream with its state.").WithTags("Health")
            .Needs(Permissions.SystemRead, Scope.Tenant).ProducesProblem(401).ProducesProblem(403);

    private static Ok<Response> Handle(DesiredState desired, ObservedState observed)
    {
        bool available = observed.IsConnected("ai");
        var analyses = (desired.Cameras?.Values ?? []).Where(c => c.Analysis is not null).OrderBy(c => c.Row.Settings.Name, StringComparer.OrdinalIgnoreCase)
            .Select(Of).ToList();
        return TypedResults.Ok(new Response(available, analyses.Count, analyses));

        AnalysisView Of(Desired camera)
        {
            string stream = camera.Analysis!.Stream;
            var status = available ? observed.Analysis(new StreamKey(camera.Row.Id, stream)) : null;
            return new AnalysisView(
                camera.Row.Id, camera.Row.Settings.Name, stream, status?.State ?? "unknown",
                status is null ? null : Math.Round(status.SamplesPerSecond, 2), status is null ? null : Math.Round(status.KeyframesPerSecond, 2),
                status is { Reason.Length: > 0 } ? status.Reason : null, status?.PicturesPerSecond, status?.WantedPerSecond, status?.DetectionsPerSecond,
                status?.Objects, status?.Motion, status is { LeftOutUntilUnixMs: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(status.LeftOutUntilUnixMs) : null);
        }
    }
}
