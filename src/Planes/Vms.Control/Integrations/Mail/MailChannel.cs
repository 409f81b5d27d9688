using Vms.Control.Outbox;

namespace Vms.Control.Integrations.Mail;

/// <summary>Delivers items of the outbox by mail; the target is an address, the body an <see cref="EmailBody"/>.</summary>
internal sealed class MailChannel(MailSender sender) : IOutboxChannel
{
    public string Name => "email";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(item.Target, EmailBody.Read(item.Body), $"{item.EventId}\n{item.EventAt:O}\n{item.RuleId}\n{item.Target}", cancellationToken);
        }
        catch (MailException e)
        {
            throw new DeliveryException(e.Message, e.IsFinal, e);
        }
    }
}
