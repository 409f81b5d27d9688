using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Federation;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>PATCH /api/servers/{id}: JSON merge patch (RFC 7396). With another address, key or certificate it is asked before that counts.</summary>
internal static class PatchServer
{
    /// <param name="ApiKey">Absent or null: the one that is stored.</param>
    public sealed record Request(string? Name, string? Address, string? ApiKey, string? CertificateSha256);

    public static void Map(RouteGroupBuilder servers) =>
        servers.MapPatch("/{id}", HandleAsync).WithName(nameof(PatchServer)).WithSummary("Change another server's name, address, API key or pinned certificate (JSON merge patch).").Needs(Permissions.ServersWrite, Scope.Tenant)
            .Accepts<Request>("application/merge-patch+json", "application/json").ChecksVersion()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(502);

    private static async Task<Results<Ok<ServerView>, ProblemHttpResult>> HandleAsync(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, ServerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await ServerRow.FindAsync(database, id, cancellationToken) is not { } before)
            return ServerRules.NotFound();
        Request wanted;
        try
        {
            wanted = MergePatch.Of(new Request(before.Name, ServerRules.TextOf(before.Address), null, before.CertificateSha256), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        // The key goes where its owner sent it, and nowhere else.
        var moved = wanted.Address != ServerRules.TextOf(before.Address);
        var (name, address, apiKey, certificate) = ServerRules.Check(wanted.Name, wanted.Address, wanted.ApiKey, needsApiKey: moved, wanted.CertificateSha256, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        var row = before with
        {
            Name = name,
            Address = address!,
            ApiKeyProtected = apiKey is null ? before.ApiKeyProtected : directory.Protect(apiKey),
            CertificateSha256 = certificate,
            Generation = before.Generation + 1,
            UpdatedAt = now,
        };
        if (moved || apiKey is not null || certificate != before.CertificateSha256)
        {
            // Asked while nothing is locked: it may take its time.
            using var peer = directory.Connect(row, apiKey ?? directory.ApiKeyOf(before));
            if (ServerRules.Refusal(await directory.AskAsync(peer, cancellationToken)) is { } refusal)
                return refusal;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ServerRow.LockAsync(connection, id, cancellationToken) is not { } locked)
            return ServerRules.NotFound();
        if (ItemVersion.Check(context, locked.Generation.ToString(CultureInfo.InvariantCulture)) is { } changed)
            return changed;
        if (locked.Generation != before.Generation)
            return Problems.Of(StatusCodes.Status409Conflict, "changedMeanwhile", "It was changed meanwhile", "Read it again and apply the change to what it is now.");
        try
        {
            await connection.ExecuteAsync(
                "update control.server set name = $2, address = $3, api_key_protected = $4, certificate_sha256 = $5, generation = $6, updated_at = $7 where id = $1",
                [id, row.Name, ServerRules.TextOf(row.Address), row.ApiKeyProtected, row.CertificateSha256, row.Generation, now], cancellationToken);
        }
        catch (PostgresException e) when (ServerRules.Taken(e) is { } taken)
        {
            return taken;
        }

        await AuditLog.AddAsync(
            connection, now, actor, "server.changed", id,
            new { row.Name, address = ServerRules.TextOf(row.Address), row.CertificateSha256, apiKey = apiKey is null ? "kept" : "changed" }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await directory.RefreshAsync();
        var state = directory.Find(id) is { } known ? await directory.CheckAsync(known, cancellationToken) : ServerState.Unchecked;
        return TypedResults.Ok(ServerView.Of(row, state));
    }
}
