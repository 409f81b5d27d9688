using Npgsql;
using Vms.Hosting;
using Vms.Postgres;

namespace Vms.Control.Data;

/// <summary>
/// Brings the database to this program's version whenever it becomes reachable, then runs the first-start steps. Until
/// then the API answers 503 <c>databaseUnavailable</c>; nothing waits for PostgreSQL to start control.
/// </summary>
internal sealed partial class DatabaseStartup(
    NpgsqlDataSource database, FirstStart firstStart, PlaneReadiness readiness, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<DatabaseStartup> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        readiness.Set("postgres", false, "not connected yet");
        await ListeningAsync(stoppingToken);
        string? waitingFor = null;
        for (var ready = false; !ready;)
        {
            try
            {
                await MigrationRunner.RunAsync(database, "control", typeof(DatabaseStartup).Assembly, logger, stoppingToken);
                await firstStart.RunAsync(stoppingToken);
                readiness.Set("postgres", true);
                ready = true;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is MigrationException)
            {
                if (waitingFor != e.Message)
                    Log.Waiting(logger, e.Message);
                waitingFor = e.Message;
                readiness.Set("postgres", false, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }

        await WatchAsync(stoppingToken);
    }

    /// <summary>The setup link names the port, which is known once the server listens.</summary>
    private async Task ListeningAsync(CancellationToken stoppingToken)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(listening.SetResult);
        await listening.Task.WaitAsync(stoppingToken);
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        var up = true;
        while (true)
        {
            await Task.Delay(s_checkEvery, time, stoppingToken);
            try
            {
                await using var ping = database.CreateCommand("select 1");
                await ping.ExecuteScalarAsync(stoppingToken);
                if (!up)
                    Log.Back(logger);
                up = true;
                readiness.Set("postgres", true);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                if (up)
                    Log.Away(logger, e.Message);
                up = false;
                readiness.Set("postgres", false, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Information, "Waiting for PostgreSQL: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);

        [LoggerMessage(1001, LogLevel.Warning, "PostgreSQL is away: {Reason}. Streams and recording go on; changes are refused until it is back")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(1002, LogLevel.Information, "PostgreSQL is back")]
        public static partial void Back(ILogger logger);
    }
}
