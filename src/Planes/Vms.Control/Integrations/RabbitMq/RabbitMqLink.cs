using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Vms.Control.Integrations.RabbitMq;

/// <summary>The connection to the operator's RabbitMQ: every event goes to one of three durable queues, and counts as told when the broker has confirmed it.</summary>
internal sealed class RabbitMqLink(
    IntegrationStore store, OutgoingAddresses addresses, EventTap tap, IntegrationMetrics metrics, TimeProvider time, ILogger<RabbitMqLink> logger)
    : IntegrationLink<RabbitMqSettings>(RabbitMqSettings.Kind, new RabbitMqSettings { Port = DefaultPort }, store, metrics, time, logger)
{
    public const int DefaultPort = 5672;

    /// <summary>Of a queue that nobody reads and that we have made; the oldest go. One that the operator has made is as he made it.</summary>
    private const int MaxQueueLength = 1_000_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    private readonly IntegrationStore _store = store;

    protected override async Task RunAsync(Integration<RabbitMqSettings> integration, CancellationToken cancellationToken)
    {
        var queues = new RabbitMqQueues(integration.Settings.QueuePrefix);
        try
        {
            await using var connection = await ConnectAsync(integration, cancellationToken);
            var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.ConnectionShutdownAsync += (_, e) =>
            {
                lost.TrySetResult(e.ReplyText);
                return Task.CompletedTask;
            };
            foreach (var queue in queues.All)
                await DeclareAsync(connection, queue, cancellationToken);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
            Connected();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task[] work =
            [
                tap.RunAsync("control-rabbitmq", integration.EnabledAt ?? Time.GetUtcNow(), (events, limit) => TellAsync(channel, queues, events, limit), end.Token),
                LostAsync(lost.Task, end.Token),
            ];
            var first = await Task.WhenAny(work);
            await end.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }
        catch (RabbitMQClientException e)
        {
            throw new LinkException((e.InnerException ?? e).Message, e);
        }
    }

    private async Task<IConnection> ConnectAsync(Integration<RabbitMqSettings> integration, CancellationToken cancellationToken)
    {
        var settings = integration.Settings;
        var factory = new ConnectionFactory
        {
            VirtualHost = settings.VirtualHost,
            UserName = settings.Username is { Length: > 0 } user ? user : ConnectionFactory.DefaultUser,
            Password = _store.PasswordOf(integration) ?? ConnectionFactory.DefaultPass,
            ClientProvidedName = "vms-control",
            AutomaticRecoveryEnabled = false,       // it is connected to anew, with what the address policy says then
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = s_heartbeat,
            RequestedConnectionTimeout = s_patience,
        };
        using var deadline = new CancellationTokenSource(s_patience, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var hosts = await addresses.ResolveAsync(settings.Host, settings.Port, loopback: true, either.Token);
            var tls = new SslOption(settings.Host, enabled: settings.Tls) { CertificateValidationCallback = ServiceTls.Validation(settings.CaCertificate) };
            return await factory.CreateConnectionAsync([.. hosts.Select(h => new AmqpTcpEndpoint(h.ToString(), settings.Port, tls))], either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException($"RabbitMQ did not answer within {s_patience.TotalSeconds:0} s");
        }
    }

    /// <summary>As it is, when it is there: other arguments than its own would be refused.</summary>
    private static async Task DeclareAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            await using var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await asking.QueueDeclarePassiveAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            await using var making = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await making.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = MaxQueueLength }, cancellationToken: cancellationToken);
        }
    }

    private async Task TellAsync(IChannel channel, RabbitMqQueues queues, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) =>
        await Task.WhenAll(events.Select(e => PublishAsync(channel, queues.Of(e.Type), e.Id, e.Type, e.At, e.Payload, cancellationToken)));

    /// <summary>Returns when the broker has confirmed it.</summary>
    private async Task PublishAsync(IChannel channel, string queue, string eventId, string type, DateTimeOffset at, byte[] payload, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            ContentType = "application/json",
            MessageId = eventId,
            Type = type,
            Timestamp = new AmqpTimestamp(at.ToUnixTimeSeconds()),
        };
        try
        {
            // Mandatory: a queue that somebody deleted meanwhile is a failure, not a hole.
            await channel.BasicPublishAsync("", queue, mandatory: true, properties, payload, cancellationToken);
        }
        catch (RabbitMQClientException e)
        {
            throw new LinkException($"RabbitMQ did not take a message for {queue} ({(e.InnerException ?? e).Message})", e);
        }

        Sent();
    }

    private static async Task LostAsync(Task<string> lost, CancellationToken cancellationToken) =>
        throw new LinkException(await lost.WaitAsync(cancellationToken));
}
