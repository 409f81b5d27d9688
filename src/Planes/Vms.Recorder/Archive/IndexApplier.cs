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

    /// <summary>So long a journal that the disk does not give back is waited for: a network file system, a permission taken away by mistake.</summary>
    private static readonly TimeSpan s_unreadablePatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_keepDeletions = TimeSpan.FromDays(30);

    private volatile bool _available;
    private bool _migrated;
    private bool _toldAway;
    private long? _unreadableSince;
    private DateTimeOffset _nextForget;

    /// <summary>Segments of many cameras end together: one transaction for them, not one each. Nobody waits for it: what is asked for meanwhile
    /// is answered from the journal.</summary>
    internal TimeSpan Gather { get; set; } = TimeSpan.FromSeconds(5);

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
                await Task.Delay(Gather, time, cancellationToken);
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
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The pool's disk, not the database: what is in the index can still be asked for.
                if (_unreadableSince is null)
                {
                    _unreadableSince = time.GetTimestamp();
                    Log.Unreadable(logger, e.Message, s_unreadablePatience.TotalSeconds);
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
            bool giveUp = _unreadableSince is { } since && time.GetElapsedTime(since) >= s_unreadablePatience;
            var entries = journal.Peek(BatchEntries, giveUp);
            if (entries.Count > 0)
            {
                await ApplyAsync(entries, cancellationToken);
                journal.Remove(entries.Count);
            }
            else
            {
                await tables.PingAsync(cancellationToken);
            }

            MarkAvailable();
            if (entries.Count < BatchEntries)
            {
                _unreadableSince = null;
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
        catch (PostgresException e) when (IsRefusal(e))
        {
            journal.Refuse(entries[0], e.MessageText);
        }
    }

    /// <summary>The database will never take this entry: its data is wrong (class 22) or breaks a constraint (23). Everything else may be
    /// the server's state, or the schema's, and passes.</summary>
    private static bool IsRefusal(PostgresException e) =>
        !e.IsTransient && (e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal));

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

        [LoggerMessage(
            3013, LogLevel.Error,
            "Archive index: the journal cannot be read or cleared ({Reason}); it is tried again, what cannot be read for {Seconds} s is set aside")]
        public static partial void Unreadable(ILogger logger, string reason, double seconds);
    }
}
