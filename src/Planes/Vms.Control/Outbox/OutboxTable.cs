using System.Text;
using Npgsql;

namespace Vms.Control.Outbox;

/// <summary>Puts items into <c>control.outbox</c>, in the transaction of what they tell about: neither is there without the other.</summary>
internal static class OutboxTable
{
    /// <summary>Of one item: an event with a picture of it.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>They are due after the commit. One that is there already, delivered or not, is not put there again. Call
    /// <see cref="OutboxRunner.Changed"/> after the commit; otherwise they are found a second later.</summary>
    /// <exception cref="ArgumentException">A body is too large.</exception>
    public static async Task AddAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<OutboxItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return;
        var bodies = items.Select(i => i.Body.GetRawText()).ToArray();
        if (bodies.FirstOrDefault(b => Encoding.UTF8.GetByteCount(b) > MaxBodyBytes) is { } large)
            throw new ArgumentException($"an item of {large.Length} characters is too large for the outbox, which takes {MaxBodyBytes} bytes", nameof(items));
        await using var command = new NpgsqlCommand("""
            insert into control.outbox (tenant_id, channel, target, event_id, event_at, rule_id, body)
            select n.tenant_id, n.channel, n.target, n.event_id, n.event_at, n.rule_id, n.body::jsonb
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])
                with ordinality as n (tenant_id, channel, target, event_id, event_at, rule_id, body, place)
            order by n.place
            on conflict (channel, target, event_id, event_at, rule_id) do nothing
            """, connection, transaction);
        foreach (var values in (object[])
        [
            items.Select(i => i.TenantId).ToArray(), items.Select(i => i.Channel).ToArray(), items.Select(i => i.Target).ToArray(),
            items.Select(i => i.EventId).ToArray(), items.Select(i => i.EventAt.ToUniversalTime()).ToArray(), items.Select(i => i.RuleId ?? "").ToArray(), bodies,
        ])
            command.Parameters.Add(new NpgsqlParameter { Value = values });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
