using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Rules;

/// <summary>What an outbox item of a rule's action says: why, what, and for which event.</summary>
internal sealed record ActionOrder(ActionOrder.OfRule Rule, RuleAction Action, EventView Event)
{
    /// <summary>Whoever is told by a message that an event happened: what they do about it is a matter of seconds.</summary>
    private static readonly TimeSpan s_late = TimeSpan.FromMinutes(2);

    /// <summary>Of a camera or plane that failed: whoever waits longer has lost the next event, too.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <summary>Times as the API writes them: whoever gets the body sees the event as they know it.</summary>
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web) { Converters = { new UtcTimeConverter() } };

    public sealed record OfRule(string Id, string Name);

    /// <summary>As it stands in the audit: no user's name has a colon.</summary>
    public Actor ActorOf(string tenantId) => new(tenantId, "rule:" + Rule.Name, null);

    /// <summary>The camera that the action is about.</summary>
    /// <exception cref="DeliveryException">The event is no camera's, and the action names none.</exception>
    [JsonIgnore]
    public string CameraId => Action.CameraId ?? Event.CameraId ?? throw new DeliveryException("The event concerns no camera, and the rule names none", isFinal: true);

    /// <summary>For what is done here.</summary>
    public static OutboxItem ItemOf(RuleFiring firing, RuleAction action, string target) => ItemOf(
        firing.TenantId, firing.Rule.Id, firing.Event, action.Type!, target, new ActionOrder(new OfRule(firing.Rule.Id, firing.Rule.Name), action, firing.Event));

    public static OutboxItem ItemOf(string tenantId, string ruleId, EventView happened, string channel, string target, object body) =>
        new(tenantId, channel, target, happened.Id, happened.At, ruleId, JsonSerializer.SerializeToElement(body, s_json));

    /// <exception cref="DeliveryException">It is none.</exception>
    public static ActionOrder Of(OutboxItem item)
    {
        try
        {
            return item.Body.Deserialize<ActionOrder>(s_json) ?? throw new DeliveryException("It says nothing", isFinal: true);
        }
        catch (JsonException e)
        {
            throw new DeliveryException("It cannot be read", isFinal: true, e);
        }
    }

    /// <summary>What moves, switches or records has to be done soon or not at all: nobody expects a gate to open an hour after the car. What lasted is not late
    /// by its beginning: rules hear in the end of the plate of a car that stood there for a while.</summary>
    /// <exception cref="DeliveryException">It is too late.</exception>
    public void CheckSoon(DateTimeOffset now)
    {
        if (now - (Event.EndAt ?? Event.At) > s_late)
            throw new DeliveryException($"The event is older than {s_late.TotalMinutes:0} minutes, it is not done any more", isFinal: true);
    }
}
