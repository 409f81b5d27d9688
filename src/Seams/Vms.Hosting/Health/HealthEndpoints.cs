using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Vms.Hosting;

internal static class HealthEndpoints
{
    private static readonly DateTimeOffset s_startedAt = Process.GetCurrentProcess().StartTime.ToUniversalTime();

    /// <param name="Time">The server's clock: players say by it how old a picture is.</param>
    internal sealed record HealthView(string Status, string Plane, DateTimeOffset Time, IReadOnlyDictionary<string, string>? Reasons)
    {
        /// <summary>Of the process; told on the local socket only, as its memory is.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public DateTimeOffset? StartedAt { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? MemoryBytes { get; init; }
    }

    /// <summary><c>/health</c> and <c>/health/ready</c> on every listener; <c>/metrics</c> on the local socket only.</summary>
    public static void Map(WebApplication app, string plane)
    {
        app.MapGet("/health", (HttpContext context, ProgressMonitor progress, TimeProvider time) =>
        {
            var stalled = progress.Stalled();
            var view = stalled.Count == 0
                ? new HealthView("ok", plane, time.GetUtcNow(), null)
                : new HealthView("stalled", plane, time.GetUtcNow(), stalled.ToDictionary(s => s.Loop, s => $"no progress for {s.Silent.TotalSeconds:0.0} s"));
            if (context.IsLocalSocket())
                view = view with { StartedAt = s_startedAt, MemoryBytes = Environment.WorkingSet };
            return TypedResults.Json(view, statusCode: stalled.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous().ExcludeFromDescription();

        app.MapGet("/health/ready", (PlaneReadiness readiness, TimeProvider time) => readiness.IsReady
            ? TypedResults.Json(new HealthView("ready", plane, time.GetUtcNow(), null))
            : TypedResults.Json(new HealthView("waiting", plane, time.GetUtcNow(), readiness.Waiting), statusCode: StatusCodes.Status503ServiceUnavailable))
            .AllowAnonymous().ExcludeFromDescription();

        app.MapGet("/metrics", (HttpContext context, PrometheusMetrics metrics) =>
            context.IsLocalSocket() ? Results.Text(metrics.Render(), "text/plain; version=0.0.4; charset=utf-8") : Results.NotFound())
            .AllowAnonymous().ExcludeFromDescription();
    }
}
