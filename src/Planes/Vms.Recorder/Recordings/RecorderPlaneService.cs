using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;
using Vms.Rpc;

namespace Vms.Recorder.Recordings;

/// <summary>The gRPC service control calls: contracts/recorder.proto.</summary>
internal sealed class RecorderPlaneService(RecordingRegistry recordings, RetentionSweep retention, KeptFootage kept, OpenSegments open)
{
    public const string Service = "vms.recorder.v1.RecorderPlane";

    private const string Modes = "continuous, motion, event, off";
    private const int MaxRollSeconds = 600;
    private const int MaxScheduleEntries = 168;
    private const int MaxManualSeconds = 86_400;
    private const int MaxReasonLength = 500;

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<RecorderPlaneService>();
        app.MapUnary($"{Service}/StartRecording", RecordingSpec.Parser, service.StartAsync);
        app.MapUnary($"{Service}/StopRecording", StopRecordingRequest.Parser, service.StopAsync);
        app.MapUnary($"{Service}/ListRecordings", ListRecordingsRequest.Parser, service.List);
        app.MapUnary($"{Service}/StartManual", StartManualRequest.Parser, service.StartManualAsync);
        app.MapUnary($"{Service}/StopManual", StopManualRequest.Parser, service.StopManualAsync);
        app.MapUnary($"{Service}/DeleteArchive", DeleteArchiveRequest.Parser, service.DeleteArchiveAsync);
    }

    private async Task<StartRecordingReply> StartAsync(RecordingSpec spec, RpcContext context)
    {
        CheckName("camera_id", spec.CameraId);
        CheckName("stream", spec.Stream);
        CheckMode(spec.Mode);
        if (spec.Schedule.Count > MaxScheduleEntries)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"{spec.Schedule.Count} schedule entries; at most {MaxScheduleEntries}");
        }

        foreach (var entry in spec.Schedule)
        {
            CheckMode(entry.Mode);
            if (entry.FromMinute is < 0 or > 1439 || entry.ToMinute is < 1 or > 1440 || entry.Days is 0 or > 127)
            {
                throw new RpcException(RpcStatus.InvalidArgument, "a schedule entry needs days (1 to 127), from_minute (0 to 1439) and to_minute (1 to 1440)");
            }
        }

        if (spec.PreRollSeconds is < 0 or > MaxRollSeconds || spec.PostRollSeconds is < 0 or > MaxRollSeconds)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"pre- and post-roll are 0 to {MaxRollSeconds} s");
        }

        if (spec.Format is not ("" or "fmp4" or "mkv"))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"format '{spec.Format}'; expected fmp4 or mkv");
        }

        // Not cut short when the caller hangs up: the state on disk and what runs must agree.
        return await recordings.StartAsync(spec, CancellationToken.None)
            ? new StartRecordingReply { Generation = spec.Generation }
            : throw Older();
    }

    private async Task<StopRecordingReply> StopAsync(StopRecordingRequest request, RpcContext context) =>
        await recordings.StopAsync(request.CameraId, request.Stream, request.Generation, CancellationToken.None)
            ? new StopRecordingReply()
            : throw Older();

    private Task<RecordingList> List(ListRecordingsRequest request, RpcContext context) =>
        Task.FromResult(new RecordingList { Instance = PlaneInstance.Id, Recordings = { recordings.Statuses() } });

    private async Task<DeleteArchiveReply> DeleteArchiveAsync(DeleteArchiveRequest request, RpcContext context)
    {
        CheckName("camera_id", request.CameraId);
        if (!kept.IsApplied(request.KeptGeneration, request.KeptListId))
        {
            // A hold may have been made meanwhile that has not arrived. One that comes from now on counts at once, file by file.
            throw new RpcException(
                RpcStatus.FailedPrecondition,
                $"list {request.KeptGeneration} of what is to be kept is not applied, {kept.Applied?.Generation ?? 0} is; nothing is deleted before");
        }

        int written = open.CountOf(request.CameraId);       // before: one that is closed meanwhile is asked for again
        var done = await Task.Run(() => retention.DeleteArchive(request.CameraId, request.RequestedBy));
        done = done with { Left = done.Left + written };
        if (done is { Left: 0, HeldSegments: 0 })
        {
            await recordings.ForgetAsync(request.CameraId, CancellationToken.None);
        }

        return new DeleteArchiveReply
        {
            Segments = done.Segments,
            Bytes = done.Bytes,
            FilesLeft = done.Left,
            HeldSegments = done.HeldSegments,
            HeldBytes = done.HeldBytes,
        };
    }

    private async Task<ManualReply> StartManualAsync(StartManualRequest request, RpcContext context)
    {
        CheckName("camera_id", request.CameraId);
        CheckName("stream", request.Stream);
        if (request.Seconds is < 1 or > MaxManualSeconds || request.PreRollSeconds is < 0 or > MaxRollSeconds || request.Reason.Length > MaxReasonLength)
        {
            throw new RpcException(
                RpcStatus.InvalidArgument,
                $"seconds are 1 to {MaxManualSeconds}, pre_roll_seconds 0 to {MaxRollSeconds}, a reason has at most {MaxReasonLength} characters");
        }

        return await recordings.StartManualAsync(request) is { } until
            ? new ManualReply { UntilUnixMs = until }
            : throw new RpcException(RpcStatus.NotFound, "nothing is known of this stream");
    }

    private async Task<ManualReply> StopManualAsync(StopManualRequest request, RpcContext context)
    {
        CheckName("camera_id", request.CameraId);
        CheckName("stream", request.Stream);
        return new ManualReply { Ended = await recordings.StopManualAsync(request.CameraId, request.Stream) };
    }

    private static void CheckMode(string mode)
    {
        if (!RecordingSchedule.IsMode(mode))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"mode '{mode}'; expected {Modes}");
        }
    }

    private static void CheckName(string field, string value)
    {
        if (!ArchiveLayout.IsSafeName(value))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"{field} must be 1 to 64 letters, digits, '-' or '_'");
        }
    }

    private static RpcException Older() => new(RpcStatus.FailedPrecondition, "a newer generation is applied");
}
