using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Nvrs;

/// <summary>Keeps a <see cref="NvrSession"/> with each recorder: begins one for a new row, a new one for a changed row, and ends those whose row is gone.</summary>
internal sealed partial class NvrWatch(
    NpgsqlDataSource database, NvrConnector connector, NvrEvents events, NvrWatchOptions options, TimeProvider time, ILogger<NvrWatch> logger) : BackgroundService
{
    /// <summary>Recorders that are asked at a time; what they say as it happens does not count.</summary>
    private const int LooksAtATime = 8;

    /// <summary>For what another program changed.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    private readonly ChangeSignal _changed = new();
    private readonly SemaphoreSlim _looks = new(LooksAtATime);

    /// <summary>Recorders were connected, changed or removed.</summary>
    public void Changed() => _changed.Set();

    public override void Dispose()
    {
        _looks.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sessions = new Dictionary<string, Running>(StringComparer.Ordinal);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var changed = _changed.Next;
                try
                {
                    await MatchAsync(sessions, stoppingToken);
                }
                catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
                {
                    Log.Later(logger, e.Message);
                }

                await changed.WaitAsync(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            foreach (var session in sessions.Values)
                await session.EndAsync();
        }
    }

    private async Task MatchAsync(Dictionary<string, Running> sessions, CancellationToken stoppingToken)
    {
        await using var command = database.Command($"select {NvrRow.Columns} from control.nvr n");
        var rows = (await command.RowsAsync(NvrRow.Read, stoppingToken)).ToDictionary(r => r.Id, StringComparer.Ordinal);
        foreach (var (id, session) in sessions.ToList())
        {
            if (rows.TryGetValue(id, out var row) && row.UpdatedAt == session.Version)
                continue;
            sessions.Remove(id);
            await session.EndAsync();
        }

        foreach (var row in rows.Values.Where(r => !sessions.ContainsKey(r.Id)))
        {
            var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var session = new NvrSession(row, database, connector, events, options, _looks, time, logger);
            sessions.Add(row.Id, new Running(row.UpdatedAt, ending, Task.Run(() => session.RunAsync(ending.Token), CancellationToken.None)));
        }
    }

    /// <param name="Version">Of the row that it was begun with.</param>
    private sealed record Running(DateTimeOffset Version, CancellationTokenSource Ending, Task Task)
    {
        public async Task EndAsync()
        {
            await Ending.CancelAsync();
            await Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Ending.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1132, LogLevel.Debug, "Recorders are looked after later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
