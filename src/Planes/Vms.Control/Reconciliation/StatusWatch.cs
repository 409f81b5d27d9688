using Google.Protobuf;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Ai;
using Vms.Contracts.Media;
using Vms.Contracts.Recorder;

namespace Vms.Control.Reconciliation;

/// <summary>Follows the planes' status buckets, so that a change is seen at once and not with the next pass of the reconcilers. That a
/// status expires needs no action here: <see cref="ObservedState"/> forgets by age, and the lists of the planes are complete.</summary>
internal sealed partial class StatusWatch(BusConnection bus, ObservedState observed, TimeProvider time, ILogger<StatusWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);
    private static readonly JsonParser s_json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        WatchAsync(BusLayout.StreamStatusBucket, text => observed.Report(s_json.Parse<PipelineStatus>(text)), stoppingToken),
        WatchAsync(BusLayout.RecordingStatusBucket, text => observed.Report(s_json.Parse<RecordingStatus>(text)), stoppingToken),
        WatchAsync(BusLayout.AnalysisStatusBucket, text => observed.Report(s_json.Parse<AnalysisStatus>(text)), stoppingToken));

    private async Task WatchAsync(string name, Action<string> report, CancellationToken cancellationToken)
    {
        var config = new KvConfig { Name = name, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory };
        while (true)
        {
            try
            {
                var bucket = await bus.JetStream.EnsureBucketAsync(config, cancellationToken);
                await foreach (var entry in bucket.WatchAsync("", cancellationToken))
                    Read(name, entry, report);
            }
            catch (BusException e) when (!cancellationToken.IsCancellationRequested)
            {
                // Refused: another server than ours, with other ideas. The lists of the planes carry on meanwhile.
                Log.NotWatched(logger, name, e.Message);
                await Task.Delay(s_retry, time, cancellationToken);
            }
        }
    }

    private void Read(string bucket, KvEntry entry, Action<string> report)
    {
        if (entry.Operation is not KvOperation.Put)
            return;
        try
        {
            report(entry.Text);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            Log.Unreadable(logger, bucket, entry.Key, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1047, LogLevel.Warning, "Bucket {Bucket}: the value of {Key} cannot be read ({Reason}), ignored")]
        public static partial void Unreadable(ILogger logger, string bucket, string key, string reason);

        [LoggerMessage(1048, LogLevel.Error, "Bucket {Bucket} cannot be watched ({Reason}), trying again")]
        public static partial void NotWatched(ILogger logger, string bucket, string reason);
    }
}
