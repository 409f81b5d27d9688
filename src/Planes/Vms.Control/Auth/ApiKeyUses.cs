using System.Collections.Concurrent;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Auth;

/// <summary>When each API key was last used: noted in memory, written every few seconds. A request waits for no database. Any thread.</summary>
internal sealed class ApiKeyUses(NpgsqlDataSource database, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_writeEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _used = new();

    public void Note(Guid id) => _used[id] = time.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_writeEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await WriteAsync(CancellationToken.None);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                continue;   // what was used later is written later
            }
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var used = _used.ToArray();
        if (used.Length == 0)
            return;
        await database.ExecuteAsync("""
            update control.api_key k set last_used_at = greatest(k.last_used_at, n.at) from unnest($1::uuid[], $2::timestamptz[]) as n (id, at) where k.id = n.id
            """, [used.Select(u => u.Key).ToArray(), used.Select(u => u.Value).ToArray()], cancellationToken);
        foreach (var use in used)
            _used.TryRemove(use);     // unless it was used again meanwhile
    }
}
