using Vms.Contracts.Media;
using Vms.Hosting;

namespace Vms.Control.Reconciliation;

/// <summary>Desired pipelines of <c>vms-media</c>.</summary>
internal sealed class MediaReconciler(
    DesiredState desired, ObservedState observed, PlaneOptions options, ProgressMonitor progress, TimeProvider time, ILogger<MediaReconciler> logger)
    : PlaneReconciler("media", desired, observed, options, progress, time, logger)
{
    protected override IEnumerable<Wanted> WantedOf(Desired camera)
    {
        if (camera.Main is not null)
            yield return Want(camera.Main, GenerationColumn.Main);
        if (camera.Sub is not null)
            yield return Want(camera.Sub, GenerationColumn.Sub);
    }

    protected override async Task<Listed> ListAsync(CancellationToken cancellationToken)
    {
        var list = await Channel.UnaryAsync(
            "vms.media.v1.MediaPlane/ListPipelines", new ListPipelinesRequest(), PipelineList.Parser, CallDeadline, cancellationToken);
        var applied = new Dictionary<StreamKey, Applied>(list.Pipelines.Count);
        foreach (var status in list.Pipelines)
        {
            Observed.Report(status);
            applied[new StreamKey(status.CameraId, status.Stream)] = new Applied(status.Generation, Running: true);
        }

        return new Listed(list.Instance, applied);
    }

    protected override async Task StopAsync(StreamKey key, long generation, CancellationToken cancellationToken)
    {
        await Channel.UnaryAsync(
            "vms.media.v1.MediaPlane/StopPipeline",
            new StopPipelineRequest { CameraId = key.CameraId, Stream = key.Stream, Generation = generation },
            StopPipelineReply.Parser, CallDeadline, cancellationToken);
        Observed.ForgetPipeline(key);
    }

    private Wanted Want(PipelineSpec spec, GenerationColumn column) => new(
        new StreamKey(spec.CameraId, spec.Stream), spec.Generation, column,
        cancellationToken => Channel.UnaryAsync(
            "vms.media.v1.MediaPlane/StartPipeline", spec, StartPipelineReply.Parser, CallDeadline, cancellationToken));
}
