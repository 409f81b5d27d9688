using Npgsql;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pools;

/// <summary>What the index has in one pool: the SQL of moves that somebody asked for.</summary>
internal sealed class PoolContents(NpgsqlDataSource database, ArchiveLayout layout)
{
    private const int PageSize = 200;

    private const int TimeoutSeconds = 60;

    // Paths in the main pool have no name in front.
    private const string Wished = """
        from recorder.segment
        where closed and case when $1 = '' then position(':' in path) = 0 else starts_with(path, $1 || ':') end
            and ($2 = '' or camera_id = $2) and start_time < $4 and end_time > $3
        """;

    /// <exception cref="NpgsqlException">The database is away; likewise <see cref="TimeoutException"/>.</exception>
    public async Task<MoveMeasure> MeasureAsync(MoveWish wish, CancellationToken cancellationToken)
    {
        await using var command = Command("select count(*), coalesce(sum(bytes), 0)::bigint, min(end_time) " + Wished, wish);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new MoveMeasure(reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2));
    }

    /// <summary>Some of it, oldest first.</summary>
    /// <param name="after">The last one of the page before; null: from the beginning.</param>
    /// <exception cref="NpgsqlException">As above.</exception>
    public async Task<List<PlacedSegment>> PageAsync(MoveWish wish, PlacedSegment? after, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"select id, camera_id, start_time, end_time, path, bytes {Wished} and (start_time, id) > ($5, $6) order by start_time, id limit $7", wish);
        command.Parameters.AddWithValue(after?.Start ?? DateTimeOffset.UnixEpoch);
        command.Parameters.AddWithValue(after?.Id ?? Guid.Empty);
        command.Parameters.AddWithValue(PageSize);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<PlacedSegment>();
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(new PlacedSegment(
                reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3),
                layout.Absolute(reader.GetString(4)), reader.GetInt64(5)));
        }

        return page;
    }

    private NpgsqlCommand Command(string sql, MoveWish wish)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.AddWithValue(wish.From.Home.IsMain ? "" : wish.From.Name);
        command.Parameters.AddWithValue(wish.CameraId ?? "");
        command.Parameters.AddWithValue(wish.Begin);
        command.Parameters.AddWithValue(wish.End);
        return command;
    }
}
