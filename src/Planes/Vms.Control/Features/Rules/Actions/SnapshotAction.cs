using System.Text.Json;
using Npgsql;
using Vms.Contracts.Media;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Outbox;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>
/// The still of an event: as the camera's main stream showed it then, kept by the recorder beside its recordings. What the stream log does not have any more comes
/// from the archive. Where there is nothing of the main stream it is the small one, and where neither has a picture the one that says so; either stands with the event.
/// </summary>
internal sealed class SnapshotAction(PlaneOptions options, NpgsqlDataSource database, EventPictures pictures, FeedHub hub, TimeProvider time) : IOutboxChannel, IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly string[] s_streams = ["main", "sub"];

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);

    public string Name => "snapshot";

    /// <param name="Stream">Whose picture it is; null: it is none.</param>
    /// <param name="CapturedAt">When the camera saw it.</param>
    /// <param name="Missing">noVideo, undecodable or tooOld: it is the picture that says that there is none.</param>
    private sealed record Taken(string CameraId, string? Stream, DateTimeOffset? CapturedAt, string? Missing, string? Detail);

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        var (camera, (picture, stream)) = (order.CameraId, await CaptureAsync(order.CameraId, item.EventAt, cancellationToken));
        var taken = picture.Missing.Length == 0
            ? new Taken(camera, stream, DateTimeOffset.FromUnixTimeMilliseconds(picture.CapturedAtUnixMs), null, null)
            : new Taken(camera, null, null, picture.Missing, picture.Detail);
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

    public void Dispose() => _media.Dispose();

    private async Task<(CapturedSnapshot Picture, string Stream)> CaptureAsync(string camera, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // The stream logs first, both: they answer at once, and the archive may be busy for longer than a log remembers.
        (CapturedSnapshot Picture, string Stream)? small = null, none = null;
        foreach (var stream in s_streams)
        {
            if (await FromLogAsync(camera, stream, at, cancellationToken) is not { } answer)
                continue;
            if (answer.Missing.Length > 0)
                none ??= (answer, stream);
            else if (stream == s_streams[0])
                return (answer, stream);
            else
                small = (answer, stream);
        }

        try
        {
            foreach (var stream in small is null ? s_streams : s_streams[..1])
            {
                if (await pictures.FromArchiveAsync(camera, stream, at, cancellationToken) is { } still)
                    return (new CapturedSnapshot { Jpeg = still.Jpeg, CapturedAtUnixMs = still.CapturedAtUnixMs }, stream);
            }
        }
        catch (RpcException e)
        {
            // The picture that says that there is none is not taken for it: it may be found when this is tried again.
            return small ?? throw new DeliveryException($"The recorder does not answer ({e.Message})", isFinal: false, e);
        }

        return small ?? none ?? throw new DeliveryException("The camera has no stream", isFinal: false);
    }

    /// <returns>Null: the camera has no such stream, or it is not pulled (any more); the archive may know it.</returns>
    private async Task<CapturedSnapshot?> FromLogAsync(string camera, string stream, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            var request = new CaptureSnapshotRequest { CameraId = camera, Stream = stream, AtUnixMs = at.ToUnixTimeMilliseconds() };
            return await _media.UnaryAsync("vms.media.v1.MediaPlane/CaptureSnapshot", request, CapturedSnapshot.Parser, s_deadline, cancellationToken);
        }
        catch (RpcException e) when (e.Status == RpcStatus.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            throw new DeliveryException($"The media plane does not answer ({e.Message})", isFinal: false, e);
        }
    }
}
