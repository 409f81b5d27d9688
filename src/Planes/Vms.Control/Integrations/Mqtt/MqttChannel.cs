using System.Text;
using Vms.Control.Auth;
using Vms.Control.Outbox;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>
/// Delivers items of the outbox to the MQTT broker; the target is a topic below <c>{prefix}/rules/</c>, the body is the message. There it is neither a state nor
/// a command of a camera, to whoever listens. The broker is the first tenant's.
/// </summary>
internal sealed class MqttChannel(MqttLink link) : IOutboxChannel
{
    public const int MaxTopicLength = 128;

    private const string Below = "rules/";

    public string Name => "mqtt";

    /// <summary>Also without the level <c>command</c>: behind it somebody's words are done.</summary>
    public static bool IsTarget(string topic) => MqttTopics.IsTopic(topic, MaxTopicLength) && !topic.Split('/').Contains("command", StringComparer.Ordinal);

    /// <summary>Where it goes, below the prefix; it may say itself that it is a rule's.</summary>
    public static string TopicOf(string target) => target.StartsWith(Below, StringComparison.Ordinal) ? target : Below + target;

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (item.TenantId != Tenants.First)
            throw new DeliveryException("The MQTT broker is the first tenant's; rules of others do not publish there", isFinal: true);
        if (!IsTarget(item.Target))
            throw new DeliveryException($"'{item.Target}' is no topic that rules publish on: without wildcards, without a level 'command', at most {MaxTopicLength} characters", isFinal: true);
        try
        {
            await link.PublishBelowPrefixAsync(TopicOf(item.Target), Encoding.UTF8.GetBytes(item.Body.GetRawText()), cancellationToken);
        }
        catch (MessageRefusedException e)
        {
            throw new DeliveryException(e.Message, isFinal: true, e);
        }
        catch (LinkException e)
        {
            throw new DeliveryException(e.Message, isFinal: false, e);
        }
    }
}
