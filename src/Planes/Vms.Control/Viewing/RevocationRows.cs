using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Viewing;

/// <summary>The table <c>control.revocation</c>.</summary>
internal static class RevocationRows
{
    /// <summary>The longest life of a ticket, and some time for clocks that do not agree.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(25);

    /// <summary>Named by all of them together: some 35 MB at a plane, which takes 64.</summary>
    public const int MaxCameras = 500_000;

    private const string Columns = "generation, account_id, sign_in_id, cameras, rights, not_before, created_at, id::text";

    public static async Task AddAsync(
        NpgsqlConnection connection, Guid? accountId, Guid? signInId, IReadOnlyList<string>? cameraIds, ViewingRight rights, DateTimeOffset notBefore, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(
            "insert into control.revocation (account_id, sign_in_id, cameras, rights, not_before, created_at) values ($1::uuid, $2::uuid, $3::text[], $4, $5, $6)",
            [accountId, signInId, cameraIds?.ToArray(), (int)rights, notBefore, now], cancellationToken);

    /// <summary>Forgets what nobody can use any more, and keeps the rest below the ceiling: the account with the most gets one that takes all of its rights, as
    /// often as it needs; when every account has one alone, everybody's are taken. Whoever may still view comes back with a new ticket.</summary>
    /// <returns>How many accounts that was; null: everybody.</returns>
    public static async Task<int?> TidyAsync(NpgsqlConnection connection, int max, DateTimeOffset notBefore, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The newest stays, whatever its age: by it control and planes know that they speak of the same list.
        await connection.ExecuteAsync(
            "delete from control.revocation where created_at < $1 and generation < (select max(generation) from control.revocation)", [now - KeptFor], cancellationToken);
        for (int coarser = 0; ; coarser++)
        {
            await using var count = connection.Command("select count(*)::int, coalesce(sum(cardinality(cameras)), 0)::bigint from control.revocation");
            var (rows, cameras) = (await count.RowsAsync(r => (r.GetInt32(0), r.GetInt64(1)), cancellationToken))[0];
            if (rows <= max && cameras <= MaxCameras)
                return coarser;
            string much = rows > max ? "having count(*) > 1 order by count(*)" : "having sum(cardinality(cameras)) > 0 order by sum(cardinality(cameras))";
            await using var most = connection.Command(
                $"select account_id from control.revocation where account_id is not null group by account_id {much} desc limit 1");
            var account = await most.ExecuteScalarAsync(cancellationToken) as Guid?;
            await connection.ExecuteAsync("delete from control.revocation where $1::uuid is null or account_id = $1", [account], cancellationToken);
            await AddAsync(connection, account, null, null, ViewingRight.All, notBefore, now, cancellationToken);
            if (account is null)
                return null;
        }
    }

    /// <summary>What a plane that knows this one lacks: what came after it, or all where it is not one of ours.</summary>
    /// <returns>Null: nothing.</returns>
    public static async Task<RevocationList?> NewerThanAsync(NpgsqlDataSource database, RevocationMark known, bool whole, CancellationToken cancellationToken)
    {
        await using var last = database.Command("select generation, id::text from control.revocation order by generation desc limit 1");
        if (!whole && (await last.FirstAsync(r => new RevocationMark(r.GetInt64(0), r.GetString(1)), cancellationToken) ?? RevocationMark.None) == known)
            return null;
        await using var command = database.Command($"select {Columns} from control.revocation order by generation");
        var rows = await command.RowsAsync(Row, cancellationToken);
        var newest = rows.Count == 0 ? RevocationMark.None : rows[^1].Mark;
        bool isOurs = !whole && (known == RevocationMark.None || rows.Exists(r => r.Mark == known));
        return new RevocationList(!isOurs, newest, [.. rows.Where(r => !isOurs || r.Mark.Generation > known.Generation).Select(r => r.Revocation)]);
    }

    private static (RevocationMark Mark, Revocation Revocation) Row(NpgsqlDataReader row) => (
        new RevocationMark(row.GetInt64(0), row.GetString(7)),
        new Revocation(
            row.GetInt64(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : row.GetFieldValue<string[]>(3),
            (ViewingRight)row.GetInt32(4), row.Time(5), row.Time(6) + KeptFor));
}
