using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Clips;

/// <summary>DELETE /api/clips/{id}: its footage is kept as any other from now on, and may go at once when it is old.</summary>
internal static class DeleteClip
{
    public static void Map(RouteGroupBuilder clips) =>
        clips.MapDelete("/{id:guid}", Handle).WithName(nameof(DeleteClip)).WithSummary("Delete a clip; its footage is kept as any other.").Needs(Permissions.ClipsWrite, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var mine = Caller.Of(context).Rights.Filter(Permissions.ClipsWrite);
        var (ended, refusal) = await KeptRangeRows.LetGoAsync(
            database, id, "delete from control.clip where id = $1 and tenant_id = $2 and ($3::text[] is null or camera_ids <@ $3) returning name",
            [mine.TenantId, mine.CameraIds], "clip.deleted", "name", Actor.Of(context), time.GetUtcNow(), cancellationToken,
            connection => ItemVersion.CheckAsync(context, connection, "select updated_at from control.clip where id = $1 for update", id, cancellationToken));
        if (!ended)
            return refusal ?? ClipsRoutes.NotFound();

        kept.Changed();
        return TypedResults.NoContent();
    }
}
