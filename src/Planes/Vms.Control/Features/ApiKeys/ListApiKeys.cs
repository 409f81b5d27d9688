using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.ApiKeys;

/// <summary>GET /api/api-keys: by name. There are few: one page.</summary>
internal static class ListApiKeys
{
    public static void Map(RouteGroupBuilder keys) =>
        keys.MapGet("/", Handle).WithName(nameof(ListApiKeys)).WithSummary("List API keys by name; never the keys themselves.").Needs(Permissions.ApiKeysWrite, Scope.Tenant);

    private static async Task<Ok<Page<ApiKeyView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return TypedResults.Ok(new Page<ApiKeyView>(await ApiKeyView.ListAsync(connection, Caller.Of(context).TenantId, null, cancellationToken), null));
    }
}
