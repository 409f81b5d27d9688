using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Limits;

/// <summary>The limits that are set. Those for live streams are remembered: watching goes on, and is limited, while the database is away. Any thread.</summary>
internal sealed class UsageLimitRows(NpgsqlDataSource database, RightsState rights, TimeProvider time)
{
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(10);

    private volatile Snapshot? _snapshot;

    private sealed record Snapshot(DateTimeOffset At, IReadOnlyDictionary<string, UsageLimits> Tenants, IReadOnlyDictionary<string, UsageLimits> Sites);

    /// <summary>They were changed here: they count from the next question on.</summary>
    public void Changed() => _snapshot = _snapshot is { } known ? known with { At = DateTimeOffset.MinValue } : null;

    /// <summary>What holds for a tenant, and for a site of it.</summary>
    public async Task<(UsageLimits Tenant, UsageLimits Site)> OfAsync(string tenantId, string siteId, CancellationToken cancellationToken)
    {
        var known = _snapshot;
        if (known is null || time.GetUtcNow() - known.At >= s_readEvery)
        {
            try
            {
                _snapshot = known = new Snapshot(time.GetUtcNow(), await ReadAsync("control.tenant", cancellationToken), await ReadAsync("control.site", cancellationToken));
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                known ??= new Snapshot(DateTimeOffset.MinValue, new Dictionary<string, UsageLimits>(), new Dictionary<string, UsageLimits>());
            }
        }

        return (known.Tenants.GetValueOrDefault(tenantId, UsageLimits.None), known.Sites.GetValueOrDefault(siteId, UsageLimits.None));
    }

    /// <summary>Whether so many cameras may be in one layout: of the tenant, and of each of their sites.</summary>
    public static async Task<ProblemHttpResult?> CheckLayoutAsync(
        NpgsqlConnection connection, string tenantId, string[] cameraIds, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("""
            select null, cardinality($2), limits from control.tenant where id = $1
            union all
            select s.id, count(c.id)::int, s.limits from control.site s join control.camera c on c.site_id = s.id and c.id = any($2) where s.tenant_id = $1 group by s.id
            """, tenantId, cameraIds);
        var rows = await command.RowsAsync(r => (SiteId: r.StringOrNull(0), Cameras: r.GetInt32(1), Limits: UsageLimits.Parse(r.GetString(2))), cancellationToken);
        return rows.Where(r => r.Cameras > r.Limits.CamerasPerLayout)
            .Select(r => new LimitRefusal("camerasPerLayout", r.Limits.CamerasPerLayout!.Value, r.SiteId).ToProblem()).FirstOrDefault();
    }

    /// <summary>
    /// Call in the transaction that begins a sign-in, or wakes one that slept. Who did not use theirs for as long as an access token lives is not
    /// signed in as far as this goes. Whoever may change sites gets in always: somebody has to be able to raise the limit.
    /// </summary>
    /// <param name="signInId">Does not count itself.</param>
    /// <exception cref="LimitReachedException">So many are signed in already.</exception>
    public async Task EnterSessionAsync(
        NpgsqlConnection connection, string tenantId, Guid accountId, Guid signInId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var limit = connection.Command("select (limits ->> 'sessions')::int from control.tenant where id = $1", tenantId);
        if (await limit.ExecuteScalarAsync(cancellationToken) is not int max)
            return;
        // One at a time: two who come together do not both get the last place.
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('sessions ' || $1, 0))", [tenantId], cancellationToken);
        await using var count = connection.Command("""
            select count(*)::int from control.sign_in s join control.account a on a.id = s.account_id
            where a.tenant_id = $1 and s.id <> $2 and s.ended_at is null and s.last_used_at > $3
            """, tenantId, signInId, now - AccessTokens.Lifetime);
        if ((int)(await count.ExecuteScalarAsync(cancellationToken))! < max)
            return;
        if (await rights.FindFreshAsync(accountId) is { } who && who.Rights.AllowsTenant(Permissions.SitesWrite))
            return;
        throw new LimitReachedException(new LimitRefusal("sessions", max, null));
    }

    private async Task<Dictionary<string, UsageLimits>> ReadAsync(string table, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select id, limits from {table} where limits <> '{{}}'");
        var rows = await command.RowsAsync(r => KeyValuePair.Create(r.GetString(0), UsageLimits.Parse(r.GetString(1))), cancellationToken);
        return rows.ToDictionary(StringComparer.Ordinal);
    }
}
