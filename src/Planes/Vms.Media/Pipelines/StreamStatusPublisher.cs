using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using Vms.Bus;
using Vms.Contracts;
using Vms.Media.Ingest;

namespace Vms.Media.Pipelines;

/// <summary>
/// Keeps the bucket <see cref="BusLayout.StreamStatusBucket"/> at what the pipelines are: at every change, and all of them every
/// <see cref="BusLayout.StatusRefresh"/>, because values there live for a minute. While NATS is away nothing is lost: what is
/// written next is the state of that moment.
/// </summary>
internal sealed partial class StreamStatusPublisher : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_measuring = TimeSpan.FromSeconds(2);     // until rate and bitrate of a new stream are known

    private readonly PipelineTable _table;
    private readonly BusConnection _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger<StreamStatusPublisher> _logger;
    private readonly ConcurrentDictionary<Pipeline, bool> _dirty = new();       // value: it is gone
    private readonly HashSet<Pipeline> _measuring = [];                         // online, and their rate is not known yet; the loop's own
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public StreamStatusPublisher(PipelineTable table, BusConnection bus, TimeProvider clock, ILogger<StreamStatusPublisher> logger)
    {
        _table = table;
        _bus = bus;
        _clock = clock;
        _logger = logger;
        table.Changed += pipeline => Mark(pipeline, gone: false);
        table.Removed += pipeline => Mark(pipeline, gone: true);
        bus.StateChanged += OnBusStateChanged;
    }

    public override void Dispose()
    {
        _bus.StateChanged -= OnBusStateChanged;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(
            new() { Name = BusLayout.StreamStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, stoppingToken);
        var refreshAt = _clock.GetUtcNow();
        var measureAt = refreshAt;
        while (!stoppingToken.IsCancellationRequested)
        {
            var now = _clock.GetUtcNow();
            if (now >= measureAt)
            {
                measureAt = now + s_measuring;
                MarkMeasuring();
            }

            if (now >= refreshAt)
            {
                refreshAt = now + BusLayout.StatusRefresh;
                MarkAll();
            }

            try
            {
                await _bus.WaitUntilConnectedAsync(stoppingToken);
                await WriteDirtyAsync(bucket, stoppingToken);
                var next = _measuring.Count > 0 && measureAt < refreshAt ? measureAt : refreshAt;
                await WaitForChangeAsync(next - _clock.GetUtcNow(), stoppingToken);
            }
            catch (BusException e) when (e.Kind != BusErrorKind.Closed)
            {
                Log.NotWritten(_logger, e.Message);
                await Task.Delay(s_retry, _clock, stoppingToken);
            }
        }
    }

    private async Task WriteDirtyAsync(KeyValueBucket bucket, CancellationToken cancellationToken)
    {
        foreach (var pipeline in _dirty.Keys)
        {
            if (!_dirty.TryRemove(pipeline, out bool gone))
                continue;
            try
            {
                if (!gone)
                    await WriteAsync(bucket, pipeline, cancellationToken);
                else if (!_table.All.Any(p => p.Live.LogName == pipeline.Live.LogName))
                    await bucket.DeleteAsync(pipeline.Live.LogName, null, cancellationToken);
                if (gone)
                    _measuring.Remove(pipeline);
            }
            catch (BusException)
            {
                _dirty.TryAdd(pipeline, gone);
                throw;
            }
        }
    }

    private async Task WriteAsync(KeyValueBucket bucket, Pipeline pipeline, CancellationToken cancellationToken)
    {
        var status = PipelineStatuses.Of(pipeline);
        await bucket.PutAsync(pipeline.Live.LogName, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(status)), cancellationToken);
        if (pipeline.State.Kind == PullStateKind.Online && status.Fps == 0)
            _measuring.Add(pipeline);
        else
            _measuring.Remove(pipeline);
    }

    private async Task WaitForChangeAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (atMost <= TimeSpan.Zero || !_dirty.IsEmpty)
            return;

        using var limit = new CancellationTokenSource(atMost, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to refresh.
        }
    }

    private void Mark(Pipeline pipeline, bool gone)
    {
        _dirty[pipeline] = gone;
        _wake.Writer.TryWrite(true);
    }

    private void MarkAll()
    {
        foreach (var pipeline in _table.All)
            Mark(pipeline, gone: false);
    }

    private void MarkMeasuring()
    {
        foreach (var pipeline in _measuring)
            Mark(pipeline, gone: false);
    }

    private void OnBusStateChanged(BusState state)
    {
        if (state == BusState.Connected)
            MarkAll();      // a server that lost its memory
    }

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Warning, "Stream states are not written to NATS now ({Reason}); trying again")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
