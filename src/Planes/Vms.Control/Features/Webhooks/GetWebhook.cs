using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Integrations.Webhooks;

namespace Vms.Control.Features.Webhooks;

/// <summary>GET /api/webhooks/{webhookId}.</summary>
internal static class GetWebhook
{
    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapGet("/{webhookId}", Handle).WithName(nameof(GetWebhook)).WithSummary("Show a webhook; never its secret.").Needs(Permissions.IntegrationsWrite, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Handle(
        string webhookId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await WebhookRow.FindAsync(database, Caller.Of(context).TenantId, webhookId, cancellationToken) is { } row ? TypedResults.Ok(WebhookView.Of(row)) : WebhookRules.NotFound();
}
