using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Postgres;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Archive;

public sealed class IndexApplierTests
{
    [Fact]
    public async Task A_journal_that_cannot_be_read_for_a_while_is_applied_once_it_can()
    {
        await using var database = NpgsqlDataSource.Create(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync());
        using var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("pool"));
        var tables = new IndexTables(database, layout);
        var row = Rows.Segment(layout, "cam1", 1, closed: true, version: 3);
        using var journal = OfARunBefore(layout, new SegmentPut(row));
        string file = Assert.Single(Directory.GetFiles(layout.IndexPath, "*.journal"));
        File.Move(file, file + ".away");        // its fragment table is read back from there

        using var stop = new CancellationTokenSource();
        var complaints = new Complaints();
        using var log = LoggerFactory.Create(l => l.AddProvider(complaints));
        var applier = new IndexApplier(database, tables, journal, TimeProvider.System, log.CreateLogger<IndexApplier>());
        var running = applier.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => running.IsCompleted || complaints.Lines.Count > 0);
        Assert.False(running.IsCompleted, "it gave up");
        Assert.Equal(1, journal.Count);

        File.Move(file + ".away", file);
        await Eventually.TrueAsync(() => journal.Count == 0);
        Assert.Single(await tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_record_that_PostgreSQL_refuses_is_set_aside_and_the_others_are_applied()
    {
        await using var database = NpgsqlDataSource.Create(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync());
        await MigrationRunner.RunAsync(database, "recorder", typeof(IndexTables).Assembly, NullLogger.Instance, CancellationToken.None);
        await using (var command = database.CreateCommand("alter table recorder.segment add check (camera_id <> 'cam2')"))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("pool"));
        var tables = new IndexTables(database, layout);
        using var journal = IndexJournal.Open(layout, NullLogger.Instance);
        int told = 0;
        journal.SetAside += () => told++;
        var refused = Rows.Segment(layout, "cam2", 2, closed: true, version: 3);
        journal.Append(new SegmentPut(Rows.Segment(layout, "cam1", 1, closed: true, version: 3)));
        journal.Append(new SegmentPut(refused));
        journal.Append(new SegmentPut(Rows.Segment(layout, "cam1", 3, closed: true, version: 3)));

        var applier = new IndexApplier(database, tables, journal, TimeProvider.System, NullLogger<IndexApplier>.Instance);
        await applier.ApplyAllAsync(CancellationToken.None);
        Assert.Equal(0, journal.Count);
        Assert.Equal(2, (await tables.FindAsync("cam1", "main", Rows.Start, Rows.Start.AddHours(1), withGops: true, CancellationToken.None)).Count);
        byte[] kept = await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(layout.IndexPath, "*.quarantine")));
        Assert.Equal(JournalCodec.Encode(layout, new SegmentPut(refused)), kept);
        Assert.Equal(1, told);

        // What a comparison with the files would bring again.
        journal.Append(new SegmentPut(refused));
        await applier.ApplyAllAsync(CancellationToken.None);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task A_journal_that_stays_unreadable_is_set_aside_after_a_minute()
    {
        await using var database = NpgsqlDataSource.Create(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync());
        using var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("pool"));
        var tables = new IndexTables(database, layout);
        using var journal = OfARunBefore(layout, new SegmentPut(Rows.Segment(layout, "cam1", 1, closed: true, version: 3)), new GapPut(Rows.Gap("cam1", 2, 3)));
        File.Delete(Assert.Single(Directory.GetFiles(layout.IndexPath, "*.journal")));

        using var stop = new CancellationTokenSource();
        var time = new ManualTimeProvider();
        var running = new IndexApplier(database, tables, journal, time, NullLogger<IndexApplier>.Instance).RunAsync(stop.Token);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return journal.Count == 0;
        });
        Assert.Single(await tables.GapsAsync("cam1", "main", Rows.Start, Rows.Start.AddHours(1), CancellationToken.None));
        Assert.Single(Directory.GetFiles(layout.IndexPath, "*.quarantine"));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Of what was not applied then, fragment tables are not in memory.</summary>
    private static IndexJournal OfARunBefore(ArchiveLayout layout, params ReadOnlySpan<IndexEntry> entries)
    {
        using (var before = IndexJournal.Open(layout, NullLogger.Instance))
        {
            before.Append(entries);
        }

        return IndexJournal.Open(layout, NullLogger.Instance);
    }
}
