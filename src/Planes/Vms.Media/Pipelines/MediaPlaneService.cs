using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Media.Pipelines;

/// <summary>The pipeline half of <c>vms.media.v1.MediaPlane</c>; viewer sessions are egress's half.</summary>
internal static class MediaPlaneService
{
    private const string Service = "vms.media.v1.MediaPlane/";

    public static void MapPipelines(this IEndpointRouteBuilder app)
    {
        var table = app.ServiceProvider.GetRequiredService<PipelineTable>();
        app.MapUnary(Service + "StartPipeline", PipelineSpec.Parser, async (spec, context) =>
        {
            await table.ApplyAsync(spec, context.CancellationToken);
            return new StartPipelineReply { Generation = spec.Generation };
        });
        app.MapUnary(Service + "StopPipeline", StopPipelineRequest.Parser, async (request, context) =>
        {
            await table.RemoveAsync(request.CameraId, request.Stream, request.Generation, context.CancellationToken);
            return new StopPipelineReply();
        });
        app.MapUnary(Service + "ListPipelines", ListPipelinesRequest.Parser, (_, _) =>
        {
            var list = new PipelineList { Instance = PlaneInstance.Id };
            list.Pipelines.AddRange(table.All.Select(PipelineStatuses.Of).Concat(table.Refused));
            return Task.FromResult(list);
        });
        var probes = app.ServiceProvider.GetRequiredService<StreamProbes>();
        app.MapUnary(Service + "ProbeStream", ProbeStreamRequest.Parser, (request, context) => probes.ProbeAsync(request, context.CancellationToken));
    }
}
