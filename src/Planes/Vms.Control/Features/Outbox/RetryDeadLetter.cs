using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Outbox;
using Vms.Hosting;

namespace Vms.Control.Features.Outbox;

/// <summary>POST /api/outbox/dead/{letterId}/retry: it is tried again at once, as often as a new one.</summary>
internal static class RetryDeadLetter
{
    public static void Map(RouteGroupBuilder outbox) =>
        outbox.MapPost("/dead/{letterId}/retry", Handle).WithName(nameof(RetryDeadLetter)).WithSummary("Try to deliver a dead letter again.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(404).AnswersOnce();

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        string letterId, HttpContext context, NpgsqlDataSource database, OutboxRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changed = await connection.ExecuteAsync("""
            update control.outbox set state = 'waiting', attempts = 0, due_at = $3, created_at = $3, finished_at = null where seq = $1 and tenant_id = $2 and state = 'dead'
            """, [DeadLetter.SeqOf(letterId), actor.TenantId, now], cancellationToken);
        if (changed == 0)
            return Problems.NotFound("deadLetterNotFound", "There is no such dead letter");
        await AuditLog.AddAsync(connection, now, actor, "deadLetter.retried", letterId, new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted((string?)null);
    }
}
