using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Control.Features.Ptz;
using Vms.Control.Outbox;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>Turns a camera to a preset. Whoever moves it by hand has precedence: it is tried again until it would be too late.</summary>
internal sealed class PtzAction(PtzControl control, PtzPositions positions, NpgsqlDataSource database, TimeProvider time) : IOutboxChannel
{
    public string Name => "ptz";

    public TimeSpan? LongestHold => ActionOrder.LongestHold;

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        order.CheckSoon(time.GetUtcNow());
        var (camera, preset, actor) = (order.CameraId, order.Action.Preset!, order.ActorOf(item.TenantId));
        var session = control.Of(camera);
        // Rules have no account: each is known again by its id.
        var (other, _) = session.TryTake(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes("rule/" + item.RuleId)).AsSpan(0, 16)), actor.Name);
        if (other is not null)
            throw new DeliveryException($"{other.Name} moves the camera", isFinal: false);
        var fault = await session.DoAsync(async (motor, limit) =>
        {
            await using var connection = await database.OpenConnectionAsync(limit);      // before: nothing moves that cannot be noted
            var gone = await motor.Link.CallAsync(PtzPreset.Go(motor.Profile, preset), limit);
            if (DeviceFault.Of(gone) is { } failure)
                return failure;
            positions.Moved(camera, preset);
            await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "ptz.preset", camera, new { preset, eventId = item.EventId }, limit);
            return null;
        });
        RelayAction.ThrowFor(fault);
    }
}
