using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.ApiKeys;

/// <summary>DELETE /api/api-keys/{keyId}: it counts no longer, from the next request on.</summary>
internal static class DeleteApiKey
{
    public static void Map(RouteGroupBuilder keys) =>
        keys.MapDelete("/{keyId:guid}", Handle).WithName(nameof(DeleteApiKey)).WithSummary("Delete an API key: it counts no longer.").Needs(Permissions.ApiKeysWrite, Scope.Tenant)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid keyId, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var grants = (await Auth.Grants.OfAsync(connection, GrantHolder.ApiKey, [keyId], cancellationToken))[keyId];
        await using var command = connection.Command(
            "delete from control.api_key where id = $1 and tenant_id = $2 returning name", keyId, Caller.Of(context).TenantId);
        if (await command.ExecuteScalarAsync(cancellationToken) is not string name)
            return Problems.NotFound("apiKeyNotFound", "There is no such API key");
        if (await Auth.Grants.BeyondAsync(connection, Caller.Of(context).Rights, grants, cancellationToken) is { } beyond)
            return beyond;
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "apiKey.deleted", keyId.ToString(), new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.NoContent();
    }
}
