using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Events;
using Vms.Control.Outbox;

namespace Vms.Control.Events;

/// <summary>
/// Sends what control found out itself to the event stream, where brokers and other programs hear it as they hear everything else. It is stored, and had its effect,
/// before: what comes back from the bus is a row that exists already.
/// </summary>
internal sealed class BusChannel(BusConnection bus) : IOutboxChannel
{
    private const string ChannelName = "bus";

    public string Name => ChannelName;

    public bool InOrder => true;

    /// <summary>Each try waits for the bus itself.</summary>
    public TimeSpan? LongestHold => TimeSpan.FromSeconds(2);

    /// <param name="told">As it is stored now.</param>
    public static OutboxItem ItemOf(string tenantId, EventView told) => new(
        tenantId, ChannelName, BusLayout.EventStream, told.Id,
        told.EndAt ?? told.At,      // its end is another message than its beginning
        RuleId: null,
        JsonSerializer.SerializeToElement(
            new Body(
                BusLayout.EventSubject(told.SiteId ?? Features.Sites.SiteRow.DefaultId, told.CameraId, told.Type),
                JsonSerializer.SerializeToElement(new { told.Id, told.Type, told.CameraId, told.At, told.EndAt, told.Source, told.Data }, JsonSerializerOptions.Web)),
            JsonSerializerOptions.Web));

    /// <summary>Sent twice it is still one message.</summary>
    public static string MessageIdOf(string eventId, DateTimeOffset at) => $"{eventId}-{at.UtcTicks}";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        if (item.Body.Deserialize<Body>(JsonSerializerOptions.Web) is not { Subject: { } subject } body)
            throw new DeliveryException("It is no event", isFinal: true);
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            // Sent again after a crash it is the same message.
            await bus.JetStream.PublishAsync(subject, JsonSerializer.SerializeToUtf8Bytes(body.Message), MessageIdOf(item.EventId, item.EventAt), cancellationToken);
        }
        catch (BusException e)
        {
            throw new DeliveryException(e.Message, isFinal: e is { IsTransient: false, Kind: BusErrorKind.TooLarge or BusErrorKind.Refused }, e);
        }
    }

    private sealed record Body(string? Subject, [property: JsonPropertyName("event")] JsonElement Message);
}
