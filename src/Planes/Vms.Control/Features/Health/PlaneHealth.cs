using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Health;

/// <summary>GET /health/planes/{plane}: what the plane says about itself, or that it does not answer.</summary>
internal static class PlaneHealth
{
    private static readonly string[] s_planes = ["control", "media", "recorder", "ai"];
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    /// <param name="Status">ok, stalled (a loop makes no progress) or unavailable.</param>
    /// <param name="Ready">False while the plane waits for something it needs.</param>
    /// <param name="Reasons">Why, by loop or dependency.</param>
    /// <param name="StartedAt">Its process; null while it does not answer.</param>
    /// <param name="MemoryBytes">That its process holds now.</param>
    public sealed record Response(string Plane, string Status, bool Ready, IReadOnlyDictionary<string, string> Reasons, DateTimeOffset? StartedAt, long? MemoryBytes);

    private sealed record PlaneAnswer(string? Status, Dictionary<string, string>? Reasons, DateTimeOffset? StartedAt, long? MemoryBytes);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/health/planes/{plane}", Handle).WithName(nameof(PlaneHealth)).WithSummary("What a plane says about itself.").WithTags("Health").Needs(Permissions.SystemRead, Scope.Tenant)
            .Produces<Response>(503).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);

    private static async Task<Results<JsonHttpResult<Response>, Ok<Response>, ProblemHttpResult>> Handle(
        string plane, PlaneOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!s_planes.Contains(plane))
            return Problems.NotFound("planeNotFound", "There is no such plane");
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var http = LocalHttp.Client(options.SocketOf(plane, "http"));
            var health = await AskAsync(http, "health", linked.Token);
            var ready = await AskAsync(http, "health/ready", linked.Token);
            var reasons = (health.Reasons ?? []).Concat(ready.Reasons ?? []).DistinctBy(r => r.Key).ToDictionary();
            var response = new Response(plane, health.Status ?? "ok", ready.Status == "ready", reasons, health.StartedAt, health.MemoryBytes);
            return response.Status == "ok" ? TypedResults.Ok(response) : TypedResults.Json(response, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or JsonException || (e is OperationCanceledException && timeout.IsCancellationRequested))
        {
            var reason = e is OperationCanceledException ? "no answer within 2 s" : "the process does not answer";
            return TypedResults.Json(
                new Response(plane, "unavailable", false, new Dictionary<string, string> { [plane] = reason }, null, null),
                statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<PlaneAnswer> AskAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(path, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await JsonSerializer.DeserializeAsync<PlaneAnswer>(body, JsonSerializerOptions.Web, cancellationToken))!;
    }
}
