using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>
/// The rights that count, in memory: read at the start, within every change made here, and now and then for changes made elsewhere. While the
/// database is away the last snapshot stays. Any thread.
/// </summary>
internal sealed partial class RightsState(NpgsqlDataSource database, TimeProvider time, ILogger<RightsState> logger) : BackgroundService
{
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    /// <summary>Groups within groups; deeper ones, and a ring, count no further.</summary>
    private const int MaxGroupDepth = 16;

    private readonly SemaphoreSlim _reading = new(1, 1);
    private long _asked;
    private long _answered;
    private volatile RightsSnapshot? _current;

    /// <summary>Null until the database was read for the first time: nobody is known before that.</summary>
    public RightsSnapshot? Current => _current;

    /// <summary>Set after the snapshot was replaced.</summary>
    public ChangeSignal Replaced { get; } = new();

    /// <summary>Waits for the first snapshot: before it nobody knows whose a camera is, which groups it is in, or who sees it.</summary>
    public async Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        for (var replaced = Replaced.Next; _current is null; replaced = Replaced.Next)
            await replaced.WaitAsync(cancellationToken);
    }

    /// <summary>Call after a commit that touched accounts, roles, grants, groups, sites or where cameras stand: what was committed counts when this
    /// returns. With the database away it counts as soon as that is back.</summary>
    /// <remarks>A client that goes away meanwhile takes nothing back: it does not cancel this.</remarks>
    public async Task RefreshAsync()
    {
        try
        {
            await ReadAsync(CancellationToken.None);
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            Log.Later(logger, e.Message);
        }
    }

    /// <summary>The principal, read anew when they are unknown or switched off: they may have been added by another program a moment ago.</summary>
    public async Task<Principal?> FindFreshAsync(Guid id)
    {
        if (_current?.Find(id) is { Enabled: true } known)
            return known;
        await RefreshAsync();
        return _current?.Find(id);
    }

    /// <summary>Whether an account has rights that the caller lacks: who may change it could use it.</summary>
    public bool IsBeyond(Rights caller, Guid accountId) => _current?.Find(accountId) is { } other && !Grants.Covers(caller, other.Rights.Anywhere);

    /// <summary>Whether the holder of a ticket may still do with this camera what it was issued for. Before the rights were read the ticket counts alone,
    /// as it does on the planes' own ports.</summary>
    public bool MayStill(Ticket ticket, string permission, string cameraId) =>
        _current is not { } snapshot
        || (ticket.AccountId is { } account && snapshot.Find(account) is { Enabled: true } holder && holder.Rights.Allows(permission, cameraId));

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_readEvery;
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                wait = s_retry;
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Those who ask while somebody reads share the next reading: it begins after all of their commits.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var mine = Interlocked.Increment(ref _asked);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_answered >= mine)
                return;
            var upTo = Interlocked.Read(ref _asked);
            _current = await SnapshotAsync(cancellationToken);
            _answered = upTo;
        }
        finally
        {
            _reading.Release();
        }

        Replaced.Set();
    }

    private async Task<RightsSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var batch = database.CreateBatch();
        foreach (var sql in (string[])
        [
            "select id from control.tenant",
            "select id, tenant_id from control.site",
            "select id, parent_id from control.camera_group",
            "select c.id, c.tenant_id, c.site_id, array(select m.group_id from control.camera_group_member m where m.camera_id = c.id) from control.camera c",
            """
            select id, tenant_id, username, enabled, null::bytea, null::timestamptz from control.account
            union all select id, tenant_id, name, true, secret_hash, expires_at from control.api_key
            """,
            """
            select coalesce(g.account_id, g.api_key_id, m.account_id), g.role_id, g.scope, g.scope_id
            from control.role_grant g left join control.people_group_member m on m.group_id = g.group_id
            where coalesce(g.account_id, g.api_key_id, m.account_id) is not null
            union all select account_id, unnest(roles), 'tenant', null from control.external_identity
            """,
            "select id, permissions from control.role where not built_in",
            "select not_before from control.revocation order by generation desc limit 1",
        ])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var tenants = await NextAsync(reader, r => r.GetString(0), cancellationToken);
        var sites = await NextAsync(reader, r => (r.GetString(0), r.GetString(1)), cancellationToken);
        var parents = (await NextAsync(reader, r => KeyValuePair.Create(r.GetString(0), r.StringOrNull(1)), cancellationToken)).ToDictionary(StringComparer.Ordinal);
        var cameras = await NextAsync(
            reader, r => (r.GetString(0), new CameraPlace(r.GetString(1), r.GetString(2), WithParents(r.GetFieldValue<string[]>(3), parents))), cancellationToken);
        var principals = await NextAsync(
            reader, r => new PrincipalRow(
                r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetBoolean(3) && !(r.TimeOrNull(5) <= now), r.IsDBNull(4) ? null : r.GetFieldValue<byte[]>(4), r.TimeOrNull(5)), cancellationToken);
        var grants = await NextAsync(reader, r => new GrantRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.StringOrNull(3)), cancellationToken);
        var roles = Role.BuiltIn.ToDictionary(id => id, Role.PermissionsOf, StringComparer.Ordinal);
        foreach (var (id, permissions) in await NextAsync(reader, r => (r.GetString(0), PermissionSet.Of(r.GetFieldValue<string[]>(1))), cancellationToken))
            roles[id] = permissions;
        var revoked = (await NextAsync(reader, r => r.Time(0), cancellationToken)).FirstOrDefault();
        return new RightsSnapshot(sites, cameras, principals, grants, roles, hasOneTenant: tenants.Count <= 1, ReadAt(now, revoked));
    }

    /// <summary>What is issued by a snapshot says when that was read, and what is taken away, from which reading on it is: their order must not depend on the clock.</summary>
    private DateTimeOffset ReadAt(DateTimeOffset now, DateTimeOffset revoked)
    {
        var before = _current?.ReadAt ?? default;
        before = revoked > before ? revoked : before;
        now = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);     // as the database keeps it
        return now > before ? now : before.AddMicroseconds(1);
    }

    private static async Task<List<T>> NextAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    private static string[] WithParents(string[] groups, Dictionary<string, string?> parents)
    {
        if (groups.Length == 0)
            return groups;
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            var at = group;
            for (var depth = 0; at is not null && depth < MaxGroupDepth && all.Add(at); depth++)
                at = parents.GetValueOrDefault(at);
        }

        return [.. all];
    }

    private static partial class Log
    {
        [LoggerMessage(1100, LogLevel.Warning, "Rights cannot be read ({Reason}): those read before stay in force until they can")]
        public static partial void Later(ILogger logger, string reason);
    }
}
