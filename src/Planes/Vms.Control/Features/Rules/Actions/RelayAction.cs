using Npgsql;
using Vms.Control.Features.Device;
using Vms.Control.Outbox;
using Vms.Onvif.Device;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>Switches a contact of a camera.</summary>
internal sealed class RelayAction(CameraDevices devices, NpgsqlDataSource database, TimeProvider time) : IOutboxChannel
{
    public string Name => "relay";

    public TimeSpan? LongestHold => ActionOrder.LongestHold;

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        order.CheckSoon(time.GetUtcNow());
        var (relay, active) = (order.Action.Relay!, order.Action.Active ?? true);
        var (link, fault) = await devices.OpenAsync(order.CameraId, cancellationToken);
        using (link)
        {
            ThrowFor(fault);
            var switching = new DeviceOrder(database, time, order.ActorOf(item.TenantId), "relay.switched", order.CameraId, new { relay, active, eventId = item.EventId });
            ThrowFor(await switching.SendAsync(link!, RelayOutput.SetState(relay, active), cancellationToken));
        }
    }

    /// <exception cref="DeliveryException">There is a fault; another try mends only some.</exception>
    public static void ThrowFor(DeviceFault? fault)
    {
        if (fault is not null)
            throw new DeliveryException(fault.Detail, isFinal: fault.Trouble is DeviceTrouble.NotSupported or DeviceTrouble.BadCredentials);
    }
}
