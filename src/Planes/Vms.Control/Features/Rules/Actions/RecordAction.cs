using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Recording;
using Vms.Control.Outbox;
using Vms.Rpc;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>Records around an event, whatever the camera's mode: from before it, as far as the stream log reaches back, until so long after it.</summary>
internal sealed class RecordAction(NpgsqlDataSource database, ManualRecorder recorder, TimeProvider time) : IOutboxChannel
{
    private const int DefaultSeconds = 30;
    private const int MaxReason = 200;

    public string Name => "record";

    public TimeSpan? LongestHold => ActionOrder.LongestHold;

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        order.CheckSoon(time.GetUtcNow());
        if (await CameraRow.FindAsync(database, order.CameraId, cancellationToken) is not { Settings: { Enabled: true } settings })
            throw new DeliveryException("There is no such camera, or it is switched off", isFinal: true);
        var reason = $"{order.Rule.Name}: {order.Event.Type}";
        try
        {
            await recorder.BeginAsync(
                order.ActorOf(item.TenantId), settings.SiteId, settings.Recording.RecordedStreams(),
                new StartManualRequest
                {
                    CameraId = order.CameraId,
                    Seconds = order.Action.Seconds ?? DefaultSeconds,
                    PreRollSeconds = order.Action.PreRoll ?? settings.Recording.PreRoll,
                    AtUnixMs = item.EventAt.ToUnixTimeMilliseconds(),
                    Reason = reason.Length > MaxReason ? reason[..MaxReason] : reason,
                    By = order.ActorOf(item.TenantId).Name,
                },
                cancellationToken);
        }
        catch (RpcException e)
        {
            throw new DeliveryException($"The recorder did not begin ({e.Message})", isFinal: false, e);
        }
    }
}
