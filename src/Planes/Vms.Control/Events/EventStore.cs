using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.Rules;
using Vms.Control.Outbox;

namespace Vms.Control.Events;

/// <summary>Writes events so that each has its effect once, however often it arrives (docs/design/reconciliation.md). One that goes on arrives again
/// with the same id and time when it has ended, and gets its end, with what is known better then. What rules have to do for them is stored in the same
/// transaction, and so is that the bus has to hear what control found out itself.</summary>
internal sealed class EventStore(NpgsqlDataSource database, EventCounts counts, RuleRun rules, Lazy<OutboxRunner> outbox) : IDisposable
{
    /// <summary>Of commits whose answer was lost, so many are remembered, the newest: the database goes once, and comes back.</summary>
    private const int MaxUnsure = 16;

    /// <summary>One writer at a time: what is counted is what is stored.</summary>
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Stored or not: the answer to their commit was lost, and nobody was told. Whether they are says the first of them that arrives again. Of the one that writes.</summary>
    private readonly List<Batch> _unsure = [];

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
        Batch? committing = null;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var batch = await InsertAsync(connection, transaction, events, cancellationToken);
            committing = batch;
            await transaction.CommitAsync(cancellationToken);
            committing = null;
            foreach (var (view, tenant, _) in batch.Stored.Where(s => s.IsNew))
                counts.Add(tenant, view.CameraId, view.SiteId, view.Type, view.At);
            List<Batch> done = [.. TakeCommitted(events, batch), batch];
            foreach (var each in done)
                rules.Done(each.Work);
            if (events.Any(e => e.IsUnsent))
                outbox.Value.Changed();
            return [.. done.SelectMany(b => b.Stored).Select(s => s.View)];
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (committing is { Stored.Count: > 0 })
            {
                // What a person asked for does not arrive again: its place is wanted for what does.
                if (_unsure.Count == MaxUnsure)
                    _unsure.RemoveAt(0);
                _unsure.Add(committing);
            }

            counts.Forget();    // a commit whose answer was lost may have been one
            rules.Forget();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>Of those that nobody is sure of, the ones that were committed after all: what of them arrived again was there.</summary>
    private List<Batch> TakeCommitted(IReadOnlyList<BusEvent> events, Batch batch)
    {
        var committed = new List<Batch>();
        foreach (var unsure in _unsure.ToArray())
        {
            if (unsure.Stored.OrderByDescending(s => s.IsNew).FirstOrDefault(s => events.Any(e => e.Id == s.View.Id && e.At == s.View.At)) is not { } known)
                continue;
            _unsure.Remove(unsure);
            if (!batch.Stored.Any(s => s.View.Id == known.View.Id && s.View.At == known.View.At && s.IsNew == known.IsNew))
                committed.Add(unsure);
        }

        return committed;
    }

    private async Task<Batch> InsertAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<BusEvent> events, CancellationToken cancellationToken)
    {
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
        var unsent = events.Where(e => e.IsUnsent).Select(e => (e.Id, e.At)).ToHashSet();
        await OutboxTable.AddAsync(
            connection, transaction, [.. stored.Where(s => unsent.Contains((s.View.Id, s.View.At))).Select(s => BusChannel.ItemOf(s.TenantId, s.View))], cancellationToken);
        return new Batch(stored, work);
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

    /// <param name="Stored">In one transaction.</param>
    /// <param name="Work">Of the rules, because of the new ones.</param>
    private sealed record Batch(List<StoredEvent> Stored, RuleWork Work);

    /// <param name="IsNew">Else one that was there has its end now.</param>
    private sealed record StoredEvent(EventView View, string TenantId, bool IsNew);
}
