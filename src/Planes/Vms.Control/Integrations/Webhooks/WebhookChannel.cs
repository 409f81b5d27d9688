using System.Text;
using Npgsql;
using Vms.Control.Outbox;

namespace Vms.Control.Integrations.Webhooks;

/// <summary>Delivers items of the outbox to webhooks; the target is a webhook's id, the body is sent as it is.</summary>
internal sealed class WebhookChannel(NpgsqlDataSource database, WebhookSender sender, TimeProvider time) : IOutboxChannel
{
    public string Name => "webhook";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (await WebhookRow.FindAsync(database, item.TenantId, item.Target, cancellationToken) is not { } webhook)
            throw new DeliveryException("The webhook was deleted", isFinal: true);
        if (!webhook.Enabled)
            throw new DeliveryException("The webhook is switched off", isFinal: true);
        var answer = await sender.SendAsync(
            webhook, WebhookSignature.IdOf(item.EventId, item.RuleId), Encoding.UTF8.GetBytes(item.Body.GetRawText()), cancellationToken);
        await webhook.TriedAsync(database, time.GetUtcNow(), answer, cancellationToken);
        if (answer.Error is { } error)
            throw new DeliveryException(error, answer.IsFinal);
    }
}
