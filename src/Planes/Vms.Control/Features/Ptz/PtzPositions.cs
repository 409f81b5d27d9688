using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Control.Features.Ptz;

/// <summary>Tells the AI plane where the cameras stand that are moved from here: its zones may be of one preset alone. Any thread.</summary>
internal sealed partial class PtzPositions(BusConnection bus, TimeProvider time, ILogger<PtzPositions> logger) : BackgroundService
{
    /// <summary>Orders that wait for the bus; the newest of them count.</summary>
    private const int MaxWaiting = 1024;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly Channel<(string CameraId, string? Preset, DateTimeOffset At)> _moved = Channel.CreateBounded<(string, string?, DateTimeOffset)>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>To be called when the device has taken the order: it turns now. What is forgotten earlier is learnt anew from where it looked before.</summary>
    /// <param name="preset">Null: it stands at none that is known.</param>
    public void Moved(string cameraId, string? preset) => _moved.Writer.TryWrite((cameraId, preset, time.GetUtcNow()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var bucket = await bus.JetStream.EnsureBucketAsync(new KvConfig { Name = BusLayout.PtzBucket }, stoppingToken);
                await foreach (var (cameraId, preset, at) in _moved.Reader.ReadAllAsync(stoppingToken))
                    await bucket.PutAsync(cameraId, JsonSerializer.SerializeToUtf8Bytes(new { preset = preset ?? "", at }, JsonSerializerOptions.Web), stoppingToken);
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotTold(logger, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1480, LogLevel.Debug, "Where a PTZ camera stands cannot be told ({Reason}); zones of presets wait for its next move")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
