using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
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
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var delete = connection.Command("delete from control.clip where id = $1 returning name", id);
            if (await delete.ExecuteScalarAsync(cancellationToken) is not string name)
                return ClipsRoutes.NotFound();
            await KeptRangeRows.RemoveAsync(connection, id, cancellationToken);
            await AuditLog.AddAsync(
                connection, time.GetUtcNow(), SignedIn.From(context.User)!.Username, "clip.deleted", id.ToString(), new { name }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return TypedResults.NoContent();
    }
}
