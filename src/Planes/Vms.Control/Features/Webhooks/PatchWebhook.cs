using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Webhooks;
using Vms.Hosting;

namespace Vms.Control.Features.Webhooks;

/// <summary>PATCH /api/webhooks/{webhookId}: JSON merge patch (RFC 7396).</summary>
internal static class PatchWebhook
{
    public sealed record Request(string? Name, string? Url, bool? Enabled);

    public static void Map(RouteGroupBuilder webhooks) =>
        webhooks.MapPatch("/{webhookId}", Handle).WithName(nameof(PatchWebhook)).WithSummary("Change a webhook's name or address, or switch it off (JSON merge patch).").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .Accepts<Request>("application/merge-patch+json", "application/json").ChecksVersion()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Handle(
        string webhookId, JsonElement patch, HttpContext context, NpgsqlDataSource database, OutgoingAddresses addresses, TimeProvider time, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(context);
        if (await WebhookRow.FindAsync(database, actor.TenantId, webhookId, cancellationToken) is not { } before)
            return WebhookRules.NotFound();
        Request wanted;
        try
        {
            wanted = MergePatch.Of(new Request(before.Name, before.Url, before.Enabled), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        var (name, url) = await WebhookRules.CheckAsync(wanted.Name, wanted.Url, addresses, problems, time, cancellationToken);
        if (wanted.Enabled is null)
            problems.Add(new FieldProblem("enabled", "required", "Say whether it is on"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await WebhookRow.LockAsync(connection, actor.TenantId, webhookId, cancellationToken) is not { } locked)
            return WebhookRules.NotFound();
        if (ItemVersion.Check(context, locked.Generation.ToString(CultureInfo.InvariantCulture)) is { } changed)
            return changed;
        if (locked.Generation != before.Generation)
            return Problems.Of(StatusCodes.Status409Conflict, "changedMeanwhile", "It was changed meanwhile", "Read it again and apply the change to what it is now.");
        var row = locked with { Name = name, Url = url, Enabled = wanted.Enabled!.Value, Generation = locked.Generation + 1, UpdatedAt = now };
        try
        {
            await connection.ExecuteAsync(
                "update control.webhook set name = $2, url = $3, enabled = $4, generation = $5, updated_at = $6 where id = $1",
                [row.Id, row.Name, row.Url, row.Enabled, row.Generation, now], cancellationToken);
        }
        catch (PostgresException e) when (WebhookRules.IsNameTaken(e))
        {
            return WebhookRules.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, actor, "webhook.changed", row.Id, new { row.Name, row.Url, row.Enabled }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(WebhookView.Of(row));
    }
}
