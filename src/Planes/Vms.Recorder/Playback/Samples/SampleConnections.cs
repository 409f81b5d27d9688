using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>Serves a bounded number of players that ask for samples. Any thread.</summary>
internal sealed partial class SampleConnections(
    GopSearch search, FragmentReader reader, SegmentDamage damage, PlaybackOptions options, PlaybackMetrics metrics, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<SampleConnections> logger)
{
    private int _open;

    /// <summary>Returns when the connection is over.</summary>
    /// <param name="allowed">The camera, the stream, and the time within which it may be seen.</param>
    public async Task<IResult> ServeAsync(HttpContext context, PlaybackRequest allowed)
    {
        if (Interlocked.Increment(ref _open) > options.MaxSampleConnections)
        {
            Interlocked.Decrement(ref _open);
            metrics.Refused();
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "busy", "Too many players ask for samples");
        }

        metrics.SampleConnections(1);
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var connection = new SampleConnection(socket, options.SampleConnectionIdle, time, context.RequestAborted);
            context.Viewing().EndBy(connection.EndRevoked);
            Watching? watching = null;
            var reading = new SampleReading(search, reader, connection.Messages, allowed, gop =>
            {
                watching ??= context.Viewing().Watch(WatchKind.Playback, allowed.CameraId, gop.Segment.Stream, WatchedPlayback.Samples);
                watching?.Cover(UnixTime.FromMicroseconds(gop.FromUs), UnixTime.FromMicroseconds(gop.ToUs));
            });
            Log.Opened(logger, allowed.CameraId);
            await connection.RunAsync((read, ending) => AnswerAsync(connection.Messages, reading, read, ending), lifetime.ApplicationStopping);
            Log.Closed(logger, allowed.CameraId, reading.GopsSent, reading.BytesSent);
        }
        finally
        {
            metrics.SampleConnections(-1);
            Interlocked.Decrement(ref _open);
        }

        return TypedResults.Empty;
    }

    /// <summary>One read, to the message that ends it.</summary>
    private async Task AnswerAsync(SampleMessages messages, SampleReading reading, SampleRead read, ReadEnding ending)
    {
        var outcome = ReadOutcome.Left;
        var (gops, bytes) = (reading.GopsSent, reading.BytesSent);
        try
        {
            outcome = await TryAnswerAsync(messages, reading, read, ending);
        }
        finally
        {
            metrics.SamplesRead(outcome, reading.GopsSent - gops, reading.BytesSent - bytes);
        }
    }

    private async Task<ReadOutcome> TryAnswerAsync(SampleMessages messages, SampleReading reading, SampleRead read, ReadEnding ending)
    {
        try
        {
            var outcome = await reading.RunAsync(read, ending.Token);
            await messages.EndAsync(read.Request, outcome == ReadOutcome.Done ? "done" : "noMore");
            return outcome;
        }
        catch (OperationCanceledException) when (ending.IsReplaced)
        {
            await messages.EndAsync(read.Request, "replaced");
            return ReadOutcome.Replaced;
        }
        catch (RecordingUnreadableException e)
        {
            metrics.Unreadable(e.Reason);
            damage.Report(e.Path);
            Log.Unreadable(logger, e.Path, e.Reason);
            await messages.ProblemAsync(read.Request, RecordingUnreadableException.Code, e.Told);
        }
        catch (IndexUnavailableException)
        {
            await messages.ProblemAsync(read.Request, IndexUnavailableException.Code, "The archive index is not available");
        }
        catch (UnnamedFormatException e)
        {
            await messages.ProblemAsync(read.Request, UnnamedFormatException.Code, e.Message);
        }

        return ReadOutcome.Problem;
    }

    private static partial class Log
    {
        [LoggerMessage(3402, LogLevel.Warning, "Playback: {Path} cannot be read ({Reason}); a player that asked for its samples was told so")]
        public static partial void Unreadable(ILogger logger, string path, UnreadableReason reason);

        [LoggerMessage(3403, LogLevel.Debug, "Camera {CameraId}: a player asks for samples")]
        public static partial void Opened(ILogger logger, string cameraId);

        [LoggerMessage(3404, LogLevel.Debug, "Camera {CameraId}: a player that asked for samples left after {Gops} groups of pictures, {Bytes} bytes")]
        public static partial void Closed(ILogger logger, string cameraId, long gops, long bytes);
    }
}
