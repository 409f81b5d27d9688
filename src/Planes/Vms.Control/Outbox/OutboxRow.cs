using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Outbox;

/// <summary>A row of <c>control.outbox</c> that was claimed for a delivery.</summary>
/// <param name="Attempts">This one among them.</param>
internal sealed record OutboxRow(long Seq, int Attempts, DateTimeOffset CreatedAt, OutboxItem Item)
{
    private const string Columns = "o.seq, o.attempts, o.created_at, o.tenant_id, o.channel, o.target, o.event_id, o.event_at, o.rule_id, o.body";

    /// <summary>Takes the oldest row of the channel that is due and is nobody's.</summary>
    /// <param name="except">Targets that are not to be spoken to now.</param>
    /// <param name="inOrder">None that another one for the same target waits before.</param>
    public static async Task<OutboxRow?> ClaimAsync(
        NpgsqlDataSource database, string channel, string[] except, bool inOrder, Guid owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            update control.outbox o set lease_owner = $1, lease_until = $2, attempts = attempts + 1
            where o.seq = (
                select seq from control.outbox n
                where channel = $4 and state = 'waiting' and due_at <= $3 and (lease_until is null or lease_until <= $3) and target <> all($5)
                  and not ($6 and exists (select 1 from control.outbox b where b.channel = n.channel and b.target = n.target and b.state = 'waiting' and b.seq < n.seq))
                order by due_at, seq limit 1 for update skip locked)
            returning {Columns}
            """, owner, now + lease, now, channel, except, inOrder);
        return await command.FirstAsync(Read, cancellationToken);
    }

    private static OutboxRow Read(NpgsqlDataReader row)
    {
        using var body = JsonDocument.Parse(row.GetString(9));
        return new OutboxRow(
            row.GetInt64(0), row.GetInt32(1), row.Time(2),
            new OutboxItem(
                row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.Time(7), row.GetString(8) is { Length: > 0 } rule ? rule : null,
                body.RootElement.Clone()));
    }

    /// <summary>It has arrived. Stays for a while without its body, so that the same item is not sent again.</summary>
    public Task<int> DeliveredAsync(NpgsqlDataSource database, Guid owner, DateTimeOffset now, CancellationToken cancellationToken) => database.ExecuteAsync("""
        update control.outbox set state = 'delivered', body = '{}', lease_owner = null, lease_until = null, last_error = null, finished_at = $3
        where seq = $1 and lease_owner = $2 and state = 'waiting'
        """, [Seq, owner, now], cancellationToken);

    public Task<int> PostponeAsync(NpgsqlDataSource database, Guid owner, DateTimeOffset until, string error, CancellationToken cancellationToken) => database.ExecuteAsync("""
        update control.outbox set lease_owner = null, lease_until = null, due_at = $3, last_error = $4
        where seq = $1 and lease_owner = $2 and state = 'waiting'
        """, [Seq, owner, until, error], cancellationToken);

    public Task<int> BuryAsync(NpgsqlDataSource database, Guid owner, DateTimeOffset now, string error, CancellationToken cancellationToken) => database.ExecuteAsync("""
        update control.outbox set state = 'dead', lease_owner = null, lease_until = null, last_error = $4, finished_at = $3
        where seq = $1 and lease_owner = $2 and state = 'waiting'
        """, [Seq, owner, now, error], cancellationToken);

    /// <summary>It was not tried after all.</summary>
    public Task<int> ReleaseAsync(NpgsqlDataSource database, Guid owner, CancellationToken cancellationToken) => database.ExecuteAsync("""
        update control.outbox set lease_owner = null, lease_until = null, attempts = greatest(attempts - 1, 0)
        where seq = $1 and lease_owner = $2 and state = 'waiting'
        """, [Seq, owner], cancellationToken);
}
