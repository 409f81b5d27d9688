using Npgsql;
using NpgsqlTypes;
using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>The SQL of the archive's tables. See Migrations/0001_archive.sql.</summary>
internal sealed class IndexTables(NpgsqlDataSource database, ArchiveLayout layout)
{
    /// <summary>No segment is expected to last longer; one that does (a camera that never sends a second keyframe) is still
    /// found as the last one that started before the range.</summary>
    private static readonly TimeSpan s_longestSegment = TimeSpan.FromHours(6);

    // A tombstone of a file that was merely not there keeps nothing away: the file may come back. Nor does one of a deletion that failed.
    private const string UpsertSegment = """
        insert into recorder.segment as s (id, camera_id, stream, epoch, first_sequence, last_sequence, start_time, end_time, path,
            bytes, init_bytes, tracks, closed, version, class)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
        where not exists (select from recorder.deletion d where d.segment_id = $1 and d.reason not in ('missing', 'kept'))
        on conflict (id) do update set last_sequence = excluded.last_sequence, end_time = excluded.end_time, path = excluded.path,
            bytes = excluded.bytes, closed = excluded.closed, version = excluded.version, class = excluded.class
        where s.version < excluded.version
        """;

    // Only for the version of the segment that is in the table: an older table must not replace a newer one.
    private const string UpsertGops = """
        insert into recorder.segment_gops (segment_id, gops)
        select s.id, $3 from recorder.segment s where s.id = $1 and s.version = $2
        on conflict (segment_id) do update set gops = excluded.gops
        """;

    // What was missing, came back and is deleted for good then: the last word counts. So it does for a deletion that failed.
    private const string InsertDeletion = """
        insert into recorder.deletion (segment_id, camera_id, stream, start_time, path, bytes, reason, deleted_at, version, rule, deleted_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (segment_id) do update set reason = excluded.reason, deleted_at = excluded.deleted_at, rule = excluded.rule,
            deleted_by = excluded.deleted_by
        where recorder.deletion.reason in ('missing', 'kept') or excluded.reason = 'kept'
        """;

    private const string UpsertGap = """
        insert into recorder.gap as g (id, camera_id, stream, from_time, to_time, cause, version)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (id) do update set to_time = excluded.to_time, cause = excluded.cause, version = excluded.version
        where g.version < excluded.version
        """;

    private const string SegmentColumns =
        "s.id, s.start_time, s.end_time, s.path, s.init_bytes, s.tracks, s.epoch, s.first_sequence, s.last_sequence, s.bytes, s.closed, s.version, s.class";

    private const string SegmentsInRange = """
        from (
            select id from recorder.segment
            where camera_id = $1 and stream = $2 and start_time >= $3 - $5 and start_time < $4 and end_time > $3
            union
            (select id from recorder.segment
             where camera_id = $1 and stream = $2 and start_time < $3 order by start_time desc limit 1)
        ) hit join recorder.segment s on s.id = hit.id
        """;

    // Segments of a stream in order of time, of which those that follow each other become one: as far as no gap can lie between them. Reads
    // nothing but segment_by_time, in its order.
    private const string JoinedSpans = """
        select min(start_time), max(end_time), min(class), null::uuid from (
            select start_time, end_time, class, count(*) filter (where apart) over (order by start_time) as island from (
                select start_time, end_time, class,
                    start_time > lag(end_time) over w + interval '5 milliseconds' or class <> lag(class) over w as apart
                from recorder.segment
                where camera_id = $1 and stream = $2 and start_time >= $3 - $5 and start_time < $4 and end_time > $3 and id <> all($6)
                window w as (order by start_time)) spans) islands
        group by island order by 1
        """;

    private const string SpansApart = """
        select start_time, end_time, class, id from recorder.segment
        where camera_id = $1 and stream = $2 and start_time >= $3 - $5 and start_time < $4 and end_time > $3 and id <> all($6)
        order by start_time
        """;

    // One that lasts longer than any should began before that.
    private const string SpanBefore = """
        select start_time, end_time, class, id from (
            select start_time, end_time, class, id from recorder.segment
            where camera_id = $1 and stream = $2 and start_time < $3 order by start_time desc limit 1) last
        where start_time < $3 - $4 and end_time > $3 and id <> all($5)
        """;

    private volatile bool _isAway;

    /// <summary>The applier's last exchange with the database failed: it is no use to ask.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>Applies entries in order, in one transaction.</summary>
    public async Task ApplyAsync(IReadOnlyList<IndexEntry> entries, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var entry in entries)
        {
            Add(batch, entry);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<List<SegmentRow>> FindAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, bool withGops, CancellationToken cancellationToken)
    {
        string sql = withGops
            ? $"select {SegmentColumns}, g.gops {SegmentsInRange} left join recorder.segment_gops g on g.segment_id = s.id where s.end_time > $3"
            : $"select {SegmentColumns} {SegmentsInRange} where s.end_time > $3";
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(cameraId);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
        command.Parameters.AddWithValue(s_longestSegment);
        return await ReadSegmentsAsync(command, cameraId, stream, withGops, cancellationToken);
    }

    /// <summary>What is recorded in a range, in order of time.</summary>
    /// <param name="without">Segments that somebody else answers for.</param>
    /// <param name="apart">Each segment with its id; otherwise those that follow each other are one span.</param>
    public async Task<List<RecordedSpan>> SpansAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, Guid[] without, bool apart, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        Add(batch, SpanBefore, cameraId, stream, from, s_longestSegment, without);
        Add(batch, apart ? SpansApart : JoinedSpans, cameraId, stream, from, to, s_longestSegment, without);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var spans = new List<RecordedSpan>();
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                spans.Add(new RecordedSpan(
                    reader.IsDBNull(3) ? default : reader.GetGuid(3),
                    reader.GetFieldValue<DateTimeOffset>(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    (RecordingClass)reader.GetInt16(2)));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return spans;
    }

    /// <summary>One segment with its fragment table; null when it is not in the index.</summary>
    public async Task<SegmentRow?> FindAsync(Guid segmentId, string cameraId, string stream, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select {SegmentColumns}, g.gops from recorder.segment s left join recorder.segment_gops g on g.segment_id = s.id where s.id = $1");
        command.Parameters.AddWithValue(segmentId);
        return (await ReadSegmentsAsync(command, cameraId, stream, withGops: true, cancellationToken)).FirstOrDefault();
    }

    public async Task<List<GapRow>> GapsAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select id, from_time, to_time, cause, version from recorder.gap
            where camera_id = $1 and stream = $2 and to_time > $3 and from_time < $4
            """);
        command.Parameters.AddWithValue(cameraId);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var gaps = new List<GapRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            gaps.Add(new GapRow(
                reader.GetGuid(0),
                cameraId,
                stream,
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                Enum.TryParse<GapCause>(reader.GetString(3), out var cause) ? cause : GapCause.None,
                Open: false,
                reader.GetInt32(4)));
        }

        return gaps;
    }

    /// <summary>Every segment of a stream that the table holds, for comparison with the files.</summary>
    public async Task<List<IndexedSegment>> AllAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select id, start_time, end_time, path, init_bytes, bytes, closed, version from recorder.segment where camera_id = $1 and stream = $2");
        command.CommandTimeout = 60;
        command.Parameters.AddWithValue(cameraId);
        command.Parameters.AddWithValue(stream);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<IndexedSegment>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new IndexedSegment(
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetString(3),
                reader.GetInt32(4),
                reader.GetInt64(5),
                reader.GetBoolean(6),
                reader.GetInt32(7)));
        }

        return found;
    }

    /// <summary>A segment's fragment table; null when the segment, or its table, is not in the index.</summary>
    public async Task<byte[]?> GopsAsync(Guid segmentId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select gops from recorder.segment_gops where segment_id = $1");
        command.Parameters.AddWithValue(segmentId);
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Is this segment in the table?</summary>
    public async Task<bool> HasAsync(Guid segmentId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select 1 from recorder.segment where id = $1");
        command.Parameters.AddWithValue(segmentId);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Streams that have segments in the table.</summary>
    public async Task<List<(string CameraId, string Stream)>> StreamsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select distinct camera_id, stream from recorder.segment");
        command.CommandTimeout = 60;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string CameraId, string Stream)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }

    /// <summary>Ids of a stream's segments that somebody decided to delete; a file that was merely missing is none of them.</summary>
    public async Task<Dictionary<Guid, DateTimeOffset>> DeletedAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select segment_id, deleted_at from recorder.deletion where camera_id = $1 and stream = $2 and reason not in ('missing', 'kept')");
        command.Parameters.AddWithValue(cameraId);
        command.Parameters.AddWithValue(stream);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deleted = new Dictionary<Guid, DateTimeOffset>();
        while (await reader.ReadAsync(cancellationToken))
        {
            deleted[reader.GetGuid(0)] = reader.GetFieldValue<DateTimeOffset>(1);
        }

        return deleted;
    }

    /// <summary>Where segments of a stream began that somebody decided to delete, as far back as tombstones go.</summary>
    public async Task<List<DateTimeOffset>> DeletedStartsAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select start_time from recorder.deletion
            where camera_id = $1 and stream = $2 and start_time >= $3 and start_time < $4 and reason not in ('missing', 'kept')
            """);
        command.Parameters.AddWithValue(cameraId);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var starts = new List<DateTimeOffset>();
        while (await reader.ReadAsync(cancellationToken))
        {
            starts.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        return starts;
    }

    /// <summary>Forgets tombstones older than any journal that could still be applied, and gaps from before anything that is kept.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var deletions = database.CreateCommand("delete from recorder.deletion where deleted_at < $1");
        deletions.Parameters.AddWithValue(before);
        await deletions.ExecuteNonQueryAsync(cancellationToken);

        await using var gaps = database.CreateCommand("""
            delete from recorder.gap g where g.to_time < $1 and not exists (
                select from recorder.segment s where s.camera_id = g.camera_id and s.stream = g.stream and s.start_time < g.to_time)
            """);
        gaps.CommandTimeout = 60;
        gaps.Parameters.AddWithValue(before);
        await gaps.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Does the database answer?</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>0 when there is no such gap.</summary>
    public async Task<int> GapVersionAsync(Guid gapId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select version from recorder.gap where id = $1");
        command.Parameters.AddWithValue(gapId);
        return (int?)await command.ExecuteScalarAsync(cancellationToken) ?? 0;
    }

    /// <summary>Drops pooled connections: those to a server that has been restarted all fail once.</summary>
    public void Reconnect() => database.Clear();

    private async Task<List<SegmentRow>> ReadSegmentsAsync(
        NpgsqlCommand command, string cameraId, string stream, bool withGops, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SegmentRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new SegmentRow(
                reader.GetGuid(0),
                cameraId,
                stream,
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                layout.Absolute(reader.GetString(3)),
                reader.GetInt32(4),
                withGops && !reader.IsDBNull(13) ? reader.GetFieldValue<byte[]>(13) : default(ReadOnlyMemory<byte>),
                TrackTable.FromBytes(reader.GetFieldValue<byte[]>(5)),
                unchecked((ulong)reader.GetInt64(6)),
                reader.GetInt64(7),
                reader.GetInt64(8),
                reader.GetInt64(9),
                reader.GetBoolean(10),
                (RecordingClass)reader.GetInt16(12),
                reader.GetInt32(11)));
        }

        return rows;
    }

    private void Add(NpgsqlBatch batch, IndexEntry entry)
    {
        switch (entry)
        {
            case SegmentPut { Segment: var s }:
                Add(
                    batch, UpsertSegment, s.Id, s.CameraId, s.Stream, unchecked((long)s.Epoch), s.FirstSequence, s.LastSequence, s.From, s.To,
                    layout.Relative(s.Path), s.Bytes, s.InitBytes, TrackTable.ToBytes(s.Tracks), s.Closed, s.Version, (short)s.Class);
                if (!s.Gops.IsEmpty)
                {
                    Add(batch, UpsertGops, s.Id, s.Version, s.Gops.ToArray());
                }

                break;
            case SegmentDeleted { Deleted: var d }:
                Add(batch, InsertDeletion, d.Id, d.CameraId, d.Stream, d.From, d.Path, d.Bytes, d.Reason, d.At, d.Version, d.Rule, d.By);
                Add(batch, "delete from recorder.segment_gops where segment_id = $1", d.Id);
                Add(batch, "delete from recorder.segment where id = $1", d.Id);
                break;
            case GapPut { Gap: var g }:
                Add(batch, UpsertGap, g.Id, g.CameraId, g.Stream, g.From, g.To, g.Cause.ToString(), g.Version);
                break;
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object value in values)
        {
            command.Parameters.Add(value switch
            {
                DateTimeOffset time => new NpgsqlParameter { Value = time, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                _ => new NpgsqlParameter { Value = value },
            });
        }

        batch.BatchCommands.Add(command);
    }
}

/// <summary>What the index holds of a segment, as far as a comparison with the files needs it.</summary>
/// <param name="Path">Relative to the pool.</param>
internal sealed record IndexedSegment(
    Guid Id, DateTimeOffset From, DateTimeOffset To, string Path, int InitBytes, long Bytes, bool Closed, int Version);
