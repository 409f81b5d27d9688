using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Vms.Bus;

/// <summary>
/// Persistent streams, durable consumers and key-value buckets of a <see cref="BusConnection"/>. What is ensured here is
/// remembered and ensured again after every reconnect, so a server that lost its data gets its streams back. Any thread.
/// </summary>
public sealed partial class JetStream
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retryDelayMax = TimeSpan.FromSeconds(2);

    /// <summary>How often "subjects overlap" may mean that another process is making the very same stream: 3 s in all.</summary>
    private const int OverlapPatience = 5;

    private readonly BusConnection _bus;
    private readonly BusOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Func<CancellationToken, Task>> _declared = [];   // guarded by the gate; in order of need
    private readonly List<string> _order = [];

    internal JetStream(BusConnection bus, BusOptions options, ILogger logger, TimeProvider time)
    {
        _bus = bus;
        _options = options;
        _logger = logger;
        _time = time;
    }

    /// <summary>Creates the stream or brings it to this configuration. Waits for the server as long as the token allows.</summary>
    /// <exception cref="BusException">Refused: the server does not accept this configuration.</exception>
    public Task EnsureStreamAsync(StreamConfig config, CancellationToken cancellationToken)
    {
        BusSubject.Check(config.Name);
        return EnsureAsync("stream " + config.Name, ct => ApplyAsync(config, ct), cancellationToken);
    }

    /// <summary>Creates the durable consumer or brings it to this configuration; see <see cref="EnsureStreamAsync"/>.</summary>
    /// <exception cref="BusException">Refused.</exception>
    public Task EnsureConsumerAsync(string stream, ConsumerConfig config, CancellationToken cancellationToken)
    {
        BusSubject.Check(stream);
        BusSubject.Check(config.DurableName);
        return EnsureAsync($"consumer {stream}/{config.DurableName}", ct => ApplyAsync(stream, config, ct), cancellationToken);
    }

    /// <summary>Creates the bucket or brings it to this configuration; see <see cref="EnsureStreamAsync"/>.</summary>
    /// <exception cref="BusException">Refused.</exception>
    public async Task<KeyValueBucket> EnsureBucketAsync(KvConfig config, CancellationToken cancellationToken)
    {
        var bucket = new KeyValueBucket(_bus, config, _time);
        await EnsureStreamAsync(config.ToStream(), cancellationToken);
        return bucket;
    }

    /// <summary>A durable consumer that was ensured before.</summary>
    public PullConsumer Consumer(string stream, string durable)
    {
        BusSubject.Check(stream);
        BusSubject.Check(durable);
        return new PullConsumer(_bus, stream, durable, _logger, _time);
    }

    /// <inheritdoc cref="PublishAsync(string, ReadOnlyMemory{byte}, BusHeaders?, string?, CancellationToken)"/>
    public Task<PublishAck> PublishAsync(
        string subject, ReadOnlyMemory<byte> payload, string? messageId, CancellationToken cancellationToken) =>
        PublishAsync(subject, payload, null, messageId, cancellationToken);

    /// <summary>
    /// Stores a message and waits for the acknowledgement. Repeats across reconnects for
    /// <see cref="BusOptions.PublishTimeout"/>; the message id (a random one when null) keeps repeats from being stored twice.
    /// </summary>
    /// <exception cref="BusException">
    /// Nothing is known about the message: Timeout, Disconnected, NoResponders. Or Refused, TooLarge, Closed.
    /// </exception>
    public async Task<PublishAck> PublishAsync(
        string subject, ReadOnlyMemory<byte> payload, BusHeaders? headers, string? messageId, CancellationToken cancellationToken)
    {
        var all = new BusHeaders();
        foreach (var (key, value) in headers ?? []) all.Add(key, value);
        all.Add("Nats-Msg-Id", messageId ?? Guid.NewGuid().ToString("N"));

        var started = _time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await WaitUntilConnectedAsync(_options.PublishTimeout - _time.GetElapsedTime(started), cancellationToken);
                var reply = await _bus.RequestAsync(subject, payload, all, _options.RequestTimeout, cancellationToken);
                var ack = Parse(reply, JetStreamJson.Default.PublishReply);
                ThrowIf(ack.Error, subject);
                return new PublishAck(ack.Stream, ack.Seq, ack.Duplicate);
            }
            catch (BusException e) when (e.IsTransient && _time.GetElapsedTime(started) < PatienceFor(e))
            {
                BusMetrics.PublishRetried();
            }

            await DelayAsync(attempt, cancellationToken);
        }
    }

    /// <summary>How many messages a stream holds; null when it does not exist.</summary>
    /// <exception cref="BusException">No answer.</exception>
    public async Task<long?> CountAsync(string stream, CancellationToken cancellationToken)
    {
        BusSubject.Check(stream);
        try
        {
            var reply = Parse(await CallAsync("STREAM.INFO." + stream, default, cancellationToken), JetStreamJson.Default.StreamInfoReply);
            ThrowIf(reply.Error, stream);
            return (long)(reply.State?.Messages ?? 0);
        }
        catch (BusException e) when (e.ApiError == JetStreamError.StreamNotFound)
        {
            return null;
        }
    }

    /// <summary>What a stream holds.</summary>
    /// <exception cref="BusException">Refused: it does not exist. No answer.</exception>
    public async Task<StreamState> StreamStateAsync(string stream, CancellationToken cancellationToken)
    {
        BusSubject.Check(stream);
        var reply = Parse(await CallAsync("STREAM.INFO." + stream, default, cancellationToken), JetStreamJson.Default.StreamInfoReply);
        ThrowIf(reply.Error, stream);
        return reply.State ?? new StreamState(0, 0, 0, 0);
    }

    internal static void ThrowIf(ApiError? error, string what)
    {
        if (error is null) return;
        throw new BusException(BusErrorKind.Refused, $"{what}: {error.Description} ({error.ErrCode})") { ApiError = error.ErrCode };
    }

    internal static T Parse<T>(BusMessage reply, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Payload.Span, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new BusException(BusErrorKind.ProtocolViolation, $"The answer on '{reply.Subject}' is not from JetStream.", e);
        }
    }

    /// <summary>Runs beside a new session until everything declared stands again, or the session ends.</summary>
    internal async Task DeclareAllAsync(CancellationToken sessionEnded)
    {
        List<Func<CancellationToken, Task>> missing;
        lock (_gate) missing = [.. _order.Select(key => _declared[key])];

        try
        {
            for (var attempt = 0; ; attempt++)
            {
                missing = await DeclareAsync(missing, warn: attempt == 0, sessionEnded);
                if (missing.Count == 0) return;
                await DelayAsync(attempt, sessionEnded);
            }
        }
        catch (OperationCanceledException)
        {
            // The next session declares everything again.
        }
    }

    /// <returns>What may succeed a moment later: a server that has just started answers before its streams are all there.</returns>
    private async Task<List<Func<CancellationToken, Task>>> DeclareAsync(
        IReadOnlyList<Func<CancellationToken, Task>> all, bool warn, CancellationToken cancellationToken)
    {
        var again = new List<Func<CancellationToken, Task>>();
        foreach (var declare in all)
        {
            try
            {
                await declare(cancellationToken);
            }
            catch (BusException e)
            {
                var mayCome = e.IsTransient || e.ApiError == JetStreamError.StreamNotFound;
                if (mayCome) again.Add(declare);
                if (warn || !mayCome) Log.DeclarationFailed(_logger, e.Message);
            }
        }

        return again;
    }

    private TimeSpan PatienceFor(BusException e) =>
        e.Kind is BusErrorKind.NoResponders ? _options.RequestTimeout : _options.PublishTimeout;   // no stream takes this subject

    private async Task EnsureAsync(string key, Func<CancellationToken, Task> apply, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_declared.ContainsKey(key)) _order.Add(key);
            _declared[key] = apply;
        }

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await _bus.WaitUntilConnectedAsync(cancellationToken);
                await apply(cancellationToken);
                return;
            }
            catch (BusException e) when (e.IsTransient || e.ApiError == JetStreamError.StreamNotFound)
            {
                if (attempt % 10 == 0) Log.EnsureRetried(_logger, key, e.Message);   // about every 15 s
            }
            catch (BusException)
            {
                lock (_gate)
                {
                    _declared.Remove(key);
                    _order.Remove(key);
                }

                throw;
            }

            await DelayAsync(attempt, cancellationToken);
        }
    }

    private async Task ApplyAsync(StreamConfig config, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(config, JetStreamJson.Default.StreamConfig);
        for (var attempt = 0; ; attempt++)
        {
            var reply = Parse(await CallAsync("STREAM.CREATE." + config.Name, body, cancellationToken), JetStreamJson.Default.ApiReply);
            if (reply.Error is { ErrCode: JetStreamError.StreamNameInUse })   // it exists with another configuration
                reply = Parse(await CallAsync("STREAM.UPDATE." + config.Name, body, cancellationToken), JetStreamJson.Default.ApiReply);
            if (reply.Error is not { ErrCode: JetStreamError.SubjectsOverlap } || attempt == OverlapPatience)
            {
                ThrowIf(reply.Error, "Stream " + config.Name);
                return;
            }

            // Two planes declare it at the same moment: nats-server tells the later one that its subjects are taken.
            await DelayAsync(attempt, cancellationToken);
        }
    }

    private async Task ApplyAsync(string stream, ConsumerConfig config, CancellationToken cancellationToken)
    {
        var settings = new ConsumerSettings
        {
            DurableName = config.DurableName,
            Description = config.Description,
            FilterSubject = config.FilterSubject,
            DeliverPolicy = config.DeliverPolicy,
            AckPolicy = "explicit",
            AckWait = config.AckWait,
            MaxDeliver = config.MaxDeliver,
            MaxAckPending = config.MaxAckPending,
        };
        var request = new CreateConsumerRequest(stream, settings);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, JetStreamJson.Default.CreateConsumerRequest);
        var answer = await CallAsync($"CONSUMER.DURABLE.CREATE.{stream}.{config.DurableName}", body, cancellationToken);
        var reply = Parse(answer, JetStreamJson.Default.ApiReply);
        ThrowIf(reply.Error, $"Consumer {stream}/{config.DurableName}");
    }

    private Task<BusMessage> CallAsync(string operation, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        _bus.RequestAsync("$JS.API." + operation, body, null, _options.RequestTimeout, cancellationToken);

    private async Task WaitUntilConnectedAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var limit = patience > TimeSpan.Zero ? patience : TimeSpan.Zero;
            await _bus.WaitUntilConnectedAsync(cancellationToken).WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new BusException(BusErrorKind.Disconnected, "The bus is not connected.", e);
        }
    }

    private Task DelayAsync(int attempt, CancellationToken cancellationToken)
    {
        var delay = s_retryDelay * Math.Pow(2, Math.Min(attempt, 10));
        return Task.Delay(delay < s_retryDelayMax ? delay : s_retryDelayMax, _time, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(6110, LogLevel.Warning, "Bus: a stream, consumer or bucket could not be declared after connecting ({Reason})")]
        public static partial void DeclarationFailed(ILogger logger, string reason);

        [LoggerMessage(6111, LogLevel.Warning, "Bus: {What} is not there yet ({Reason}), trying again")]
        public static partial void EnsureRetried(ILogger logger, string what, string reason);
    }
}
