using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Holds;

/// <summary>DELETE /api/holds/{id}: lifts a hold. It stays on record who did; its footage is kept as any other from now on.</summary>
internal static class LiftHold
{
    public static void Map(RouteGroupBuilder holds) =>
        holds.MapDelete("/{id:guid}", Handle).WithName(nameof(LiftHold)).WithSummary("Lift a legal hold; its footage is kept as any other.").Needs(Permissions.RecordingsHold, Scope.Cameras)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, user) = (time.GetUtcNow(), Actor.Of(context));
        var mine = Caller.Of(context).Rights.Filter(Permissions.RecordingsHold);
        var (ended, _) = await KeptRangeRows.LetGoAsync(
            database, id,
            """
            update control.hold set lifted_by = $2, lifted_at = $3
            where id = $1 and lifted_at is null and tenant_id = $4 and ($5::text[] is null or camera_ids <@ $5) returning reason
            """, [user.Name, now, mine.TenantId, mine.CameraIds],
            "hold.lifted", "reason", user, now, cancellationToken);
        if (!ended)
            return HoldsRoutes.NotFound();

        kept.Changed();
        return TypedResults.NoContent();
    }
}
