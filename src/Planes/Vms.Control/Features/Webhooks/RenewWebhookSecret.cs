using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Webhooks;
using Vms.Hosting;

namespace Vms.Control.Features.Webhooks;

/// <summary>POST /api/webhooks/{webhookId}/secret: a new one counts from the next delivery on, and the former no longer.</summary>
internal static class RenewWebhookSecret
{
    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapPost("/{webhookId}/secret", Handle).WithName(nameof(RenewWebhookSecret)).WithSummary("Give a webhook a new secret; it is shown this once.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(404);

    private static async Task<Results<Ok<WebhookWithSecret>, ProblemHttpResult>> Handle(
        string webhookId, HttpContext context, NpgsqlDataSource database, NodeKey key, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor, secret) = (time.GetUtcNow(), Actor.Of(context), WebhookSignature.NewSecret());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await WebhookRow.LockAsync(connection, actor.TenantId, webhookId, cancellationToken) is not { } locked)
            return WebhookRules.NotFound();
        var row = locked with { Generation = locked.Generation + 1, UpdatedAt = now };
        await connection.ExecuteAsync(
            "update control.webhook set secret_protected = $2, generation = $3, updated_at = $4 where id = $1", [row.Id, key.Protect(secret), row.Generation, now], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "webhook.secretRenewed", row.Id, new { row.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new WebhookWithSecret(WebhookView.Of(row), secret));
    }
}
