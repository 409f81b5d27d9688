using System.Collections.Frozen;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Integrations.Sensors;

/// <summary>Which sensors there are: in memory, and in the file that the supervisor reads. Any thread.</summary>
internal sealed partial class SensorDirectory(NpgsqlDataSource database, PlaneOptions options, SensorOptions sensors, TimeProvider time, ILogger<SensorDirectory> logger) : BackgroundService
{
    /// <summary>For changes that were made elsewhere.</summary>
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ChangeSignal _changed = new();
    private volatile FrozenDictionary<string, SensorRow>? _rows;

    /// <summary>Null: there is none of this id, or they were not read yet.</summary>
    public SensorRow? Find(string id) => _rows?.GetValueOrDefault(id);

    public bool IsRead => _rows is not null;

    /// <summary>Call after a commit.</summary>
    public void Changed() => _changed.Set();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sensors.Port is null)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            var (changed, wait) = (_changed.Next, s_readEvery);
            try
            {
                var rows = await SensorRow.AllAsync(database, stoppingToken);
                _rows = rows.ToFrozenDictionary(r => r.Id, StringComparer.Ordinal);
                if (SensorAccounts.Write(options, [.. rows.Select(r => new SensorAccount(r.Id, r.SiteId, r.PasswordHash))]))
                    Log.Written(logger, rows.Count);
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is IOException or ObjectDisposedException)
            {
                Log.Later(logger, e.Message);
                wait = s_retry;
            }

            await changed.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1630, LogLevel.Information, "{Count} sensors may publish")]
        public static partial void Written(ILogger logger, int count);

        [LoggerMessage(1631, LogLevel.Debug, "The list of sensors is read again later ({Reason})")]
        public static partial void Later(ILogger logger, string reason);
    }
}
