using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>What a create answered: its status, the headers that belong to it, its body.</summary>
internal sealed record StoredAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A key is taken already.</summary>
/// <param name="Hash">Of the request that it came with first.</param>
/// <param name="Answer">Null while the first request goes on, or when it was cut off.</param>
internal sealed record TakenKey(byte[] Hash, StoredAnswer? Answer);

/// <summary>What an account had done before a request of its own, so that it can be seen whether it has done anything since.</summary>
/// <param name="LastAudited">The audit log's last entry at that time.</param>
internal sealed record DoneBefore(string TenantId, string Actor, long LastAudited);

/// <summary>Keys and answers in the database, per account, for a day. Any thread.</summary>
internal sealed class IdempotencyStore(NpgsqlDataSource database, NodeKey nodeKey, TimeProvider time)
{
    /// <summary>So long a client may come back and ask again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromMinutes(10);

    private long _sweptAt;

    /// <returns>Null: the key is the caller's now, to be answered or let go.</returns>
    public async Task<TakenKey?> TakeAsync(Guid account, string key, byte[] hash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await SweepAsync(now, cancellationToken);
        while (true)
        {
            var taken = await database.ExecuteAsync("""
                insert into control.idempotent_answer as a (account_id, key, request_hash, created_at) values ($1, $2, $3, $4)
                on conflict (account_id, key) do update
                set request_hash = excluded.request_hash, created_at = excluded.created_at, status = null, headers = null, body_sealed = null
                where a.created_at <= $5
                """, [account, key, hash, now, now - Lifetime], cancellationToken);
            if (taken == 1)
                return null;
            await using var command = database.Command(
                "select request_hash, status, headers, body_sealed from control.idempotent_answer where account_id = $1 and key = $2", account, key);
            if (await command.FirstAsync(Read, cancellationToken) is { } found)
                return found;   // else it was let go in between: it is free
        }
    }

    /// <summary>Before a create. Each notes itself in the audit log, in its own transaction.</summary>
    public async Task<DoneBefore> DoneBeforeAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select coalesce(max(id), 0) from control.audit");
        return (await command.FirstAsync(row => new DoneBefore(actor.TenantId, actor.Name, row.GetInt64(0)), cancellationToken))!;
    }

    /// <summary>Gives an unanswered key to another request, if the account has done nothing since the first.</summary>
    /// <returns>False: it may have.</returns>
    public async Task<bool> TakeOverAsync(Guid account, string key, byte[] hash, DoneBefore before, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("""
            update control.idempotent_answer set request_hash = $3, created_at = $4
            where account_id = $1 and key = $2 and status is null
              and not exists (select from control.audit where tenant_id = $5 and actor = $6 and id > $7)
            """, [account, key, hash, time.GetUtcNow(), before.TenantId, before.Actor, before.LastAudited], cancellationToken) == 1;

    public Task AnswerAsync(Guid account, string key, StoredAnswer answer, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "update control.idempotent_answer set status = $3, headers = $4::jsonb, body_sealed = $5 where account_id = $1 and key = $2",
            [account, key, answer.Status, JsonSerializer.Serialize(answer.Headers), Convert.ToBase64String(nodeKey.Protect(answer.Body))], cancellationToken);

    /// <summary>Nothing was made: the key may be used again, with whatever body.</summary>
    public Task LetGoAsync(Guid account, string key, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from control.idempotent_answer where account_id = $1 and key = $2 and status is null", [account, key], cancellationToken);

    private async Task SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = Interlocked.Read(ref _sweptAt);
        if (now.UtcTicks - last < s_sweepEvery.Ticks || Interlocked.CompareExchange(ref _sweptAt, now.UtcTicks, last) != last)
            return;
        await database.ExecuteAsync("delete from control.idempotent_answer where created_at <= $1", [now - Lifetime], cancellationToken);
    }

    private TakenKey Read(NpgsqlDataReader row) => new(
        row.GetFieldValue<byte[]>(0),
        row.IsDBNull(1)
            ? null
            : new StoredAnswer(
                row.GetInt32(1), JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(2))!,
                nodeKey.Unprotect(Convert.FromBase64String(row.GetString(3)))));
}
