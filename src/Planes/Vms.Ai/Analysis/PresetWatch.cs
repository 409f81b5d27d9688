using System.Collections.Concurrent;
using System.Text.Json;
using Vms.Ai.Events;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Ai.Analysis;

/// <summary>Where PTZ cameras stand, as far as control has told: the bucket <see cref="BusLayout.PtzBucket"/>. Any thread.</summary>
internal sealed partial class PresetWatch(BusConnection bus, TimeProvider time, ILogger<PresetWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (string? Preset, long MovedUs)> _positions = new(StringComparer.Ordinal);

    /// <summary>The preset that a camera stands at, or null, and when it was moved last (UTC microseconds; 0: nobody knows).</summary>
    internal (string? Preset, long MovedUs) Of(string cameraId) => _positions.GetValueOrDefault(cameraId);

    internal void Set(string cameraId, string? preset, long movedUs) => _positions[cameraId] = (preset, movedUs);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var bucket = await bus.JetStream.EnsureBucketAsync(new KvConfig { Name = BusLayout.PtzBucket }, stoppingToken);
                await foreach (var entry in bucket.WatchAsync("", stoppingToken))
                {
                    if (entry.Operation == KvOperation.Put)
                        Read(entry.Key, entry.Value.Span);
                }
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotWatched(logger, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    private void Read(string cameraId, ReadOnlySpan<byte> value)
    {
        try
        {
            if (JsonSerializer.Deserialize<Position>(value, JsonSerializerOptions.Web) is { } position)
                Set(cameraId, string.IsNullOrEmpty(position.Preset) ? null : position.Preset, UnixTime.ToMicroseconds(position.At));
        }
        catch (JsonException)
        {
            return;     // of a version that says it otherwise: as if nothing was said
        }
    }

    private sealed record Position(string? Preset, DateTimeOffset At);

    private static partial class Log
    {
        [LoggerMessage(4060, LogLevel.Debug, "Where PTZ cameras stand cannot be watched ({Reason}), trying again")]
        public static partial void NotWatched(ILogger logger, string reason);
    }
}
