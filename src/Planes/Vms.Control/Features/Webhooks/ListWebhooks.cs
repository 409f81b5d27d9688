using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Webhooks;

namespace Vms.Control.Features.Webhooks;

/// <summary>GET /api/webhooks: by name. There are few: one page.</summary>
internal static class ListWebhooks
{
    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapGet("/", Handle).WithName(nameof(ListWebhooks)).WithSummary("List webhooks by name; never their secrets.").Needs(Permissions.IntegrationsWrite, Scope.Tenant);

    private static async Task<Ok<Page<WebhookView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {WebhookRow.Columns} from control.webhook where tenant_id = $1 order by lower(name), id", Caller.Of(context).TenantId);
        return TypedResults.Ok(new Page<WebhookView>([.. (await command.RowsAsync(WebhookRow.Read, cancellationToken)).Select(WebhookView.Of)], null));
    }
}
