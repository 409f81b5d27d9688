using Vms.Contracts.Recorder;
using Vms.Hosting;

namespace Vms.Control.Reconciliation;

/// <summary>Desired recordings of <c>vms-recorder</c>.</summary>
internal sealed class RecorderReconciler(
    DesiredState desired, ObservedState observed, PlaneOptions options, ProgressMonitor progress, TimeProvider time, ILogger<RecorderReconciler> logger)
    : PlaneReconciler("recorder", desired, observed, options, progress, time, logger)
{
    protected override IEnumerable<Wanted> WantedOf(Desired camera) => camera.Recordings.Select(spec => new Wanted(
        new StreamKey(spec.CameraId, spec.Stream), spec.Generation, GenerationColumn.Recording,
        cancellationToken => Channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/StartRecording", spec, StartRecordingReply.Parser, CallDeadline, cancellationToken)));

    protected override async Task<Listed> ListAsync(CancellationToken cancellationToken)
    {
        var list = await Channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/ListRecordings", new ListRecordingsRequest(), RecordingList.Parser, CallDeadline, cancellationToken);
        var applied = new Dictionary<StreamKey, Applied>(list.Recordings.Count);
        foreach (var status in list.Recordings)
        {
            Observed.Report(status);
            applied[new StreamKey(status.CameraId, status.Stream)] = new Applied(status.Generation, status.Runs);
        }

        return new Listed(list.Instance, applied);
    }

    protected override async Task StopAsync(StreamKey key, long generation, CancellationToken cancellationToken)
    {
        await Channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/StopRecording",
            new StopRecordingRequest { CameraId = key.CameraId, Stream = key.Stream, Generation = generation },
            StopRecordingReply.Parser, CallDeadline, cancellationToken);
        Observed.ForgetRecording(key);
    }
}
