using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.KeptFootage;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Clips;

/// <summary>DELETE /api/clips/{id}: its footage is kept as any other from now on, and may go at once when it is old.</summary>
internal static class DeleteClip
{
    public static void Map(RouteGroupBuilder clips) =>
        clips.MapDelete("/{id:guid}", Handle).WithName(nameof(DeleteClip)).WithSummary("Delete a clip; its footage is kept as any other.").RequireAuthorization(Permissions.ClipsWrite)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var ended = await KeptRangeRows.LetGoAsync(
            database, id, "delete from control.clip where id = $1 returning name", [], "clip.deleted", "name",
            SignedIn.From(context.User)!.Username, time.GetUtcNow(), cancellationToken);
        if (!ended)
            return ClipsRoutes.NotFound();

        kept.Changed();
        return TypedResults.NoContent();
    }
}
