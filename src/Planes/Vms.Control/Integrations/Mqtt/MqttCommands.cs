using System.Text.Json;
using System.Threading.Channels;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>Sends a message to the broker.</summary>
internal delegate Task MqttPublish(string topic, byte[] payload, bool retain, CancellationToken cancellationToken);

/// <summary>Takes commands from <c>…/{camera}/command/{record|snapshot|ptz|arm}</c> and has them done on behalf of the user whom the operator has chosen.</summary>
internal sealed class MqttCommands(CommandRunner runner, IntegrationMetrics metrics)
{
    /// <param name="userId">Null: none are done.</param>
    public Session Open(MqttTopics topics, string? userId, MqttPublish publish) => new(topics, userId, publish, runner, metrics);

    /// <summary>The commands of one connection, one after the other. Any thread adds; one runs.</summary>
    internal sealed class Session(MqttTopics topics, string? userId, MqttPublish publish, CommandRunner runner, IntegrationMetrics metrics)
    {
        /// <summary>That wait; what comes beyond is dropped and counted.</summary>
        private const int MaxWaiting = 32;

        private const int MaxPayloadBytes = 4096;

        private readonly Channel<(string Topic, byte[] Payload)> _waiting =
            Channel.CreateBounded<(string, byte[])>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

        public void TryAdd(string topic, byte[] payload)
        {
            if (payload.Length > MaxPayloadBytes || !_waiting.Writer.TryWrite((topic, payload)))
                metrics.Command("dropped");
        }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            await foreach (var (topic, payload) in _waiting.Reader.ReadAllAsync(cancellationToken))
            {
                if (userId is null || topics.CommandOf(topic) is not var (site, camera, command))
                    continue;
                var result = await runner.DoAsync(userId, camera, command, payload, cancellationToken);
                metrics.Command(result.Done ? "done" : "refused");
                if (result.Picture is { } picture)
                    await publish(topics.Of(site, camera, "snapshot"), picture, retain: true, cancellationToken);
                var answer = JsonSerializer.SerializeToUtf8Bytes(new { result.Done, result.Status, result.Code, result.Detail }, JsonSerializerOptions.Web);
                await publish($"{topic}/result", answer, retain: false, cancellationToken);
            }
        }
    }
}
