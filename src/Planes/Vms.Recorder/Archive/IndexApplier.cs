using Npgsql;
using Vms.Postgres;

namespace Vms.Recorder.Archive;

/// <summary>Carries the journal into PostgreSQL, in order, for as long as the recorder runs; waits while the database is away.</summary>
internal sealed partial class IndexApplier(
    NpgsqlDataSource database, IndexTables tables, IndexJournal journal, TimeProvider time, ILogger<IndexApplier> logger)
{
    private const int BatchEntries = 200;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    /// <summary>Segments of many cameras end together: one transaction for them, not one each.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_keepDeletions = TimeSpan.FromDays(30);

    private volatile bool _available;
    private bool _migrated;
    private bool _toldAway;
    private bool _toldUnreadable;
    private DateTimeOffset _nextForget;

    /// <summary>The last exchange with the database went well.</summary>
    public bool Available => _available;

    /// <summary>Raised on the applier's task when the database becomes reachable, with the schema in place.</summary>
    public event Action? BecameAvailable;

    /// <summary>Raised when the database no longer answers.</summary>
    public event Action? BecameAway;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await MigrateOnceAsync(cancellationToken);
                await ApplyAllAsync(cancellationToken);
                await ForgetAsync(cancellationToken);
                await journal.WaitAsync(s_idle, cancellationToken);
                await Task.Delay(s_gather, time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or MigrationException)
            {
                MarkAway(e);
                await Task.Delay(s_retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                // The pool's disk, not the database: what is in the index can still be asked for.
                if (!_toldUnreadable)
                {
                    _toldUnreadable = true;
                    Log.Unreadable(logger, e.Message);
                }

                await Task.Delay(s_retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Applies what is pending now: at an ordered stop.</summary>
    /// <exception cref="NpgsqlException">The database is away; the journal keeps the rest.</exception>
    public async Task ApplyAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var entries = journal.Peek(BatchEntries);
            if (entries.Count > 0)
            {
                await ApplyAsync(entries, cancellationToken);
                journal.Remove(entries.Count);
                _toldUnreadable = false;
            }
            else
            {
                await tables.PingAsync(cancellationToken);
            }

            MarkAvailable();
            if (entries.Count < BatchEntries)
            {
                return;
            }
        }
    }

    private async Task MigrateOnceAsync(CancellationToken cancellationToken)
    {
        if (_migrated)
        {
            return;
        }

        await MigrationRunner.RunAsync(database, "recorder", typeof(IndexApplier).Assembly, logger, cancellationToken);
        _migrated = true;
    }

    private async Task ApplyAsync(IReadOnlyList<IndexEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            await tables.ApplyAsync(entries, cancellationToken);
        }
        catch (PostgresException e) when (!e.IsTransient && entries.Count > 1)
        {
            // One entry the database refuses must not hold up the others.
            foreach (var entry in entries)
            {
                await ApplyAsync([entry], cancellationToken);
            }
        }
        catch (PostgresException e) when (!e.IsTransient && e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            Log.Refused(logger, entries[0].GetType().Name, entries[0].Id, e.MessageText);
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < _nextForget)
        {
            return;
        }

        await tables.ForgetAsync(now - s_keepDeletions, cancellationToken);
        _nextForget = now + TimeSpan.FromDays(1);
    }

    private void MarkAvailable()
    {
        tables.IsAway = false;
        if (_available)
        {
            return;
        }

        _available = true;
        _toldAway = false;
        Log.Available(logger);
        BecameAvailable?.Invoke();
    }

    private void MarkAway(Exception e)
    {
        tables.IsAway = true;
        if (!_toldAway)
        {
            _toldAway = true;
            Log.Away(logger, e.Message);
        }

        if (_available)
        {
            _available = false;
            BecameAway?.Invoke();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Information, "Archive index: the database is there, the journal is applied")]
        public static partial void Available(ILogger logger);

        [LoggerMessage(3011, LogLevel.Warning, "Archive index: the database is away ({Reason}); recording goes on, the journal holds the changes")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(3012, LogLevel.Error, "Archive index: the database refuses {Kind} {Id} ({Reason}); it is left out")]
        public static partial void Refused(ILogger logger, string kind, Guid id, string reason);

        [LoggerMessage(3013, LogLevel.Error, "Archive index: the journal cannot be read or cleared ({Reason}); it is tried again")]
        public static partial void Unreadable(ILogger logger, string reason);
    }
}
