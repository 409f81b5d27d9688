using System.Text;
using Vms.Control.Outbox;

namespace Vms.Control.Integrations.RabbitMq;

/// <summary>Delivers items of the outbox to the queue of notifications; the target is the message's type.</summary>
internal sealed class RabbitMqChannel(RabbitMqLink link) : IOutboxChannel
{
    private const int MaxTypeLength = 128;

    public string Name => "rabbitmq";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(item.Target) > MaxTypeLength)
            throw new DeliveryException($"The type is longer than {MaxTypeLength} bytes", isFinal: true);
        try
        {
            await link.NotifyAsync(item.EventId, item.Target, item.EventAt, Encoding.UTF8.GetBytes(item.Body.GetRawText()), cancellationToken);
        }
        catch (LinkException e)
        {
            throw new DeliveryException(e.Message, isFinal: false, e);
        }
    }
}
