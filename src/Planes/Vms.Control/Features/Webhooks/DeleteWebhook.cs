using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Webhooks;

/// <summary>DELETE /api/webhooks/{webhookId}: what still waits for it becomes dead letters.</summary>
internal static class DeleteWebhook
{
    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapDelete("/{webhookId}", Handle).WithName(nameof(DeleteWebhook)).WithSummary("Delete a webhook.").Needs(Permissions.IntegrationsWrite, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string webhookId, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = connection.Command("delete from control.webhook where id = $1 and tenant_id = $2 returning name", webhookId, actor.TenantId))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is not string name)
                return WebhookRules.NotFound();
            await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "webhook.deleted", webhookId, new { name }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
