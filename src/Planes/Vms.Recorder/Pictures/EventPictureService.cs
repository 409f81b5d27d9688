using Google.Protobuf;
using Vms.Contracts.Recorder;
using Vms.Recorder.AtRest;
using Vms.Recorder.Playback;
using Vms.Recorder.Pools;
using Vms.Rpc;

namespace Vms.Recorder.Pictures;

/// <summary>Keeps the stills of events in the pool that takes recordings now, encrypted where recordings are, finds them in whichever it is, and deletes them when control
/// says that their events are gone. Any thread.</summary>
internal sealed class EventPictureService(StoragePools pools, PoolEncryptions encryptions, StorageKeys keys)
{
    private const string Service = "vms.recorder.v1.RecorderPlane";
    private const int MaxBytes = 4 << 20;
    private const int MaxId = 128;

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<EventPictureService>();
        app.MapUnary($"{Service}/StoreEventPicture", EventPicture.Parser, service.StoreAsync);
        app.MapUnary($"{Service}/ReadEventPicture", ReadEventPictureRequest.Parser, service.ReadAsync);
        app.MapUnary($"{Service}/DeleteEventPictures", DeleteEventPicturesRequest.Parser, service.DeleteAsync);
    }

    private async Task<StoreEventPictureReply> StoreAsync(EventPicture picture, RpcContext context)
    {
        Check(picture.EventId);
        if (picture.Jpeg.Length is 0 or > MaxBytes)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"a picture has 1 to {MaxBytes} bytes");
        }

        var pool = pools.All.FirstOrDefault(p => p.CanRecord) ?? throw new RpcException(RpcStatus.Unavailable, "diskFull: no storage pool takes anything now");
        var path = new EventPictureFolder(pool.Home).PathOf(picture.EventId, TimeOf(picture.AtUnixMs));
        var unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            byte[] stored = EventPictureFile.ToStored(picture.Jpeg.Span, pool.Home.Relative(path), encryptions.StillKeyIn(pool));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(unfinished, stored, context.CancellationToken);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"writeError: {e.Message}");
        }

        return new StoreEventPictureReply { Path = pool.Home.Relative(path) };
    }

    private async Task<EventPicture> ReadAsync(ReadEventPictureRequest request, RpcContext context)
    {
        Check(request.EventId);
        foreach (var (path, place) in PathsOf(request.EventId, request.AtUnixMs))
        {
            try
            {
                var stored = await File.ReadAllBytesAsync(path, context.CancellationToken);
                var jpeg = EventPictureFile.ToJpeg(stored, path, place, keys);
                return new EventPicture { EventId = request.EventId, AtUnixMs = request.AtUnixMs, Jpeg = UnsafeByteOperations.UnsafeWrap(jpeg) };
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                continue;
            }
            catch (RecordingUnreadableException e)
            {
                throw e.Reason == UnreadableReason.KeyMissing
                    ? new RpcException(RpcStatus.FailedPrecondition, $"keyMissing: {e.Message}")
                    : new RpcException(RpcStatus.DataLoss, $"damaged: {e.Message}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new RpcException(RpcStatus.Unavailable, $"readError: {e.Message}");
            }
        }

        throw new RpcException(RpcStatus.NotFound, "there is no such picture");
    }

    private Task<DeleteEventPicturesReply> DeleteAsync(DeleteEventPicturesRequest request, RpcContext context)
    {
        try
        {
            if (request.EventId.Length == 0)
            {
                return Task.FromResult(new DeleteEventPicturesReply
                {
                    Files = pools.All.Where(p => p.IsThere).Sum(p => new EventPictureFolder(p.Home).DeleteBefore(TimeOf(request.BeforeUnixMs))),
                });
            }

            Check(request.EventId);
            var there = PathsOf(request.EventId, request.AtUnixMs).Select(p => p.Path).Where(File.Exists).ToList();
            there.ForEach(File.Delete);
            return Task.FromResult(new DeleteEventPicturesReply { Files = there.Count });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"writeError: {e.Message}");
        }
    }

    /// <returns>Where it may stand, and its place in that pool.</returns>
    private IEnumerable<(string Path, string Place)> PathsOf(string eventId, long atUnixMs) =>
        from pool in pools.All
        where pool.IsThere
        let path = new EventPictureFolder(pool.Home).PathOf(eventId, TimeOf(atUnixMs))
        select (path, pool.Home.Relative(path));

    private static void Check(string eventId)
    {
        if (eventId.Length is 0 or > MaxId)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"an event's id has 1 to {MaxId} characters");
        }
    }

    private static DateTimeOffset TimeOf(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
