using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Features.KeptFootage;

/// <summary>Rows of <c>control.kept_range</c>: changed in the transaction of the bookmark, clip or hold they stand for, with a new generation
/// of the list. The recorder gets it by reconciliation.</summary>
internal static class KeptRangeRows
{
    /// <summary>What the recorder takes.</summary>
    public const int MaxRanges = 20_000;

    /// <summary>The rest is for holds and clips: there is always room for a hold, however much is bookmarked.</summary>
    private const int MaxBookmarks = 15_000;

    /// <summary>Kept before and after a bookmark that marks a moment.</summary>
    private static readonly TimeSpan s_aroundMoment = TimeSpan.FromSeconds(30);

    /// <returns>Null, or why it cannot be: nothing may be committed then.</returns>
    public static async Task<ProblemHttpResult?> AddAsync(
        NpgsqlConnection connection, string tenantId, Guid id, string kind, string[] cameraIds, DateTimeOffset from, DateTimeOffset to, string name,
        CancellationToken cancellationToken)
    {
        await using var unknown = connection.Command(
            "select i from unnest($1::text[]) i where not exists (select 1 from control.camera where id = i) limit 1", (object)cameraIds);
        if (await unknown.ExecuteScalarAsync(cancellationToken) is string missing)
            return Problems.Fields(KeptRules.UnknownCamera(missing));

        // Before what is counted: the row's lock makes one after the other of all who add, so that the count is right.
        await MoveOnAsync(connection, cancellationToken);
        if (from == to)
            (from, to) = (from - s_aroundMoment, to + s_aroundMoment);
        await connection.ExecuteAsync($"""
            insert into control.kept_range (id, camera_id, kind, from_time, to_time, name, until_time, generation)
            select $1, c.id, $2, $3, $4, $5, case when $2 = 'bookmark' then {UntilOf("$4")} end, (select generation from control.kept_generation)
            from control.camera c where c.id = any($6)
            """, [id, kind, from, to, name, cameraIds], cancellationToken);
        return await TooManyAsync(connection, tenantId, id, kind, cancellationToken);
    }

    public static async Task RenameAsync(NpgsqlConnection connection, Guid id, string name, CancellationToken cancellationToken)
    {
        await MoveOnAsync(connection, cancellationToken);
        await connection.ExecuteAsync("update control.kept_range set name = $2 where id = $1", [id, name], cancellationToken);
    }

    /// <summary>Lets go of what a bookmark, a clip or a hold keeps, and puts down who did.</summary>
    /// <param name="end">SQL that ends it: $1 is its id, the others are <paramref name="arguments"/>; returns its name.</param>
    /// <param name="action">For the audit.</param>
    /// <param name="nameIs">What the audit calls the name.</param>
    /// <param name="check">Asked first, in the same transaction; what it refuses with is answered.</param>
    /// <returns>False when there is none, or it has ended already; and why it may not end.</returns>
    public static async Task<(bool Ended, ProblemHttpResult? Refusal)> LetGoAsync(
        NpgsqlDataSource database, Guid id, string end, object?[] arguments, string action, string nameIs, Actor actor, DateTimeOffset now,
        CancellationToken cancellationToken, Func<NpgsqlConnection, Task<ProblemHttpResult?>>? check = null)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (check is not null && await check(connection) is { } refusal)
            return (false, refusal);
        await using var command = connection.Command(end, [id, .. arguments]);
        if (await command.ExecuteScalarAsync(cancellationToken) is not string name)
            return (false, null);
        await MoveOnAsync(connection, cancellationToken);
        await connection.ExecuteAsync("delete from control.kept_range where id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, action, id.ToString(), new Dictionary<string, string> { [nameIs] = name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (true, null);
    }

    /// <summary>A camera's bookmarks keep for another number of days now; more days bring back some that were over.</summary>
    /// <returns>Null, or why it cannot be: nothing may be committed then.</returns>
    public static async Task<ProblemHttpResult?> ChangeBookmarkDaysAsync(NpgsqlConnection connection, string tenantId, string cameraId, CancellationToken cancellationToken)
    {
        await MoveOnAsync(connection, cancellationToken);
        await connection.ExecuteAsync($"""
            update control.kept_range k set until_time = {UntilOf("k.to_time")} from control.camera c
            where c.id = k.camera_id and k.camera_id = $1 and k.kind = 'bookmark'
            """, [cameraId], cancellationToken);
        return await TooManyAsync(connection, tenantId, null, "bookmark", cancellationToken);
    }

    /// <summary>Each tenant has the same share of what the recorder takes: none can use up the others'.</summary>
    /// <param name="added">What was added a moment ago, whose own row is not there yet; null: nothing was.</param>
    private static async Task<ProblemHttpResult?> TooManyAsync(
        NpgsqlConnection connection, string tenantId, Guid? added, string kind, CancellationToken cancellationToken)
    {
        await using var count = connection.Command("""
            select count(*), count(*) filter (where own), count(*) filter (where own and kind = 'bookmark'), (select count(*) from control.tenant)
            from (
                select k.kind, k.id = $2 or coalesce(b.tenant_id, c.tenant_id, h.tenant_id) = $1 as own
                from control.kept_range k
                left join control.bookmark b on b.id = k.id left join control.clip c on c.id = k.id left join control.hold h on h.id = k.id
                where k.until_time is null or k.until_time > now()) r
            """, tenantId, added);
        var (all, own, bookmarks, tenants) = (await count.RowsAsync(r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), cancellationToken))[0];
        var (maxRanges, maxBookmarks) = (MaxRanges / tenants, MaxBookmarks / tenants);
        // All together: a tenant may have had more before there was another.
        return all > MaxRanges || own > maxRanges || (kind == "bookmark" && bookmarks > maxBookmarks)
            ? Problems.Of(StatusCodes.Status409Conflict, "tooManyKeptRanges", "Too much is kept already",
                $"Your bookmarks, clips and holds may keep {maxRanges} ranges of cameras together, bookmarks {maxBookmarks} of them. Delete some that nobody needs.")
            : null;
    }

    private static Task<int> MoveOnAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("update control.kept_generation set generation = generation + 1, list_id = gen_random_uuid()::text", [], cancellationToken);

    private static string UntilOf(string end) =>
        $"{end} + coalesce((c.recording->'retention'->>'bookmarkDays')::float8, {RetentionSettings.DefaultBookmarkDays}) * interval '1 day'";
}
