using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Clips;

/// <summary>GET /api/clips/{id}.</summary>
internal static class GetClip
{
    public static void Map(RouteGroupBuilder clips) =>
        clips.MapGet("/{id:guid}", Handle).WithName(nameof(GetClip)).WithSummary("Get a clip.").RequireAuthorization(Permissions.RecordingsRead).ProducesProblem(404);

    private static async Task<Results<Ok<ClipView>, ProblemHttpResult>> Handle(
        Guid id, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken) =>
        await ClipView.FindAsync(database, id, time.GetUtcNow(), cancellationToken) is { } view ? TypedResults.Ok(view) : ClipsRoutes.NotFound();
}
