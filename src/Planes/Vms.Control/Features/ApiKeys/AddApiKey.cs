using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.ApiKeys;

/// <summary>POST /api/api-keys: the answer shows the key, which nothing shows again.</summary>
internal static class AddApiKey
{
    private const int MaxKeys = 1000;

    /// <param name="ExpiresAt">Null: it counts until it is deleted.</param>
    public sealed record Request(string? Name, IReadOnlyList<GrantRequest>? Grants, DateTimeOffset? ExpiresAt);

    /// <param name="Key">For <c>Authorization: Bearer</c>. Keep it now.</param>
    public sealed record Response(ApiKeyView ApiKey, string Key);

    public static void Map(RouteGroupBuilder keys) =>
        keys.MapPost("/", Handle).WithName(nameof(AddApiKey)).WithSummary("Add an API key with roles; it is shown this once.").Needs(Permissions.ApiKeysWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, now, problems) = (Caller.Of(context), time.GetUtcNow(), new List<FieldProblem>());
        var name = NameRules.Check(request.Name, "name", problems);
        if (request.ExpiresAt <= now)
            problems.Add(new FieldProblem("expiresAt", "outOfRange", "Use a time to come"));
        if (request.Grants is not { Count: > 0 })
            problems.Add(new FieldProblem("grants", "required", "Say what it may do"));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var grants = await Auth.Grants.CheckAsync(connection, caller.TenantId, request.Grants, problems, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, grants, cancellationToken) is { } beyond)
            return beyond;

        var (id, key) = (Guid.CreateVersion7(now), ApiKey.New());
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.api_key (id, tenant_id, name, prefix, secret_hash, created_by, created_at, expires_at)
                select $1, $2, $3, $4, $5, $6, $7, $8 where (select count(*) from control.api_key where tenant_id = $2) < {MaxKeys}
                """, [id, caller.TenantId, name, ApiKey.ShownOf(key), ApiKey.HashOf(key), caller.Name, now, request.ExpiresAt?.ToUniversalTime()], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyApiKeys", "Too many API keys", $"There are {MaxKeys} already.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "nameTaken", "There is an API key of this name already");
        }

        await Auth.Grants.ReplaceAsync(connection, caller.TenantId, GrantHolder.ApiKey, id, grants, cancellationToken);
        await AuditLog.AddAsync(
            connection, now, Actor.Of(context), "apiKey.added", id.ToString(), new { name, prefix = ApiKey.ShownOf(key), grants, request.ExpiresAt }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Created($"/api/api-keys/{id}", new Response((await ApiKeyView.ListAsync(connection, caller.TenantId, id, cancellationToken))[0], key));
    }
}
