using System.Text;
using Vms.Control.Outbox;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>Delivers items of the outbox to the MQTT broker; the target is a topic below the prefix, the body is the message.</summary>
internal sealed class MqttChannel(MqttLink link) : IOutboxChannel
{
    public const int MaxTopicLength = 128;

    public string Name => "mqtt";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (!MqttTopics.IsTopic(item.Target, MaxTopicLength))
            throw new DeliveryException($"'{item.Target}' is no topic", isFinal: true);
        try
        {
            await link.PublishBelowPrefixAsync(item.Target, Encoding.UTF8.GetBytes(item.Body.GetRawText()), cancellationToken);
        }
        catch (LinkException e)
        {
            throw new DeliveryException(e.Message, isFinal: false, e);
        }
    }
}
