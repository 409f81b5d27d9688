using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Webhooks;

namespace Vms.Control.Features.Webhooks;

/// <summary>POST /api/webhooks/{webhookId}/test: sends a message of the type <c>webhook.test</c>, once and now, and answers what the receiver said.</summary>
internal static class TestWebhook
{
    /// <param name="Status">HTTP status; null: there was no answer.</param>
    /// <param name="Answer">The beginning of what the receiver said.</param>
    /// <param name="Error">Null when delivered.</param>
    public sealed record Result(bool Delivered, int? Status, string Answer, long DurationMs, string? Error);

    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapPost("/{webhookId}/test", Handle).WithName(nameof(TestWebhook)).WithSummary("Send a test message and show what the receiver said.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(404);

    private static async Task<Results<Ok<Result>, ProblemHttpResult>> Handle(
        string webhookId, HttpContext context, NpgsqlDataSource database, WebhookSender sender, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        if (await WebhookRow.FindAsync(database, actor.TenantId, webhookId, cancellationToken) is not { } webhook)
            return WebhookRules.NotFound();
        var id = Guid.CreateVersion7(now).ToString();
        var body = JsonSerializer.SerializeToUtf8Bytes(new { id, type = "webhook.test", at = now, source = "control", data = new { webhook.Name } }, JsonSerializerOptions.Web);
        var answer = await sender.SendAsync(webhook, WebhookSignature.IdOf(id, null), body, cancellationToken);
        await webhook.TriedAsync(database, now, answer, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "webhook.tested", webhookId, new { webhook.Name, answer.Status, answer.Error }, cancellationToken);
        return TypedResults.Ok(new Result(answer.Error is null, answer.Status, answer.Text, (long)answer.Took.TotalMilliseconds, answer.Error));
    }
}
