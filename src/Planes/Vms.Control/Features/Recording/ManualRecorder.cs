using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Recording;

/// <summary>Has the recorder start and end recordings by hand, and puts on record who did. The recorder keeps what it was told over its own restart. Any thread.</summary>
internal sealed partial class ManualRecorder(
    PlaneOptions options, NpgsqlDataSource database, OwnEvents events, DeviceEvents device, TimeProvider time, ILogger<ManualRecorder> logger) : IDisposable
{
    /// <summary>The recorder may have done it: whoever asks later finds who wanted it.</summary>
    private const string Unknown = "unknown";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(4);

    private readonly RpcChannel _recorder = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    /// <param name="streams">That the camera records; asked one after the other, and again they are when one fails.</param>
    /// <param name="request">Without a stream.</param>
    /// <returns>When it ends, or why it did not begin.</returns>
    public async Task<(DateTimeOffset Until, ProblemHttpResult? Problem)> StartAsync(
        HttpContext context, string siteId, IReadOnlyList<string> streams, StartManualRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await BeginAsync(Actor.Of(context), siteId, streams, request, cancellationToken), null);
        }
        catch (RpcException e)
        {
            return (default, ProblemOf(context, e));
        }
    }

    /// <summary>The same for whoever asks without a request.</summary>
    /// <returns>When it ends.</returns>
    /// <exception cref="RpcException">It did not begin, or nobody knows whether it did.</exception>
    public async Task<DateTimeOffset> BeginAsync(Actor by, string siteId, IReadOnlyList<string> streams, StartManualRequest request, CancellationToken cancellationToken)
    {
        var until = DateTimeOffset.MinValue;
        try
        {
            foreach (var stream in streams)
            {
                request.Stream = stream;
                var reply = await _recorder.UnaryAsync(
                    "vms.recorder.v1.RecorderPlane/StartManual", request, ManualReply.Parser, s_deadline, cancellationToken);
                until = DateTimeOffset.FromUnixTimeMilliseconds(reply.UntilUnixMs);
            }

            await TellAsync(
                "recording.manual", "recording.started", request.CameraId, siteId, by,
                new { request.By, request.Reason, until, request.PreRollSeconds });
            return until;
        }
        catch (RpcException e) when (e.Status == RpcStatus.DeadlineExceeded || until != DateTimeOffset.MinValue)
        {
            // Of two streams the first may be recorded already.
            await TellAsync(
                "recording.manual", "recording.started", request.CameraId, siteId, by,
                new { request.By, request.Reason, request.Seconds, request.PreRollSeconds, outcome = Unknown });
            throw;
        }
    }

    public async Task<ProblemHttpResult?> StopAsync(
        HttpContext context, string siteId, string cameraId, IReadOnlyList<string> streams, Actor by, CancellationToken cancellationToken)
    {
        var ended = false;
        try
        {
            foreach (var stream in streams)
            {
                var reply = await _recorder.UnaryAsync(
                    "vms.recorder.v1.RecorderPlane/StopManual", new StopManualRequest { CameraId = cameraId, Stream = stream }, ManualReply.Parser,
                    s_deadline, cancellationToken);
                ended |= reply.Ended;
            }

            if (ended)
                await TellAsync("recording.manual.ended", "recording.stopped", cameraId, siteId, by, new { by = by.Name });
            return null;
        }
        catch (RpcException e)
        {
            if (e.Status == RpcStatus.DeadlineExceeded || ended)
                await TellAsync("recording.manual.ended", "recording.stopped", cameraId, siteId, by, new { by = by.Name, outcome = Unknown });
            return ProblemOf(context, e);
        }
    }

    public void Dispose() => _recorder.Dispose();

    private static ProblemHttpResult ProblemOf(HttpContext context, RpcException e)
    {
        context.Response.Headers.RetryAfter = "2";
        return e.Status switch
        {
            RpcStatus.NotFound => Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "notReady", "The recorder does not know the camera yet", "Try again in a moment."),
            RpcStatus.DeadlineExceeded => Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "outcomeUnknown", "The recorder did not answer in time",
                "It may have done what was asked; the camera shows whether it records. Asking again does no harm."),
            _ => Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "The recorder is not available", "It restarts by itself. Try again in a moment."),
        };
    }

    /// <summary>It is recorded already: a database that is away does not undo that. The log has it, and the event waits on the bus.</summary>
    private async Task TellAsync(string type, string action, string cameraId, string siteId, Actor by, object data)
    {
        var now = time.GetUtcNow();
        var happened = BusEvent.OfControl(Guid.CreateVersion7(now).ToString(), type, cameraId, siteId, now, null, data);
        Log.Told(logger, cameraId, type, happened.DataJson);
        try
        {
            await using (var connection = await database.OpenConnectionAsync(CancellationToken.None))
                await AuditLog.AddAsync(connection, now, by, action, cameraId, data, CancellationToken.None);
            await events.TellAsync(happened, CancellationToken.None);
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            Log.NotKept(logger, cameraId, type, e.Message);
            // It may have been stored after all, and go the other way, too: it is the same message.
            device.Add(
                cameraId, type, BusChannel.MessageIdOf(happened.Id, happened.At),
                new { happened.Id, happened.Type, happened.CameraId, happened.At, happened.Source, data });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1074, LogLevel.Information, "Camera {CameraId}: {Type} {Data}")]
        public static partial void Told(ILogger logger, string cameraId, string type, string data);

        [LoggerMessage(1075, LogLevel.Warning, "Camera {CameraId}: {Type} is not in the audit log, the database is away ({Reason})")]
        public static partial void NotKept(ILogger logger, string cameraId, string type, string reason);
    }
}
