using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Features.Health;

/// <summary>GET /api/ai/models: the models that cameras can be analysed with.</summary>
internal static class ListModels
{
    /// <param name="Default">The model that <c>default</c> stands for; null: nobody knows.</param>
    /// <param name="Provider">What models run on: cpu, cuda or tensorrt; null: on nothing.</param>
    /// <param name="Problem">Why they run on nothing.</param>
    public sealed record Response(string? Default, string? Provider, string? Problem, IReadOnlyList<ModelView> Models);

    /// <param name="Shipped">It came with the program; else the operator added it.</param>
    /// <param name="FindsObjects">A camera can be analysed with it; else it reads plates, beside one that finds the vehicle.</param>
    /// <param name="Adapter">How pictures go in and what comes out is read; null: it cannot be used.</param>
    /// <param name="Classes">What it finds: person, car, …</param>
    /// <param name="Width">Of its input, in pixels.</param>
    /// <param name="Sha256">Of its file, as events say it.</param>
    /// <param name="State">idle (nobody asked for it yet), loading, ready or failed.</param>
    /// <param name="Problem">Why it failed.</param>
    public sealed record ModelView(
        string Name, bool Shipped, bool FindsObjects, string? Adapter, IReadOnlyList<string> Classes, int? Width, int? Height, string? Sha256, string? Licence, string State, string? Problem);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/ai/models", Handle).WithName(nameof(ListModels)).WithSummary("The models that cameras can be analysed with.").WithTags("Health")
            .Needs(Permissions.CamerasRead, Scope.Cameras).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(HttpContext context, AnalysisModels models, CancellationToken cancellationToken)
    {
        if (await models.ReadAsync(cancellationToken) is not { } list)
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "Analysis is not available", "It restarts by itself. Try again in a moment.");
        }

        var items = list.Models.Select(m => new ModelView(
            m.Name, m.Shipped, m.FindsObjects, NullIfEmpty(m.Adapter), m.Classes, m.Width > 0 ? m.Width : null, m.Height > 0 ? m.Height : null, NullIfEmpty(m.Sha256), NullIfEmpty(m.Licence),
            m.State, NullIfEmpty(m.Problem)));
        return TypedResults.Ok(new Response(NullIfEmpty(list.DefaultName), NullIfEmpty(list.Provider), NullIfEmpty(list.Problem), [.. items]));
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
