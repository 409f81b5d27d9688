using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations.Webhooks;

namespace Vms.Control.Features.Webhooks;

/// <summary>DELETE /api/webhooks/{webhookId}: what still waits for it becomes dead letters.</summary>
internal static class DeleteWebhook
{
    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapDelete("/{webhookId}", Handle).WithName(nameof(DeleteWebhook)).WithSummary("Delete a webhook.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string webhookId, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await WebhookRow.LockAsync(connection, actor.TenantId, webhookId, cancellationToken) is not { } locked)
            return WebhookRules.NotFound();
        if (ItemVersion.Check(context, locked.Generation.ToString(CultureInfo.InvariantCulture)) is { } changed)
            return changed;
        await connection.ExecuteAsync("delete from control.webhook where id = $1", [webhookId], cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "webhook.deleted", webhookId, new { locked.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
