using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Outbox;
using Vms.Rpc;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>
/// The still of an event: as the camera showed it then, kept by the recorder beside its recordings. Of which stream and of when it is stands with the event, and where there
/// is none, why.
/// </summary>
internal sealed class SnapshotAction(NpgsqlDataSource database, StillSearch stills, EventPictures pictures, FeedHub hub) : IOutboxChannel
{
    public string Name => "snapshot";

    /// <param name="Stream">Whose picture it is; null: it is none.</param>
    /// <param name="CapturedAt">When the camera saw it.</param>
    /// <param name="Missing">noVideo, undecodable or tooOld: it is the picture that says that there is none.</param>
    private sealed record Taken(string CameraId, string? Stream, DateTimeOffset? CapturedAt, string? Missing, string? Detail);

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        var (picture, stream) = await stills.FindAsync(order.CameraId, item.EventAt, cancellationToken);
        var taken = picture.Missing.Length == 0
            ? new Taken(order.CameraId, stream, DateTimeOffset.FromUnixTimeMilliseconds(picture.CapturedAtUnixMs), null, null)
            : new Taken(order.CameraId, null, null, picture.Missing, picture.Detail);
        try
        {
            await pictures.StoreAsync(item.EventId, item.EventAt, picture.Jpeg, cancellationToken);
        }
        catch (RpcException e)
        {
            throw new DeliveryException($"The recorder does not store the picture ({e.Message})", isFinal: false, e);
        }

        await database.ExecuteAsync(
            "update control.event set snapshot = $3::jsonb where id = $1 and at = $2", [item.EventId, item.EventAt, JsonSerializer.Serialize(taken, JsonSerializerOptions.Web)], cancellationToken);
        await using var command = database.Command($"select {EventRow.Columns} from {EventRow.From} where e.id = $1 and e.at = $2", item.EventId, item.EventAt);
        // It may have been deleted meanwhile: its picture goes with those of its day.
        if (await command.FirstAsync(EventRow.Read, cancellationToken) is { } view)
            hub.Publish(new EventMessage(view), Permissions.EventsRead, view.CameraId, view.SiteId);
    }
}
