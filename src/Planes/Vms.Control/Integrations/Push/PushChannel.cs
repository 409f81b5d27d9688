using System.Globalization;
using System.Text.Json;
using Vms.Control.Outbox;

namespace Vms.Control.Integrations.Push;

/// <summary>Delivers items of the outbox to a user; the target is the account's id, the body a <see cref="Notification"/>.</summary>
internal sealed class PushChannel(Notifier notifier) : IOutboxChannel
{
    public string Name => "push";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(item.Target, out var account))
            throw new DeliveryException($"'{item.Target}' is no user", isFinal: true);
        Notification? what;
        try
        {
            what = item.Body.Deserialize<Notification>(JsonSerializerOptions.Web);
        }
        catch (JsonException e)
        {
            throw new DeliveryException($"It is no notification ({e.Message})", isFinal: true, e);
        }

        // Another rule, another step of an alarm, or another event under the same id does not take the place of what was shown; the same item again does.
        var id = string.Create(CultureInfo.InvariantCulture, $"{item.EventId} {item.EventAt.ToUnixTimeMilliseconds()} {item.RuleId}").TrimEnd();
        var (told, failures) = await notifier.TellAsync(account, id, item.EventAt, what ?? new Notification(null, null, null, null, null, null), always: false, cancellationToken);
        // One browser that heard it is enough: the others would hear it twice.
        if (told == 0 && failures.Count > 0)
            throw new DeliveryException(failures[0], isFinal: false);
    }
}
