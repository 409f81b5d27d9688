using Vms.Contracts.Ai;
using Vms.Hosting;

namespace Vms.Control.Reconciliation;

/// <summary>Desired analyses of <c>vms-ai</c>.</summary>
internal sealed class AiReconciler(
    DesiredState desired, ObservedState observed, PlaneOptions options, ProgressMonitor progress, TimeProvider time, ILogger<AiReconciler> logger)
    : PlaneReconciler("ai", desired, observed, options, progress, time, logger)
{
    protected override IEnumerable<Wanted> WantedOf(Desired camera)
    {
        if (camera.Analysis is { } spec)
        {
            yield return new Wanted(
                new StreamKey(spec.CameraId, spec.Stream), spec.Generation, GenerationColumn.Analysis,
                cancellationToken => Channel.UnaryAsync(
                    "vms.ai.v1.AiPlane/StartAnalysis", spec, StartAnalysisReply.Parser, CallDeadline, cancellationToken));
        }
    }

    protected override async Task<Listed> ListAsync(CancellationToken cancellationToken)
    {
        var list = await Channel.UnaryAsync(
            "vms.ai.v1.AiPlane/ListAnalyses", new ListAnalysesRequest(), AnalysisList.Parser, CallDeadline, cancellationToken);
        var applied = new Dictionary<StreamKey, Applied>(list.Analyses.Count);
        foreach (var status in list.Analyses)
        {
            Observed.Report(status);
            applied[new StreamKey(status.CameraId, status.Stream)] = new Applied(status.Generation, Running: true);
        }

        return new Listed(list.Instance, applied);
    }

    protected override async Task StopAsync(StreamKey key, long generation, CancellationToken cancellationToken)
    {
        await Channel.UnaryAsync(
            "vms.ai.v1.AiPlane/StopAnalysis",
            new StopAnalysisRequest { CameraId = key.CameraId, Stream = key.Stream, Generation = generation },
            StopAnalysisReply.Parser, CallDeadline, cancellationToken);
        Observed.ForgetAnalysis(key);
    }
}
