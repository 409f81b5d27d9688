using System.Text.Json;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Integrations.Sensors;

/// <summary>
/// Takes what sensors publish from their own server and passes it on to the bus as events, when it is theirs to say: what the system tells about itself, and what
/// cameras see, is not. Acknowledged when the bus has it: at least once, and with the same id.
/// </summary>
internal sealed partial class SensorFeed(
    SensorOptions sensors, SensorDirectory directory, BusConnection bus, ServerCertificate certificate, SensorMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    : BackgroundService
{
    private const string Stream = "SENSORS";
    private const string Consumer = "control";
    private const int MaxBatch = 200;
    private const long MaxStreamBytes = 64L << 20;

    /// <summary>Of one message: as much as POST /api/events takes, and what stands around it.</summary>
    private const int MaxMessageBytes = 12 * 1024;

    /// <summary>Of one sensor.</summary>
    private const int MaxPerMinute = 3000;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryAfterRefusal = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<SensorFeed>();
    private readonly RateLimiter _limiter = new(MaxPerMinute);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sensors.Url is not { } url)
            return;
        await using var theirs = new BusConnection(
            new BusOptions { Url = url, ClientName = "vms-control", Tls = new BusTlsOptions { Accepts = IsOurs } }, loggers.CreateLogger<BusConnection>(), time);
        await Task.WhenAll(theirs.RunAsync(stoppingToken), ReadAlwaysAsync(theirs, stoppingToken));
    }

    /// <summary>The installation's own certificate, on this machine: its name need not be this address.</summary>
    private bool IsOurs(System.Security.Cryptography.X509Certificates.X509Certificate2 shown) =>
        shown.RawDataMemory.Span.SequenceEqual(certificate.Current.TargetCertificate.RawDataMemory.Span);

    private async Task ReadAlwaysAsync(BusConnection theirs, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(theirs, stoppingToken);
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotRead(_logger, e.Message);
                await Task.Delay(s_retryAfterRefusal, time, stoppingToken);
            }
        }
    }

    private async Task ReadAsync(BusConnection theirs, CancellationToken cancellationToken)
    {
        await theirs.JetStream.EnsureStreamAsync(
            new StreamConfig
            {
                Name = Stream,
                Subjects = [BusLayout.EventSubjects],
                Retention = StreamRetention.WorkQueue,
                MaxAge = TimeSpan.FromDays(1),
                MaxBytes = MaxStreamBytes,
                MaxMsgSize = MaxMessageBytes,
            }, cancellationToken);
        await theirs.JetStream.EnsureConsumerAsync(Stream, new ConsumerConfig { DurableName = Consumer, MaxAckPending = 2 * MaxBatch }, cancellationToken);
        var consumer = theirs.JetStream.Consumer(Stream, Consumer);
        while (true)
        {
            var batch = new List<JetStreamMessage>();
            try
            {
                await foreach (var message in consumer.FetchAsync(1, s_idle, cancellationToken))
                    batch.Add(message);
                if (batch.Count > 0)
                {
                    await foreach (var message in consumer.FetchAsync(MaxBatch - 1, s_gather, cancellationToken))
                        batch.Add(message);
                }
            }
            catch (BusException e) when (e.IsTransient)
            {
                await Task.Delay(s_retry, time, cancellationToken);
            }

            foreach (var message in batch)
                await PassOnAsync(message, cancellationToken);
        }
    }

    private async Task PassOnAsync(JetStreamMessage message, CancellationToken cancellationToken)
    {
        // Before it is known who there is, nobody is refused.
        if (!directory.IsRead)
        {
            await message.NakAsync(s_retry, cancellationToken);
            return;
        }

        var (said, reason) = Read(message.Subject, message.Payload.Span, message.StoredAt, message.Sequence, time.GetUtcNow());
        if (said is null)
        {
            Log.Refused(_logger, message.Subject, reason!);
            metrics.Said("refused");
            await message.TerminateAsync(cancellationToken);
            return;
        }

        if (message.Deliveries == 1 && _limiter.Take(said.SensorId, time.GetElapsedTime(0)) > TimeSpan.Zero)
        {
            metrics.Said("tooMany");
            await message.TerminateAsync(cancellationToken);
            return;
        }

        if (await ReportEvent.TryPublishAsync(bus, said.Subject, said.Payload, said.MessageId, time, cancellationToken))
        {
            metrics.Said("taken");
            await message.AckAsync(cancellationToken);
        }
        else
        {
            await message.NakAsync(s_retry, cancellationToken);
        }
    }

    /// <summary>What goes to the bus, or why nothing does.</summary>
    internal (Said? Said, string? Reason) Read(string subject, ReadOnlySpan<byte> payload, DateTimeOffset storedAt, ulong sequence, DateTimeOffset now)
    {
        if (subject.Split('.', 5) is not ["vms", "events", var site, var id, { Length: > 0 } type] || directory.Find(id) is not { } sensor || sensor.SiteId != site)
            return (null, "there is no such sensor at this site");
        if (payload.Length > MaxMessageBytes)
            return (null, $"it has more than {MaxMessageBytes} bytes");
        ReportEvent.Request? request;
        try
        {
            request = payload.IsEmpty ? new ReportEvent.Request() : JsonSerializer.Deserialize<ReportEvent.Request>(payload, JsonSerializerOptions.Web);
        }
        catch (JsonException e)
        {
            return (null, $"it is no event ({e.Message})");
        }

        if (request is null || (request.Type is not null && request.Type != type))
            return (null, "its type is not the subject's");
        if (request.CameraId is not null)
            return (null, "what a camera sees is not a sensor's to say");
        var at = request.At?.ToUniversalTime() ?? storedAt;
        var endAt = request.EndAt?.ToUniversalTime();
        if (ReportEvent.ProblemsOf(request with { Type = type, At = request.Id is null ? request.At : at }, at, endAt, now) is [var problem, ..])
            return (null, $"{problem.Field}: {problem.Message}");

        // Of the sensor alone: it can repeat its own events, and nobody else's.
        var eventId = $"{sensor.Id}/{request.Id ?? $"{storedAt.UtcTicks:x}-{sequence}"}";
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new { id = eventId, type, at, endAt, request.Ongoing, source = "sensor:" + sensor.Name, data = (object?)request.Data ?? new { } }, JsonSerializerOptions.Web);
        return (new Said(sensor.Id, BusLayout.EventSubject(site, null, type), json, ReportEvent.MessageIdOf(eventId, at, endAt, request.Ongoing ? storedAt : null)), null);
    }

    /// <summary>An event of a sensor as it goes to the bus.</summary>
    internal sealed record Said(string SensorId, string Subject, byte[] Payload, string MessageId);

    private static partial class Log
    {
        [LoggerMessage(1632, LogLevel.Warning, "What sensors publish cannot be read ({Reason}), trying again")]
        public static partial void NotRead(ILogger logger, string reason);

        [LoggerMessage(1633, LogLevel.Debug, "A message on {Subject} is not passed on: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);
    }
}
