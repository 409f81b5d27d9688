using Microsoft.Net.Http.Headers;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

internal enum BodyKind
{
    Media,
    Clip,
}

/// <summary>
/// Answers with a <see cref="RecordedBody"/>: ranges, conditions and HEAD as RFC 9110 has them. What cannot be read in the middle
/// ends the connection, so that no client takes half a recording for a whole one.
/// </summary>
internal sealed partial class BodySender(
    FragmentReader reader, SegmentDamage damage, PlaybackOptions options, PlaybackMetrics metrics, ILogger<BodySender> logger)
{
    private int _active;

    /// <param name="downloadName">File name offered to the viewer; null for media that a player fetches.</param>
    public IResult Send(RecordedBody body, string contentType, BodyKind kind, string? downloadName = null) =>
        new BodyResult(this, body, contentType, kind, downloadName);

    private async Task SendAsync(HttpContext context, RecordedBody body, string contentType, BodyKind kind, string? downloadName)
    {
        if (Interlocked.Increment(ref _active) > options.MaxBodies)
        {
            Interlocked.Decrement(ref _active);
            metrics.Refused();
            context.Response.Headers.RetryAfter = "1";
            await Problems.Of(StatusCodes.Status503ServiceUnavailable, "busy", "Too many recordings are being sent").ExecuteAsync(context);
            return;
        }

        metrics.Started(kind);
        await using var stream = new RecordedBodyStream(body, reader);
        try
        {
            var tag = new EntityTagHeaderValue($"\"{body.EntityTag}\"");
            await TypedResults.Stream(stream, contentType, downloadName, entityTag: tag, enableRangeProcessing: true).ExecuteAsync(context);
        }
        catch (RecordingUnreadableException e)
        {
            metrics.Unreadable(e.Reason);
            damage.Report(e.Path);
            Log.Unreadable(logger, e.Path, e.Reason, context.Response.HasStarted ? "the response is cut off" : "answered 404");
            await FailAsync(context, e);
        }
        finally
        {
            metrics.Ended(kind, stream.BytesRead);
            Interlocked.Decrement(ref _active);
        }
    }

    private static async Task FailAsync(HttpContext context, RecordingUnreadableException unreadable)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await unreadable.ToProblem().ExecuteAsync(context);
    }

    private sealed class BodyResult(BodySender sender, RecordedBody body, string contentType, BodyKind kind, string? downloadName) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => sender.SendAsync(httpContext, body, contentType, kind, downloadName);
    }

    private static partial class Log
    {
        [LoggerMessage(3400, LogLevel.Warning, "Playback: {Path} cannot be read ({Reason}); {Consequence}")]
        public static partial void Unreadable(ILogger logger, string path, UnreadableReason reason, string consequence);
    }
}
