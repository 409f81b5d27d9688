using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;

namespace Vms.Control.Jobs;

/// <summary>
/// Does the jobs in the queue, a few at a time. Whoever does one holds a lease and renews it; when a process dies the lease runs out and another
/// runner, or this one after its restart, goes on from the cursor. Cancelling ends the lease.
/// </summary>
internal sealed partial class JobRunner(
    NpgsqlDataSource database, IEnumerable<IJobKind> kinds, JobFeed feed, TimeProvider time, ILogger<JobRunner> logger) : BackgroundService
{
    private const int AtATime = 2;

    /// <summary>Beside them, of the kinds that somebody waits for.</summary>
    private const int AwaitedAtATime = 2;

    /// <summary>A job that brought down its process so often without coming any further is not tried again.</summary>
    private const int MaxAttempts = 5;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_waits = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pruneEvery = TimeSpan.FromHours(1);

    /// <summary>Who did what stays in the audit.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(30);

    private readonly Dictionary<string, IJobKind> _kinds = kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);
    private readonly ChangeSignal _changed = new();
    private readonly SemaphoreSlim _claiming = new(1, 1);
    private readonly ConcurrentDictionary<Guid, string> _doing = [];        // kind by owner

    /// <summary>How long a job that begins now stays with a process that says nothing.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>There is something in the queue, or something was cancelled.</summary>
    public void Changed() => _changed.Set();

    /// <summary>The job is over, and the database says so: tells those who wait for it.</summary>
    public async Task OverAsync(JobRow row)
    {
        feed.Tell(row);
        if (_kinds.TryGetValue(row.Kind, out var kind))
            await kind.OverAsync(row);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([PruneAsync(stoppingToken), .. Workers(AtATime, isAwaited: false, stoppingToken), .. Workers(AwaitedAtATime, isAwaited: true, stoppingToken)]);

    private IEnumerable<Task> Workers(int count, bool isAwaited, CancellationToken stoppingToken)
    {
        var own = _kinds.Values.Where(k => k.IsAwaited == isAwaited).ToList();
        return own.Count == 0 ? [] : Enumerable.Range(0, count).Select(_ => WorkAsync(own, stoppingToken));
    }

    private async Task WorkAsync(IReadOnlyList<IJobKind> own, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            try
            {
                var owner = Guid.NewGuid();
                if (await ClaimNextAsync(own, owner, stoppingToken) is { } row)
                {
                    try
                    {
                        await DoAsync(row, owner, stoppingToken);
                    }
                    finally
                    {
                        _doing.TryRemove(owner, out _);
                        Changed();      // the next of its kind need not wait
                    }

                    continue;
                }
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                Log.Later(logger, e.Message);
            }

            // Whoever waits for the end of a lease is not woken by it.
            await changed.WaitAsync(Lease < s_interval ? Lease : s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<JobRow?> ClaimNextAsync(IReadOnlyList<IJobKind> own, Guid owner, CancellationToken cancellationToken)
    {
        await _claiming.WaitAsync(cancellationToken);
        try
        {
            var row = await ClaimAsync(own, owner, cancellationToken);
            if (row is not null)
                _doing[owner] = row.Kind;
            return row;
        }
        finally
        {
            _claiming.Release();
        }
    }

    private async Task<JobRow?> ClaimAsync(IReadOnlyList<IJobKind> own, Guid owner, CancellationToken cancellationToken)
    {
        var free = own.Where(k => !k.IsOneAtATime || !_doing.Values.Contains(k.Name)).Select(k => k.Name).ToArray();
        var now = time.GetUtcNow();
        await using var command = database.Command($"""
            update control.job j set state = 'running', lease_owner = $1, lease_until = $2, attempts = attempts + 1, started_at = coalesce(started_at, $3)
            where j.id = (
                select id from control.job where (state = 'queued' or (state = 'running' and lease_until <= $3)) and kind = any($4)
                order by created_at, id limit 1 for update skip locked)
            returning {JobRow.Columns}
            """, owner, now + Lease, now, free);
        return await command.FirstAsync(JobRow.Read, cancellationToken);
    }

    private async Task DoAsync(JobRow row, Guid owner, CancellationToken stoppingToken)
    {
        feed.Tell(row);
        var run = new JobRun(database, row, owner, time, feed.Tell);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(row.Id, owner, lost);
        try
        {
            if (row.Attempts > MaxAttempts)
                throw new JobFailedException("gaveUp", $"It was begun {MaxAttempts} times and came no further.");
            var result = await _kinds[row.Kind].RunAsync(run, lost.Token);
            await EndAsync(run.Row, owner, JobStates.Done, JsonSerializer.Serialize(result, JsonSerializerOptions.Web), null, null);
        }
        catch (JobFailedException e)
        {
            await EndAsync(run.Row, owner, JobStates.Failed, null, e.Code, e.Message);
        }
        catch (JobWaitsException e)
        {
            await ReleaseAsync(run.Row, owner, e.After ?? s_waits, e.Code, e.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ReleaseAsync(run.Row, owner, TimeSpan.Zero, null, null);
        }
        catch (Exception e) when (e is JobLostException or OperationCanceledException)
        {
            Log.Lost(logger, row.Id);
        }
        catch (Exception e) when (!DatabaseOutage.Is(e) && e is not ObjectDisposedException)
        {
            Log.Unexpected(logger, e, row.Kind, row.Id);
            await EndAsync(run.Row, owner, JobStates.Failed, null, "internal", "The job ran into an error of the software; control's log has it.");
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
        }
    }

    /// <summary>Until the work is over, or somebody else's.</summary>
    private async Task RenewAsync(string id, Guid owner, CancellationTokenSource lost)
    {
        var every = Lease / 3;
        while (!lost.IsCancellationRequested)
        {
            var changed = _changed.Next;
            await changed.WaitAsync(every, time, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lost.IsCancellationRequested)
                return;
            try
            {
                var renewed = await database.ExecuteAsync(
                    "update control.job set lease_until = $3 where id = $1 and lease_owner = $2 and state = 'running'", [id, owner, time.GetUtcNow() + Lease], lost.Token);
                if (renewed == 0)
                    await lost.CancelAsync();
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is OperationCanceledException or ObjectDisposedException)
            {
                // The database decides whose it is: no step is noted that it does not agree to.
                Log.Later(logger, e.Message);
            }
        }
    }

    private async Task EndAsync(JobRow row, Guid owner, string state, string? result, string? code, string? detail)
    {
        var now = time.GetUtcNow();
        await using var command = database.Command($$"""
            update control.job j set state = $3, result = coalesce($4::jsonb, cursor), error_code = $5, error_detail = $6, finished_at = $7, args = '{}', cursor = null, lease_owner = null, lease_until = null
            where j.id = $1 and j.lease_owner = $2 and j.state = 'running' returning {{JobRow.Columns}}
            """, row.Id, owner, state, result, code, detail, now);
        if (await command.FirstAsync(JobRow.Read, CancellationToken.None) is { } over)
            await OverAsync(over);
    }

    /// <summary>Somebody goes on with it, not before then. That is no attempt that failed.</summary>
    private async Task ReleaseAsync(JobRow row, Guid owner, TimeSpan after, string? code, string? detail)
    {
        await using var command = database.Command($"""
            update control.job j set lease_owner = null, lease_until = $3, attempts = greatest(attempts - 1, 0), error_code = $4, error_detail = $5
            where j.id = $1 and j.lease_owner = $2 and j.state = 'running' returning {JobRow.Columns}
            """, row.Id, owner, time.GetUtcNow() + after, code, detail);
        if (await command.FirstAsync(JobRow.Read, CancellationToken.None) is { } waiting)
            feed.Tell(waiting);
    }

    public override void Dispose()
    {
        base.Dispose();
        _claiming.Dispose();
    }

    private async Task PruneAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await database.ExecuteAsync("delete from control.job where finished_at < $1", [time.GetUtcNow() - s_remembered], stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                Log.Later(logger, e.Message);
            }

            await Task.Delay(s_pruneEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1200, LogLevel.Debug, "Jobs are looked after later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1201, LogLevel.Information, "Job {Id} was cancelled, or is done elsewhere")]
        public static partial void Lost(ILogger logger, string id);

        [LoggerMessage(1202, LogLevel.Error, "Job {Kind} {Id} ran into an error and is given up")]
        public static partial void Unexpected(ILogger logger, Exception exception, string kind, string id);
    }
}
