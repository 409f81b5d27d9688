using Npgsql;
using Vms.Control.Features.Rules;
using Vms.Hosting;
using Vms.Postgres;

namespace Vms.Control.Data;

/// <summary>
/// Brings the database to this program's version whenever it becomes reachable, gives tenants the rules that they begin with, then runs the first-start steps. Until
/// then the API answers 503 <c>databaseUnavailable</c>; nothing waits for PostgreSQL to start control.
/// </summary>
internal sealed partial class DatabaseStartup : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly DatabaseSchema _schema;
    private readonly FirstStart _firstStart;
    private readonly PlaneReadiness _readiness;
    private readonly TimeProvider _time;
    private readonly ILogger<DatabaseStartup> _logger;

    public DatabaseStartup(
        NpgsqlDataSource database, DatabaseSchema schema, FirstStart firstStart, PlaneReadiness readiness, TimeProvider time, ILogger<DatabaseStartup> logger)
    {
        (_database, _schema, _firstStart, _readiness, _time, _logger) = (database, schema, firstStart, readiness, time, logger);
        readiness.Set("postgres", false, "not connected yet");
    }

    /// <remarks>Begins when the plane listens: the setup link names the port, which is known then.</remarks>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? waitingFor = null;
        for (var ready = false; !ready;)
        {
            try
            {
                await MigrationRunner.RunAsync(_database, "control", typeof(DatabaseStartup).Assembly, _logger, stoppingToken);
                await AddAlertRulesAsync(stoppingToken);
                _schema.SetReady();
                await _firstStart.RunAsync(stoppingToken);
                _readiness.Set("postgres", true);
                ready = true;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is MigrationException)
            {
                if (waitingFor != e.Message)
                    Log.Waiting(_logger, e.Message);
                waitingFor = e.Message;
                _readiness.Set("postgres", false, e.Message);
                await Task.Delay(s_retry, _time, stoppingToken);
            }
        }

        await WatchAsync(stoppingToken);
    }

    /// <summary>Before anything can happen: what happens first is told by them, too.</summary>
    private async Task AddAlertRulesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await AlertRules.AddMissingAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        var up = true;
        while (true)
        {
            await Task.Delay(s_checkEvery, _time, stoppingToken);
            try
            {
                await using var ping = _database.CreateCommand("select 1");
                await ping.ExecuteScalarAsync(stoppingToken);
                if (!up)
                    Log.Back(_logger);
                up = true;
                _readiness.Set("postgres", true);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                if (up)
                    Log.Away(_logger, e.Message);
                up = false;
                _readiness.Set("postgres", false, e.Message);
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
