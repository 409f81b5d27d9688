using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Webhooks;
using Vms.Hosting;

namespace Vms.Control.Features.Webhooks;

/// <summary>POST /api/webhooks: the answer shows the secret, which nothing shows again. Rules say what is sent there.</summary>
internal static class AddWebhook
{
    /// <param name="Url">http or https; redirects are not followed.</param>
    public sealed record Request(string? Name, string? Url, bool Enabled = true);

    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapPost("/", Handle).WithName(nameof(AddWebhook)).WithSummary("Add a webhook; its secret is shown this once.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Created<WebhookWithSecret>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, OutgoingAddresses addresses, NodeKey key, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var (name, url) = await WebhookRules.CheckAsync(request.Name, request.Url, addresses, problems, time, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, actor, secret) = (time.GetUtcNow(), Actor.Of(context), WebhookSignature.NewSecret());
        var row = new WebhookRow(CameraId.New(), actor.TenantId, name, url, key.Protect(secret), request.Enabled, 1, now, now, null, null, null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.webhook (id, tenant_id, name, url, secret_protected, enabled, generation, created_at, updated_at)
                select $1, $2, $3, $4, $5, $6, 1, $7, $7 where (select count(*) from control.webhook where tenant_id = $2) < {WebhookRow.MaxWebhooks}
                """, [row.Id, row.TenantId, name, url, row.SecretProtected, row.Enabled, now], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyWebhooks", "Too many webhooks", $"There are {WebhookRow.MaxWebhooks} already.");
        }
        catch (PostgresException e) when (WebhookRules.IsNameTaken(e))
        {
            return WebhookRules.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, actor, "webhook.added", row.Id, new { name, url, request.Enabled }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/webhooks/{row.Id}", new WebhookWithSecret(WebhookView.Of(row), secret));
    }
}
