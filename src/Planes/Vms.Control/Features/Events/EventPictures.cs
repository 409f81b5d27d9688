using Google.Protobuf;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Events;

/// <summary>Stills of events, which the recorder keeps in a pool. Any thread.</summary>
internal sealed class EventPictures(PlaneOptions options, TimeProvider time) : IDisposable
{
    private const string Service = "vms.recorder.v1.RecorderPlane/";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    /// <summary>A decoder is started, and waits behind everything else.</summary>
    private static readonly TimeSpan s_stillDeadline = TimeSpan.FromSeconds(20);

    /// <summary>Of many days at once.</summary>
    private static readonly TimeSpan s_sweepDeadline = TimeSpan.FromSeconds(60);

    private readonly RpcChannel _recorder = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    /// <exception cref="RpcException">It is not stored.</exception>
    public Task StoreAsync(string id, DateTimeOffset at, ByteString jpeg, CancellationToken cancellationToken) =>
        _recorder.UnaryAsync(
            Service + "StoreEventPicture", new EventPicture { EventId = id, AtUnixMs = at.ToUnixTimeMilliseconds(), Jpeg = jpeg }, StoreEventPictureReply.Parser, s_deadline, cancellationToken);

    /// <returns>Either; neither where there is none.</returns>
    public async Task<(byte[]? Jpeg, ProblemHttpResult? Problem)> ReadAsync(HttpContext context, string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            var picture = await _recorder.UnaryAsync(
                Service + "ReadEventPicture", new ReadEventPictureRequest { EventId = id, AtUnixMs = at.ToUnixTimeMilliseconds() }, EventPicture.Parser, s_deadline, cancellationToken);
            return (picture.Jpeg.ToByteArray(), null);
        }
        catch (RpcException e) when (e.Status == RpcStatus.NotFound)
        {
            return (null, null);
        }
        catch (RpcException e) when (e.Status == RpcStatus.FailedPrecondition)
        {
            return (null, Problems.NotFound("pictureUnreadable", "This picture is encrypted, and the server does not have its key"));
        }
        catch (RpcException e) when (e.Status == RpcStatus.DataLoss)
        {
            return (null, Problems.NotFound("pictureUnreadable", "This picture is damaged"));
        }
        catch (RpcException)
        {
            return (null, Unavailable(context));
        }
    }

    public async Task<ProblemHttpResult?> DeleteAsync(HttpContext context, string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            await _recorder.UnaryAsync(
                Service + "DeleteEventPictures", new DeleteEventPicturesRequest { EventId = id, AtUnixMs = at.ToUnixTimeMilliseconds() }, DeleteEventPicturesReply.Parser, s_deadline, cancellationToken);
            return null;
        }
        catch (RpcException)
        {
            return Unavailable(context);
        }
    }

    /// <summary>Those of all days before that of this time.</summary>
    /// <exception cref="RpcException">Not now.</exception>
    public Task DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        _recorder.UnaryAsync(
            Service + "DeleteEventPictures", new DeleteEventPicturesRequest { BeforeUnixMs = before.ToUnixTimeMilliseconds() }, DeleteEventPicturesReply.Parser, s_sweepDeadline, cancellationToken);

    /// <summary>How a camera looked at a moment, out of its archive.</summary>
    /// <returns>Null where that has no such picture.</returns>
    /// <exception cref="RpcException">The recorder does not answer.</exception>
    public async Task<RecordedStill?> FromArchiveAsync(string cameraId, string stream, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            return await _recorder.UnaryAsync(
                Service + "TakeRecordedStill", new TakeRecordedStillRequest { CameraId = cameraId, Stream = stream, AtUnixMs = at.ToUnixTimeMilliseconds() },
                RecordedStill.Parser, s_stillDeadline, cancellationToken);
        }
        catch (RpcException e) when (e.Status == RpcStatus.NotFound)
        {
            return null;
        }
    }

    public void Dispose() => _recorder.Dispose();

    private static ProblemHttpResult Unavailable(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "The recorder is not available", "It restarts by itself. Try again in a moment.");
    }
}
