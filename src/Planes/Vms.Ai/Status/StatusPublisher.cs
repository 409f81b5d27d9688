using System.Text;
using Google.Protobuf;
using Vms.Ai.Analysis;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Ai;

namespace Vms.Ai.Status;

/// <summary>
/// Writes each analysis's status into the bucket <see cref="BusLayout.AnalysisStatusBucket"/>: when its state changes, when its rate changes
/// much, and every <see cref="BusLayout.StatusRefresh"/>. Everything anew after a reconnect, nothing while the bus is away.
/// </summary>
internal sealed partial class StatusPublisher(BusConnection bus, AnalysisRegistry analyses, TimeProvider time, ILogger<StatusPublisher> logger) : BackgroundService
{
    private const double NoticeableChange = 0.2;
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_putDeadline = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (AnalysisStatus Status, long At)> _published = [];   // by key
    private volatile bool _startAnew;
    private bool _failureLogged;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bus.StateChanged += _ => _startAnew = true;
        try
        {
            var bucket = await EnsureBucketAsync(stoppingToken);
            using var timer = new PeriodicTimer(s_lookInterval, time);
            do
                await PublishChangesAsync(bucket, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.Ended(logger);
        }
    }

    /// <summary>A server that refuses the bucket (no memory left, say) is asked again: analysis does not depend on it.</summary>
    private async Task<KeyValueBucket> EnsureBucketAsync(CancellationToken cancellationToken)
    {
        var config = new KvConfig
        {
            Name = BusLayout.AnalysisStatusBucket,
            MaxAge = BusLayout.StatusLifetime,
            Storage = StreamStorage.Memory,
        };
        while (true)
        {
            try
            {
                return await bus.JetStream.EnsureBucketAsync(config, cancellationToken);
            }
            catch (BusException e)
            {
                Log.NotPublished(logger, e.Message);
            }

            await Task.Delay(BusLayout.StatusRefresh, time, cancellationToken);
        }
    }

    private async Task PublishChangesAsync(KeyValueBucket bucket, CancellationToken cancellationToken)
    {
        if (bus.State != BusState.Connected)
            return;
        if (_startAnew)
        {
            _startAnew = false;
            _published.Clear();
        }

        using var deadline = new CancellationTokenSource(s_putDeadline, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var statuses = analyses.Statuses();
            foreach (AnalysisStatus status in statuses)
                await PublishAsync(bucket, status, limit.Token);
            foreach (string gone in _published.Keys.Except(statuses.Select(KeyOf)).ToList())
            {
                await bucket.DeleteAsync(gone, expectedRevision: null, limit.Token);
                _published.Remove(gone);
            }

            _failureLogged = false;
        }
        catch (Exception e) when (e is BusException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            if (!_failureLogged)
                Log.NotPublished(logger, e.Message);
            _failureLogged = true;
        }
    }

    private async Task PublishAsync(KeyValueBucket bucket, AnalysisStatus status, CancellationToken cancellationToken)
    {
        string key = KeyOf(status);
        if (_published.TryGetValue(key, out var last) && !IsDue(last.Status, status, time.GetElapsedTime(last.At)))
            return;
        await bucket.PutAsync(key, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(status)), cancellationToken);
        _published[key] = (status, time.GetTimestamp());
    }

    private static bool IsDue(AnalysisStatus before, AnalysisStatus now, TimeSpan age) =>
        age >= BusLayout.StatusRefresh || before.State != now.State || before.Generation != now.Generation || before.Reason != now.Reason
        || Math.Abs(now.SamplesPerSecond - before.SamplesPerSecond) > NoticeableChange * Math.Max(now.SamplesPerSecond, before.SamplesPerSecond);

    private static string KeyOf(AnalysisStatus status) => new StreamKey(status.CameraId, status.Stream).ToString();

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Warning, "The status of the analyses is not published ({Reason}), trying again")]
        public static partial void NotPublished(ILogger logger, string reason);

        [LoggerMessage(4021, LogLevel.Debug, "Status is not published any more: the plane stops")]
        public static partial void Ended(ILogger logger);
    }
}
