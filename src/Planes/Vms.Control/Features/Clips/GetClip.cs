using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Clips;

/// <summary>GET /api/clips/{id}.</summary>
internal static class GetClip
{
    public static void Map(RouteGroupBuilder clips) =>
        clips.MapGet("/{id:guid}", Handle).WithName(nameof(GetClip)).WithSummary("Get a clip.").Needs(Permissions.RecordingsRead, Scope.Cameras).ProducesProblem(404);

    private static async Task<Results<Ok<ClipView>, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken) =>
        await ClipView.FindAsync(database, id, Caller.Of(context).Rights.Filter(Permissions.RecordingsRead), time.GetUtcNow(), cancellationToken) is { } view ? TypedResults.Ok(view) : ClipsRoutes.NotFound();
}
