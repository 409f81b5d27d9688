using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Outbox;

/// <summary>DELETE /api/outbox/dead/{letterId}.</summary>
internal static class DeleteDeadLetter
{
    public static void Map(RouteGroupBuilder outbox) =>
        outbox.MapDelete("/dead/{letterId}", Handle).WithName(nameof(DeleteDeadLetter)).WithSummary("Delete a dead letter.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string letterId, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var deleted = await connection.ExecuteAsync(
            "delete from control.outbox where seq = $1 and tenant_id = $2 and state = 'dead'", [DeadLetter.SeqOf(letterId), actor.TenantId], cancellationToken);
        if (deleted == 0)
            return Problems.NotFound("deadLetterNotFound", "There is no such dead letter");
        await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "deadLetter.deleted", letterId, new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
