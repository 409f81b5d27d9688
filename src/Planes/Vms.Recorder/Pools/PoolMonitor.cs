using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>
/// Looks whether every pool is there and takes what is written, and says so when that changes. One loop per pool: a disk that does not answer
/// keeps nobody from looking at the others.
/// </summary>
internal sealed partial class PoolMonitor(
    StoragePools pools, PoolIdentity identity, RecorderEvents events, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PoolMonitor> logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_firstAnswer = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Task> _first = [];      // by pool: the look at the start

    private readonly Dictionary<string, bool> _told = pools.All.ToDictionary(p => p.Name, _ => true);       // by pool: it could be used when it was last told

    /// <summary>A pool is back: what a comparison of index and files could not see meanwhile is there again. By that pool's loop.</summary>
    public event Action? Returned;

    /// <summary>Every pool once, before anything is recorded. A further one that does not answer soon counts as away.</summary>
    public void LookAtAll()
    {
        Look(pools.Main);
        foreach (var pool in pools.All.Skip(1))
        {
            _first[pool.Name] = Task.Run(() => Look(pool));
        }

        Task.WaitAll([.. _first.Values], s_firstAnswer);
    }

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(pools.All.Select(pool => Task.Run(() => WatchAsync(pool, cancellationToken), CancellationToken.None)));

    /// <summary>One caller at a time for each pool.</summary>
    public void Look(StoragePool pool)
    {
        if (!pool.Found(identity.WhyNot(pool.Home)))
        {
            // The journal and the list of what is kept are in the folder that the disk was mounted over: they are opened anew.
            Log.StartAnew(logger, pool.Root);
            Environment.ExitCode = ExclusiveLock.TakenExitCode;
            lifetime.StopApplication();
            return;
        }

        pool.TryAgain();
        var (state, reason) = pool.State;
        bool usable = state is PoolState.Ready or PoolState.Full;       // retention says when one is full
        bool told;
        lock (_told)
        {
            told = _told[pool.Name];
            _told[pool.Name] = usable;
        }

        if (told && !usable)
        {
            Log.Failed(logger, pool.Name, pool.Root, state, reason);
            events.PoolFailed(pool.Name, pool.Root, time.GetUtcNow(), state == PoolState.Away ? "away" : "failed", reason);
        }
        else if (!told && usable)
        {
            Log.Returned(logger, pool.Name, pool.Root);
            events.PoolReturned(pool.Name, pool.Root, time.GetUtcNow());
            Returned?.Invoke();
        }
    }

    private async Task WatchAsync(StoragePool pool, CancellationToken cancellationToken)
    {
        await _first.GetValueOrDefault(pool.Name, Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!cancellationToken.IsCancellationRequested)
        {
            Look(pool);
            await Task.Delay(s_interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3800, LogLevel.Critical,
            "Pool {Pool} ({Root}) is {State}: {Reason}. Nothing is recorded into it until it is back; recording goes on in the other pools, if there are any")]
        public static partial void Failed(ILogger logger, string pool, string root, PoolState state, string reason);

        [LoggerMessage(3801, LogLevel.Information, "Pool {Pool} ({Root}) is back")]
        public static partial void Returned(ILogger logger, string pool, string root);

        [LoggerMessage(3802, LogLevel.Warning, "{Root} was mounted after the recorder had started; the recorder starts anew with it")]
        public static partial void StartAnew(ILogger logger, string root);
    }
}
