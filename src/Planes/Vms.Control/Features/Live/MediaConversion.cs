using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Live;

/// <summary>Has the media plane begin to convert a stream for a viewer who cannot play it. Any thread.</summary>
internal sealed class MediaConversion(PlaneOptions options, TimeProvider time) : IDisposable
{
    /// <summary>The plane waits for a camera that is pulled on demand, then for the first converted picture.</summary>
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);

    /// <returns>The name of the stream to watch, or why there is none.</returns>
    public async Task<(string? Stream, ProblemHttpResult? Problem)> PrepareAsync(
        HttpContext context, string cameraId, string stream, CancellationToken cancellationToken)
    {
        try
        {
            var prepared = await _media.UnaryAsync(
                "vms.media.v1.MediaPlane/PrepareConversion", new PrepareConversionRequest { CameraId = cameraId, Stream = stream },
                PreparedConversion.Parser, s_deadline, cancellationToken);
            return (prepared.Stream, null);
        }
        catch (RpcException e)
        {
            return (null, ProblemOf(context, e));
        }
    }

    public void Dispose() => _media.Dispose();

    private static ProblemHttpResult ProblemOf(HttpContext context, RpcException e)
    {
        var (status, code, title, detail) = (e.Status, e.Detail) switch
        {
            (RpcStatus.ResourceExhausted, _) => (503, "transcodeLimit", "This server converts as many videos as it may", "Close another converted picture, or raise VMS_TRANSCODES."),
            (RpcStatus.FailedPrecondition, "transcodeOff") => (409, "transcodeOff", "Conversion is switched off on this server", "VMS_TRANSCODES is 0."),
            (RpcStatus.FailedPrecondition, "transcodeUnavailable") => (409, "transcodeUnavailable", "This server cannot convert video", "Install ffmpeg."),
            (RpcStatus.FailedPrecondition, _) => (409, "conversionNotNeeded", "The camera sends H.264, which browsers play as it is", ""),
            (RpcStatus.NotFound, _) => (404, "streamNotFound", "The camera has no such stream now", ""),
            (RpcStatus.Internal, _) => (500, "conversionFailed", "The camera's video could not be converted", "The log of the media plane says why."),
            (RpcStatus.Unavailable, "streamNotReady") => (503, "streamNotReady", "The camera sends no picture", "Try again in a moment."),
            _ => (503, "planeUnavailable", "The media plane is not available", "It restarts by itself. Try again in a moment."),
        };
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "2";
        return Problems.Of(status, code, title, detail.Length > 0 ? detail : null);
    }
}
