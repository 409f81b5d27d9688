using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Rpc;

namespace Vms.Recorder.Recordings;

/// <summary>The gRPC service control calls: contracts/recorder.proto.</summary>
internal sealed class RecorderPlaneService(RecordingRegistry recordings, RetentionSweep retention)
{
    public const string Service = "vms.recorder.v1.RecorderPlane";

    // Motion and event recordings are kept continuously until motion is known to this plane: more than asked for, never less.
    private static readonly string[] s_modes = ["continuous", "motion", "event", DesiredRecordings.Off];

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<RecorderPlaneService>();
        app.MapUnary($"{Service}/StartRecording", RecordingSpec.Parser, service.StartAsync);
        app.MapUnary($"{Service}/StopRecording", StopRecordingRequest.Parser, service.StopAsync);
        app.MapUnary($"{Service}/ListRecordings", ListRecordingsRequest.Parser, service.List);
        app.MapUnary($"{Service}/DeleteArchive", DeleteArchiveRequest.Parser, service.DeleteArchiveAsync);
    }

    private async Task<StartRecordingReply> StartAsync(RecordingSpec spec, RpcContext context)
    {
        CheckName("camera_id", spec.CameraId);
        CheckName("stream", spec.Stream);
        if (!s_modes.Contains(spec.Mode))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"mode '{spec.Mode}'; expected {string.Join(", ", s_modes)}");
        }

        if (spec.Format is not ("" or "fmp4"))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"format '{spec.Format}'; expected fmp4");
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
        Task.FromResult(new RecordingList { Recordings = { recordings.Statuses() } });

    private async Task<DeleteArchiveReply> DeleteArchiveAsync(DeleteArchiveRequest request, RpcContext context)
    {
        CheckName("camera_id", request.CameraId);
        var done = await Task.Run(() => retention.DeleteArchive(request.CameraId, request.RequestedBy));
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

    private static void CheckName(string field, string value)
    {
        if (!ArchiveLayout.IsSafeName(value))
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"{field} must be 1 to 64 letters, digits, '-' or '_'");
        }
    }

    private static RpcException Older() => new(RpcStatus.FailedPrecondition, "a newer generation is applied");
}
