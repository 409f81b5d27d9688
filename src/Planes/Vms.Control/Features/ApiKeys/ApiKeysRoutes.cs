using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.ApiKeys;

/// <summary>Everything under /api/api-keys: credentials of programs.</summary>
internal static class ApiKeysRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/api-keys").WithTags("API keys").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListApiKeys.Map(keys);
        AddApiKey.Map(keys);
        DeleteApiKey.Map(keys);
    }
}

/// <param name="Prefix">Its first characters, to recognise it by.</param>
/// <param name="LastUsedAt">To ten seconds; null: never.</param>
internal sealed record ApiKeyView(
    string Id, string Name, string Prefix, IReadOnlyList<GrantView> Grants, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt)
{
    /// <summary>All of the tenant by name, or the one.</summary>
    public static async Task<List<ApiKeyView>> ListAsync(NpgsqlConnection connection, string tenantId, Guid? only, CancellationToken cancellationToken)
    {
        List<ApiKeyView> keys;
        await using (var command = connection.Command("""
            select id, name, prefix, created_by, created_at, expires_at, last_used_at from control.api_key
            where tenant_id = $1 and ($2::uuid is null or id = $2) order by lower(name), id
            """, tenantId, only))
        {
            keys = await command.RowsAsync(
                r => new ApiKeyView(r.GetGuid(0).ToString(), r.GetString(1), r.GetString(2), [], r.GetString(3), r.Time(4), r.TimeOrNull(5), r.TimeOrNull(6)),
                cancellationToken);
        }

        var grants = await Auth.Grants.OfAsync(connection, GrantHolder.ApiKey, [.. keys.Select(k => Guid.Parse(k.Id))], cancellationToken);
        return [.. keys.Select(k => k with { Grants = [.. grants[Guid.Parse(k.Id)]] })];
    }
}
