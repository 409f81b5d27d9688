using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Control.Features.Ptz;

/// <summary>Tells the AI plane where the cameras stand that are moved from here: its zones may be of one preset alone. Any thread.</summary>
internal sealed partial class PtzPositions(BusConnection bus, TimeProvider time, ILogger<PtzPositions> logger) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    /// <summary>Where each camera stands, until that is told: the last that was told stays true otherwise, and it is not.</summary>
    private readonly ConcurrentDictionary<string, Position> _untold = new(StringComparer.Ordinal);

    private readonly Channel<bool> _moved = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>To be called when the device has taken the order: it turns now. What is forgotten earlier is learnt anew from where it looked before.</summary>
    /// <param name="preset">Null: it stands at none that is known.</param>
    public void Moved(string cameraId, string? preset)
    {
        _untold[cameraId] = new Position(preset ?? "", time.GetUtcNow());
        _moved.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var bucket = await bus.JetStream.EnsureBucketAsync(new KvConfig { Name = BusLayout.PtzBucket }, stoppingToken);
                do
                {
                    await TellAsync(bucket, stoppingToken);
                }
                while (await _moved.Reader.ReadAsync(stoppingToken));
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotTold(logger, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    private async Task TellAsync(KeyValueBucket bucket, CancellationToken cancellationToken)
    {
        foreach (var untold in _untold)
        {
            await bucket.PutAsync(untold.Key, JsonSerializer.SerializeToUtf8Bytes(untold.Value, JsonSerializerOptions.Web), cancellationToken);
            _untold.TryRemove(untold);      // unless it has moved again meanwhile
        }
    }

    /// <param name="Preset">Empty: at none that is known.</param>
    private sealed record Position(string Preset, DateTimeOffset At);

    private static partial class Log
    {
        [LoggerMessage(1480, LogLevel.Debug, "Where a PTZ camera stands cannot be told ({Reason}); it is tried again, and zones of presets wait for it")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
