using System.Text.Json;

namespace Vms.Control.Outbox;

/// <summary>Something that somebody outside is to hear, or that is to be done, because of an event.</summary>
/// <param name="Channel">The <see cref="IOutboxChannel.Name"/> that delivers it.</param>
/// <param name="Target">Whom or what it is for, in the channel's words: a webhook's id, a camera's id, an address.</param>
/// <param name="RuleId">Null: no rule asked for it.</param>
/// <param name="Body">Its shape is the channel's matter; at most <see cref="OutboxTable.MaxBodyBytes"/>.</param>
internal sealed record OutboxItem(
    string TenantId, string Channel, string Target, string EventId, DateTimeOffset EventAt, string? RuleId, JsonElement Body);

/// <summary>A way out. The same item may come again when the process died while it was delivered: whoever receives it can tell by the event's id.</summary>
internal interface IOutboxChannel
{
    /// <summary>As <c>control.outbox.channel</c> and the API name it.</summary>
    string Name { get; }

    /// <summary>How long a target that failed is left alone at most; null: as long as <see cref="OutboxOptions.LongestBackOff"/>. For what is soon too late.</summary>
    TimeSpan? LongestHold => null;

    /// <summary>What waits for a target goes in the order in which it was put there, one at a time; what does not arrive holds up what is behind it, and is not given up
    /// for the number of its tries.</summary>
    bool InOrder => false;

    /// <summary>Returns when it has arrived. Has <see cref="OutboxRunner.Deadline"/> for it.</summary>
    /// <exception cref="DeliveryException">It has not.</exception>
    Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken);
}

/// <summary>Why something did not arrive: a sentence without its full stop, for the list of dead letters.</summary>
/// <param name="isFinal">It never will: it is not tried again.</param>
internal sealed class DeliveryException(string message, bool isFinal, Exception? cause = null) : Exception(message, cause)
{
    public bool IsFinal => isFinal;
}
