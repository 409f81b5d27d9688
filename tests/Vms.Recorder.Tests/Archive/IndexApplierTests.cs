using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
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
        using var journal = IndexJournal.Open(layout, NullLogger.Instance);
        var row = Rows.Segment(layout, "cam1", 1, closed: true, version: 3);
        journal.Append(new SegmentPut(row));
        string file = Assert.Single(Directory.GetFiles(layout.IndexPath, "*.journal"));
        File.Move(file, file + ".away");        // its fragment table is read back from there

        using var stop = new CancellationTokenSource();
        var complaints = new Complaints();
        using var log = LoggerFactory.Create(l => l.AddProvider(complaints));
        var applier = new IndexApplier(database, tables, journal, TimeProvider.System, log.CreateLogger<IndexApplier>());
        var running = applier.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => running.IsCompleted || complaints.Lines > 0);
        Assert.False(running.IsCompleted, "it gave up");
        Assert.Equal(1, journal.Count);

        File.Move(file + ".away", file);
        await Eventually.TrueAsync(() => journal.Count == 0);
        Assert.Single(await tables.FindAsync("cam1", "main", row.From, row.To, withGops: true, CancellationToken.None));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Counts warnings.</summary>
    private sealed class Complaints : ILoggerProvider, ILogger
    {
        private int _lines;

        public int Lines => Volatile.Read(ref _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _lines);

        public void Dispose()
        {
        }
    }
}
