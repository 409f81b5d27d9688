using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.Rules;

namespace Vms.Control.Events;

/// <summary>Writes events so that each has its effect once, however often it arrives (docs/design/reconciliation.md). One that goes on arrives again
/// with the same id and time when it has ended, and gets its end, with what is known better then. What rules have to do for them is stored in the same
/// transaction.</summary>
internal sealed class EventStore(NpgsqlDataSource database, EventCounts counts, RuleRun rules) : IDisposable
{
    /// <summary>One writer at a time: what is counted is what is stored.</summary>
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Counts what there is of the last day. Whoever writes waits for a quarter of an hour of it at most.</summary>
    /// <exception cref="NpgsqlException">As <see cref="EventCounts.LoadNextAsync"/>.</exception>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        for (var goesOn = true; goesOn;)
        {
            await _writing.WaitAsync(cancellationToken);
            try
            {
                goesOn = await counts.LoadNextAsync(cancellationToken);
            }
            finally
            {
                _writing.Release();
            }
        }
    }

    /// <summary>Inserts in one transaction. Returns the ones that were new or have a later end, as the API shows them.</summary>
    public async Task<IReadOnlyList<EventView>> AddAsync(IReadOnlyList<BusEvent> events, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var (stored, work) = await InsertAsync(events, cancellationToken);
            rules.Done(work);
            foreach (var (view, tenant, _) in stored.Where(s => s.IsNew))
                counts.Add(tenant, view.CameraId, view.SiteId, view.Type, view.At);
            return [.. stored.Select(s => s.View)];
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            counts.Forget();    // a commit whose answer was lost may have been one
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task<(List<StoredEvent> Stored, RuleWork Work)> InsertAsync(IReadOnlyList<BusEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await rules.RefreshAsync(connection, cancellationToken);
        var before = await ToldBeforeAsync(connection, [.. events.Where(e => e.EndAt is not null && rules.IsAbout(e.Type))], cancellationToken);
        await using var command = connection.Command($"""
            with added as (
                insert into control.event (id, at, end_at, type, camera_id, site_id, source, data, crop, tenant_id)
                select distinct on (n.id, n.at) n.id, n.at, n.end_at, n.type, n.camera_id,
                    case when c.tenant_id <> s.tenant_id then c.site_id else n.site_id end, n.source, n.data::jsonb, n.crop,
                    coalesce(c.tenant_id, s.tenant_id, 'default')
                from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
                    as n (id, at, end_at, type, camera_id, site_id, source, data, crop)
                    left join control.camera c on c.id = n.camera_id left join control.site s on s.id = n.site_id
                order by n.id, n.at, n.end_at desc nulls last
                on conflict (id, at) do update set end_at = excluded.end_at, data = event.data || excluded.data, crop = coalesce(excluded.crop, event.crop),
                    changes = event.changes + 1
                where excluded.end_at > coalesce(event.end_at, '-infinity')
                returning *)
            select {EventRow.Columns}, e.tenant_id, e.changes = 0 from {EventRow.From.Replace("control.event e", "added e", StringComparison.Ordinal)}
            order by e.at, e.id
            """,
            events.Select(e => e.Id).ToArray(), events.Select(e => e.At).ToArray(), events.Select(e => e.EndAt).ToArray(),
            events.Select(e => e.Type).ToArray(), events.Select(e => e.CameraId).ToArray(), events.Select(e => e.SiteId).ToArray(),
            events.Select(e => e.Source).ToArray(), events.Select(e => e.DataJson).ToArray(), events.Select(e => e.Crop).ToArray());
        var stored = await command.RowsAsync(
            r => new StoredEvent(EventRow.Read(r), r.GetString(EventRow.ColumnCount), r.GetBoolean(EventRow.ColumnCount + 1)), cancellationToken);
        var told = stored
            .Select(s => new ToldEvent(s.TenantId, s.View, before.TryGetValue((s.View.Id, s.View.At), out var data) ? EventRow.Before(s.View, data) : null))
            .Where((e, i) => stored[i].IsNew || e.Before is not null);
        var work = await rules.PrepareAsync(connection, transaction, [.. told], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (stored, work);
    }

    /// <summary>The data of those that are stored already: only an event that has an end now can be told again.</summary>
    private static async Task<Dictionary<(string Id, DateTimeOffset At), string>> ToldBeforeAsync(
        NpgsqlConnection connection, IReadOnlyList<BusEvent> events, CancellationToken cancellationToken)
    {
        var before = new Dictionary<(string, DateTimeOffset), string>();
        if (events.Count == 0)
            return before;
        // One look into the index of one month for each.
        await using var command = connection.Command("""
            select e.id, e.at, e.data from unnest($1::text[], $2::timestamptz[]) n (id, at)
            cross join lateral (select id, at, data - 'path' as data from control.event where id = n.id and at = n.at limit 1) e
            """, events.Select(e => e.Id).ToArray(), events.Select(e => e.At).ToArray());
        foreach (var (id, at, data) in await command.RowsAsync(r => (r.GetString(0), r.Time(1), r.GetString(2)), cancellationToken))
            before[(id, at)] = data;
        return before;
    }

    /// <param name="IsNew">Else one that was there has its end now.</param>
    private sealed record StoredEvent(EventView View, string TenantId, bool IsNew);
}
