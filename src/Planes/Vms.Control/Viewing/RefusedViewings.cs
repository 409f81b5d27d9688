using System.Collections.Concurrent;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Viewing;

/// <summary>Who was refused to view a camera by control itself, for the audit log: the planes tell of what is refused there. Of one caller, camera and reason an entry a
/// minute, with the number of tries. Any thread.</summary>
internal sealed partial class RefusedViewings(NpgsqlDataSource database, TimeProvider time, ILogger<RefusedViewings> logger) : BackgroundService
{
    /// <summary>Different ones at a time; whoever goes through all cameras fills no log.</summary>
    private const int Max = 500;

    /// <summary>None that there is has more.</summary>
    private const int MaxCameraId = 64;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_oneEntry = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Key, Tally> _tallies = new();

    private readonly record struct Key(Actor Actor, string CameraId, string Reason);

    /// <param name="reason">The code of the answer.</param>
    public void Note(Caller caller, string? address, string cameraId, string reason) =>
        Note(new Actor(caller.TenantId, caller.Name, address), cameraId, reason);

    public void Note(Actor actor, string cameraId, string reason)
    {
        var key = new Key(actor, cameraId.Length <= MaxCameraId ? cameraId : "", reason);
        if (!_tallies.TryGetValue(key, out var tally) && _tallies.Count < Max)
            tally = _tallies.GetOrAdd(key, _ => new Tally());
        tally?.Add(time.GetUtcNow());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                foreach (var (key, tally) in _tallies)
                    await WriteAsync(key, tally, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                Log.Later(logger, e.Message);
            }
        }
    }

    private async Task WriteAsync(Key key, Tally tally, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (tally.WrittenAt is { } written && now - written < s_oneEntry)
            return;
        var (count, since) = tally.Take();
        if (count == 0)
        {
            _tallies.TryRemove(key, out _);
            return;
        }

        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(
                connection, now, key.Actor, "viewing.refused", key.CameraId, new { reason = key.Reason, beganAt = since, count }, cancellationToken, AuditLog.Refused);
            tally.WrittenAt = now;
        }
        catch
        {
            tally.Return(count, since);
            throw;
        }
    }

    private sealed class Tally
    {
        private readonly Lock _gate = new();
        private int _count;
        private DateTimeOffset _since;

        public DateTimeOffset? WrittenAt { get; set; }

        public void Add(DateTimeOffset now)
        {
            lock (_gate)
                _since = _count++ == 0 ? now : _since;
        }

        public (int Count, DateTimeOffset Since) Take()
        {
            lock (_gate)
            {
                var taken = (_count, _since);
                _count = 0;
                return taken;
            }
        }

        public void Return(int count, DateTimeOffset since)
        {
            lock (_gate)
                (_count, _since) = (_count + count, since);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1257, LogLevel.Debug, "Who was refused to view is written down later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
