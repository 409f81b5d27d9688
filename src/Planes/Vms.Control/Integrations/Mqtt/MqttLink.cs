using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Vms.Control.Federation;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>The connection to the operator's MQTT broker: events and states of cameras go there, commands come back.</summary>
internal sealed class MqttLink(
    IntegrationStore store, OutgoingAddresses addresses, EventTap tap, MqttCameraStates states, MqttCommands commands, FederationOptions here, IntegrationMetrics metrics,
    TimeProvider time, ILogger<MqttLink> logger)
    : IntegrationLink<MqttSettings>(MqttSettings.Kind, new MqttSettings { Port = DefaultPort }, store, metrics, time, logger)
{
    public const int DefaultPort = 1883;

    /// <summary>Of a message to us; the broker of somebody else is asked for no more.</summary>
    private const int MaxMessageBytes = 64 * 1024;

    /// <summary>Of a PUBLISH, besides topic and payload: header, lengths, identifier, no properties.</summary>
    private const int PacketOverhead = 16;

    /// <summary>Automations want to know what happens: what happened long ago is in the archive.</summary>
    private static readonly TimeSpan s_oldNews = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    private readonly IntegrationStore _store = store;
    private volatile Session? _session;
    private volatile uint _largest;     // packet that the broker takes; 0: any

    /// <summary>An open connection.</summary>
    private sealed record Session(IMqttClient Client, MqttTopics Topics, string Prefix);

    /// <summary>A message below the prefix, not retained.</summary>
    /// <exception cref="LinkException">There is no connection, or it was lost.</exception>
    /// <exception cref="MessageRefusedException">The broker does not take this message.</exception>
    public async Task PublishBelowPrefixAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        if (_session is not { } session)
            throw new LinkException(State.Error is { } error ? $"There is no connection to the MQTT broker ({error})" : "There is no connection to the MQTT broker");
        try
        {
            await PublishAsync(session.Client, $"{session.Prefix}/{topic}", payload, retain: false, cancellationToken);
        }
        catch (MessageRefusedException e)
        {
            Refused(e);
            throw;
        }
    }

    protected override async Task RunAsync(Integration<MqttSettings> integration, CancellationToken cancellationToken)
    {
        var settings = integration.Settings;
        var topics = new MqttTopics(settings.TopicPrefix, here.Name);
        using var client = new MqttClientFactory().CreateMqttClient();
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            lost.TrySetResult(e.Exception?.Message ?? "The broker ended the connection");
            return Task.CompletedTask;
        };
        var received = commands.Open(topics, settings.CommandUserId, (topic, payload, retain, limit) => TryPublishAsync(client, topic, payload, retain, limit));
        client.ApplicationMessageReceivedAsync += e =>
        {
            var message = e.ApplicationMessage;
            if (!message.Retain)        // an order of before is none
                received.TryAdd(message.Topic, message.Payload.ToArray());
            return Task.CompletedTask;
        };

        await ConnectAsync(client, integration, topics, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await TryPublishAsync(client, topics.Availability, "online"u8.ToArray(), retain: true, cancellationToken);
            if (settings.CommandUserId is not null)
                await client.SubscribeAsync(topics.CommandFilter, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
            _session = new Session(client, topics, settings.TopicPrefix);
            Connected();
            Task[] work =
            [
                tap.RunAsync("control-mqtt", integration.EnabledAt ?? Time.GetUtcNow(), (events, limit) => TellAsync(client, topics, settings, events, limit), end.Token),
                states.RunAsync(topics, settings, (topic, payload, limit) => TryPublishAsync(client, topic, payload, retain: true, limit), end.Token),
                received.RunAsync(end.Token),
                LostAsync(lost.Task, end.Token),
            ];
            var first = await Task.WhenAny(work);
            await end.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }
        catch (MqttCommunicationException e)
        {
            throw new LinkException((e.InnerException ?? e).Message, e);
        }
        finally
        {
            _session = null;
            await GoodbyeAsync(client, topics);
        }
    }

    private async Task ConnectAsync(IMqttClient client, Integration<MqttSettings> integration, MqttTopics topics, CancellationToken cancellationToken)
    {
        var settings = integration.Settings;
        using var deadline = new CancellationTokenSource(s_patience, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var host = (await addresses.ResolveAsync(settings.Host, settings.Port, loopback: true, either.Token))[0];
            var options = new MqttClientOptionsBuilder()
                .WithProtocolVersion(MqttProtocolVersion.V500)      // 3.1.1 cannot say how much we take
                .WithClientId("vms-" + topics.Server)
                .WithTcpServer(host.ToString(), settings.Port)
                .WithCleanSession()
                .WithKeepAlivePeriod(s_keepAlive)
                .WithTimeout(s_patience)
                .WithMaximumPacketSize(MaxMessageBytes)
                .WithWillTopic(topics.Availability).WithWillPayload("offline"u8.ToArray()).WithWillRetain().WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .WithTlsOptions(tls => tls.UseTls(settings.Tls).WithTargetHost(settings.Host)
                    .WithCertificateValidationHandler(c => ServiceTls.IsTrusted(settings.CaCertificate, c.Certificate, c.Chain, c.SslPolicyErrors)));
            if (settings.Username is { Length: > 0 } user)
                options = options.WithCredentials(user, _store.PasswordOf(integration) ?? "");
            var answer = await client.ConnectAsync(options.Build(), either.Token);
            if (answer.ResultCode != MqttClientConnectResultCode.Success)
                throw new LinkException($"The broker refuses the connection ({answer.ResultCode})");
            _largest = answer.MaximumPacketSize ?? 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException($"The broker did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (MqttCommunicationException e)
        {
            throw new LinkException((e.InnerException ?? e).Message, e);
        }
    }

    private async Task TellAsync(IMqttClient client, MqttTopics topics, MqttSettings settings, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        foreach (var happened in events.Where(e => EventTypes.Match(settings.Types, e.Type) && e.SaidAt > Time.GetUtcNow() - s_oldNews))
            await TryPublishAsync(client, topics.Of(happened.SiteId, happened.CameraId, happened.Type), happened.Payload, retain: false, cancellationToken);
    }

    /// <summary>What the broker refuses is left out: it would refuse it again, and everything else would wait behind it.</summary>
    private async Task TryPublishAsync(IMqttClient client, string topic, byte[] payload, bool retain, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(client, topic, payload, retain, cancellationToken);
        }
        catch (MessageRefusedException e)
        {
            Refused(e);
        }
    }

    /// <summary>Returns when the broker has it.</summary>
    private async Task PublishAsync(IMqttClient client, string topic, byte[] payload, bool retain, CancellationToken cancellationToken)
    {
        // MQTT 5, 3.2.2.3.6: whoever sends more than the broker takes loses the connection.
        if (_largest > 0 && payload.Length + Encoding.UTF8.GetByteCount(topic) + PacketOverhead > _largest)
            throw new MessageRefusedException("tooLarge", $"The broker takes {_largest} bytes at most, a message on {topic} has {payload.Length}");
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        try
        {
            var answer = await client.PublishAsync(message, cancellationToken);
            switch (answer.ReasonCode)
            {
                case MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers:
                    break;
                case MqttClientPublishReasonCode.NotAuthorized or MqttClientPublishReasonCode.TopicNameInvalid or MqttClientPublishReasonCode.PayloadFormatInvalid:
                    throw new MessageRefusedException(answer.ReasonCode.ToString(), $"The broker does not take a message on {topic} ({answer.ReasonCode})");
                default:
                    // Of the broker, not of the message, as a quota: that passes.
                    throw new LinkException($"The broker does not take messages now ({answer.ReasonCode})");
            }
        }
        catch (Exception e) when (e is MqttCommunicationException or InvalidOperationException)
        {
            throw new LinkException($"The broker did not take a message ({(e.InnerException ?? e).Message})", e);
        }

        Sent();
    }

    private static async Task LostAsync(Task<string> lost, CancellationToken cancellationToken) =>
        throw new LinkException(await lost.WaitAsync(cancellationToken));

    /// <summary>Whoever goes in order says so itself; the last will is for the other cases.</summary>
    private async Task GoodbyeAsync(IMqttClient client, MqttTopics topics)
    {
        if (!client.IsConnected)
            return;
        using var deadline = new CancellationTokenSource(s_patience, Time);
        try
        {
            await PublishAsync(client, topics.Availability, "offline"u8.ToArray(), retain: true, deadline.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), deadline.Token);
        }
        catch (Exception e) when (e is LinkException or MqttCommunicationException or OperationCanceledException)
        {
            // It is gone anyway.
        }
    }
}
