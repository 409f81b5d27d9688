using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Outbox;

/// <summary>Keeps the outbox within its ceilings.</summary>
internal static class OutboxPruning
{
    public static async Task RunAsync(NpgsqlDataSource database, OutboxOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            "delete from control.outbox where (state = 'delivered' and finished_at < $1) or (state = 'dead' and finished_at < $2)",
            [now - options.DeliveredKept, now - options.DeadKept], cancellationToken);
        await database.ExecuteAsync("""
            update control.outbox o set state = 'dead', finished_at = $2, last_error = 'Too much waited for the same target'
            from (select seq, row_number() over (partition by channel, target order by seq desc) as place from control.outbox where state = 'waiting') n
            where o.seq = n.seq and n.place > $1 and o.lease_owner is null
            """, [options.MaxWaitingPerTarget, now], cancellationToken);
        await database.ExecuteAsync("""
            delete from control.outbox o
            using (select seq, row_number() over (partition by tenant_id order by seq desc) as place from control.outbox where state = 'dead') n
            where o.seq = n.seq and n.place > $1
            """, [options.MaxDeadPerTenant], cancellationToken);
    }

    /// <summary>How many wait and are dead, by channel and state.</summary>
    public static async Task<IReadOnlyList<(string Channel, string State, long Count)>> CountAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select channel, state, count(*) from control.outbox where state <> 'delivered' group by 1, 2");
        return await command.RowsAsync(r => (r.GetString(0), r.GetString(1), r.GetInt64(2)), cancellationToken);
    }
}
