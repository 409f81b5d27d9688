using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Integrations.Push;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Rules;

/// <summary>What people and programs are told for a rule, or for an alarm that nobody acknowledged: items of the outbox in the shapes of its channels.</summary>
internal static class Messages
{
    /// <summary>Of one message without names.</summary>
    private const int MaxReaders = 500;

    /// <param name="people">Null: they were not read yet, and nobody is told by push.</param>
    /// <param name="action">webhook, mqtt, email or push.</param>
    public static IEnumerable<OutboxItem> Of(string tenantId, string ruleId, string ruleName, EventView happened, RuleAction action, RightsSnapshot? people)
    {
        var title = action.Title ?? $"{ruleName}: {happened.CameraName ?? happened.SiteName ?? happened.Source}";
        var text = string.Join(", ", ((string?[])[happened.Type, happened.Class, happened.Plate, happened.Zone ?? happened.Line]).OfType<string>());
        OutboxItem Item(string target, object body) => ActionOrder.ItemOf(tenantId, ruleId, happened, action.Type!, target, body);

        var order = new ActionOrder(new ActionOrder.OfRule(ruleId, ruleName), action, happened);
        return action.Type switch
        {
            "webhook" => [Item(action.WebhookId!, order)],
            "mqtt" => [Item(action.Topic ?? "rules/" + ruleId, order)],
            "email" => action.To!.Select(address => Item(
                address, new { subject = title, text = $"{text}\n{happened.At:u}\n{happened.CameraName}\n{happened.SiteName}", order.Rule, @event = happened })),
            "push" => ReadersOf(tenantId, happened, action.To, people).Select(account => Item(
                account, new Notification(title, text, happened.Type, happened.CameraId, happened.SiteId, PageOf(happened)))),
            _ => [],
        };
    }

    /// <summary>Of the web client: an event is its id and its time.</summary>
    private static string PageOf(EventView happened) => $"/events?event={Uri.EscapeDataString(happened.Id)}&at={Uri.EscapeDataString(UtcTimeConverter.TextOf(happened.At))}";

    /// <returns>Ids of accounts: those who are named, or everybody, as far as they see where it happened.</returns>
    private static IEnumerable<string> ReadersOf(string tenantId, EventView happened, IReadOnlyList<string>? names, RightsSnapshot? people) =>
        (people?.Principals ?? [])
            .Where(p => p is { IsApiKey: false, Enabled: true } && p.TenantId == tenantId && (names is not { Count: > 0 } || names.Contains(p.Name, StringComparer.OrdinalIgnoreCase))
                && p.Rights.Sees(Permissions.EventsRead, happened.CameraId, happened.SiteId))
            .Select(p => p.Id.ToString()).Order(StringComparer.Ordinal).Take(MaxReaders);
}
