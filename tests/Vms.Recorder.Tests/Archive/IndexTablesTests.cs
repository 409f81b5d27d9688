using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Postgres;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Archive;

public sealed class IndexTablesTests : IAsyncLifetime
{
    private readonly ArchiveLayout _layout = new("/pool");
    private NpgsqlDataSource _database = null!;
    private IndexTables _tables = null!;

    public async ValueTask InitializeAsync()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await MigrationRunner.RunAsync(_database, "recorder", typeof(IndexTables).Assembly, NullLogger.Instance, CancellationToken.None);
        _tables = new IndexTables(_database, _layout);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public void Applying_any_prefix_and_then_everything_gives_the_same_tables() =>
        Prop.ForAll(
                Arb.From(from history in Histories() from prefix in Gen.Choose(0, history.Count) from batch in Gen.Choose(1, 7) select (history, prefix, batch)),
                trial => SameTablesAsync(trial.history, trial.prefix, trial.batch).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public async Task A_row_changes_only_to_a_higher_version()
    {
        var newer = Rows.Segment(_layout, "cam1", 1, closed: true, version: 9);
        var older = Rows.Segment(_layout, "cam1", 1, closed: false, version: 4);
        await _tables.ApplyAsync([new SegmentPut(newer), new SegmentPut(older)], CancellationToken.None);
        var row = Assert.Single(await _tables.FindAsync("cam1", "main", newer.From, newer.To, withGops: true, CancellationToken.None));
        Assert.Equal(9, row.Version);
        Assert.True(row.Closed);
        Assert.Equal(newer.Gops.ToArray(), row.Gops.ToArray());
    }

    [Fact]
    public async Task A_range_finds_what_overlaps_it_and_nothing_else()
    {
        await _tables.ApplyAsync(
            [.. Enumerable.Range(0, 10).Select(i => new SegmentPut(Rows.Segment(_layout, "cam1", i, closed: true, version: 3)))], CancellationToken.None);
        var from = Rows.Start.AddSeconds(25);
        var rows = await _tables.FindAsync("cam1", "main", from, from.AddSeconds(15), withGops: false, CancellationToken.None);
        Assert.Equal([20, 30], rows.Select(r => (int)(r.From - Rows.Start).TotalSeconds).Order());
        Assert.Empty(await _tables.FindAsync("cam1", "main", Rows.Start.AddSeconds(100), Rows.Start.AddSeconds(110), withGops: false, CancellationToken.None));
        Assert.Empty(await _tables.FindAsync("cam2", "main", from, from.AddSeconds(15), withGops: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_segment_that_lasts_longer_than_any_should_is_still_found()
    {
        var endless = Rows.Segment(_layout, "cam1", 0, closed: true, version: 3, seconds: 24 * 3600);
        await _tables.ApplyAsync([new SegmentPut(endless)], CancellationToken.None);
        var at = Rows.Start.AddHours(20);
        Assert.Single(await _tables.FindAsync("cam1", "main", at, at.AddSeconds(1), withGops: false, CancellationToken.None));
    }

    [Fact]
    public async Task Looking_for_what_exists_reads_only_the_covering_index()
    {
        await _tables.ApplyAsync(
            [.. Enumerable.Range(0, 500).Select(i => new SegmentPut(Rows.Segment(_layout, "cam1", i, closed: true, version: 3)))], CancellationToken.None);
        await using var vacuum = _database.CreateCommand("vacuum analyze recorder.segment");
        await vacuum.ExecuteNonQueryAsync();
        await using var explain = _database.CreateCommand(
            "set enable_seqscan = off; explain select start_time, end_time, class, id from recorder.segment where camera_id = 'cam1' and stream = 'main' and start_time > now()");
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = new StringBuilder();
        while (await reader.ReadAsync())
        {
            plan.AppendLine(reader.GetString(0));
        }

        Assert.Contains("Index Only Scan using segment_by_time", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_missing_may_come_back_until_somebody_deletes_it()
    {
        var row = Rows.Segment(_layout, "cam1", 1, closed: true, version: 3);
        var missing = new SegmentDeleted(Rows.Deleted(_layout, row) with { Reason = DeletionReason.Missing });
        await _tables.ApplyAsync([new SegmentPut(row), missing, new SegmentPut(row)], CancellationToken.None);
        Assert.Single(await _tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
        Assert.Empty(await _tables.DeletedAsync("cam1", "main", CancellationToken.None));

        await _tables.ApplyAsync([new SegmentDeleted(Rows.Deleted(_layout, row)), new SegmentPut(row), missing], CancellationToken.None);
        Assert.Empty(await _tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
        Assert.Equal([row.Id], (await _tables.DeletedAsync("cam1", "main", CancellationToken.None)).Keys);
    }

    [Fact]
    public async Task A_deletion_that_failed_keeps_nothing_away_and_may_succeed_later()
    {
        var row = Rows.Segment(_layout, "cam1", 1, closed: true, version: 3);
        var deleted = new SegmentDeleted(Rows.Deleted(_layout, row));
        var kept = new SegmentDeleted(Rows.Deleted(_layout, row) with { Reason = DeletionReason.Kept });
        await _tables.ApplyAsync([new SegmentPut(row), deleted, kept, new SegmentPut(row)], CancellationToken.None);
        Assert.Single(await _tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
        Assert.Empty(await _tables.DeletedAsync("cam1", "main", CancellationToken.None));

        await _tables.ApplyAsync([deleted, new SegmentPut(row)], CancellationToken.None);
        Assert.Empty(await _tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
    }

    /// <summary>Changes as the recorder makes them: per segment opened, perhaps closed and reopened, perhaps deleted, missing or kept; gaps that
    /// grow.</summary>
    private Gen<List<IndexEntry>> Histories()
    {
        var step = from segment in Gen.Choose(0, 3) from what in Gen.Choose(0, 5) select (segment, what);
        return from steps in Gen.ListOf(step) select Play(steps);

        List<IndexEntry> Play(IEnumerable<(int Segment, int What)> steps)
        {
            int[] fragments = new int[4];
            var history = new List<IndexEntry>();
            foreach (var (segment, what) in steps)
            {
                fragments[segment]++;
                history.Add(what switch
                {
                    0 => new SegmentPut(Rows.Segment(_layout, "cam1", segment, closed: false, fragments[segment] * 2)),
                    1 => new SegmentPut(Rows.Segment(_layout, "cam1", segment, closed: true, (fragments[segment] * 2) + 1)),
                    2 => new GapPut(Rows.Gap("cam1", segment, fragments[segment])),
                    3 => new SegmentDeleted(Rows.Deleted(_layout, Rows.Segment(_layout, "cam1", segment, closed: true, 1)) with { Reason = DeletionReason.Missing }),
                    4 => new SegmentDeleted(Rows.Deleted(_layout, Rows.Segment(_layout, "cam1", segment, closed: true, 1)) with { Reason = DeletionReason.Kept }),
                    _ => new SegmentDeleted(Rows.Deleted(_layout, Rows.Segment(_layout, "cam1", segment, closed: true, 1))),
                });
            }

            return history;
        }
    }

    private async Task<bool> SameTablesAsync(List<IndexEntry> history, int prefix, int batch)
    {
        await EmptyAsync();
        await ApplyAsync(history, batch: 200);
        string once = await DumpAsync();

        await EmptyAsync();
        await ApplyAsync(history[..prefix], batch);
        await ApplyAsync(history, batch);
        await ApplyAsync(history, batch: 200);
        return once == await DumpAsync();
    }

    private async Task ApplyAsync(List<IndexEntry> entries, int batch)
    {
        foreach (var chunk in entries.Chunk(batch))
        {
            await _tables.ApplyAsync(chunk, CancellationToken.None);
        }
    }

    private async Task EmptyAsync()
    {
        await using var command = _database.CreateCommand(
            "truncate recorder.segment, recorder.segment_gops, recorder.gap, recorder.deletion");
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> DumpAsync()
    {
        var dump = new StringBuilder();
        foreach (string table in new[] { "segment", "segment_gops", "gap", "deletion" })
        {
            await using var command = _database.CreateCommand($"select t::text from recorder.{table} t order by 1");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.Append(table).Append(' ').AppendLine(reader.GetString(0));
            }
        }

        return dump.ToString();
    }
}
