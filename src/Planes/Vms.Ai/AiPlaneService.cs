using System.Text.RegularExpressions;
using Vms.Ai.Analysis;
using Vms.Ai.Detectors;
using Vms.Ai.Rules;
using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Ai;

/// <summary>The gRPC service control calls: contracts/ai.proto.</summary>
internal sealed partial class AiPlaneService(AnalysisRegistry analyses, ModelListing models)
{
    internal const string Service = "vms.ai.v1.AiPlane";

    internal static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<AiPlaneService>();
        app.MapUnary($"{Service}/StartAnalysis", AnalysisSpec.Parser, service.Start);
        app.MapUnary($"{Service}/StopAnalysis", StopAnalysisRequest.Parser, service.Stop);
        app.MapUnary($"{Service}/ListAnalyses", ListAnalysesRequest.Parser, service.List);
        app.MapUnary($"{Service}/ListModels", ListModelsRequest.Parser, service.ListModels);
        app.MapUnary($"{Service}/TryRules", TryRulesRequest.Parser, service.TryRules);
    }

    private Task<StartAnalysisReply> Start(AnalysisSpec spec, RpcContext context)
    {
        _ = KeyOf(spec.CameraId, spec.Stream);
        if (spec.Settings is { } settings && AnalysisLimits.Broken(settings) is { } broken)
            throw new RpcException(RpcStatus.InvalidArgument, broken);
        return analyses.Start(spec) ? Task.FromResult(new StartAnalysisReply { Generation = spec.Generation }) : throw Older();
    }

    private Task<StopAnalysisReply> Stop(StopAnalysisRequest request, RpcContext context) =>
        analyses.Stop(KeyOf(request.CameraId, request.Stream), request.Generation)
            ? Task.FromResult(new StopAnalysisReply())
            : throw Older();

    private Task<AnalysisList> List(ListAnalysesRequest request, RpcContext context) =>
        Task.FromResult(new AnalysisList { Instance = PlaneInstance.Id, Analyses = { analyses.Statuses() } });

    private Task<ModelList> ListModels(ListModelsRequest request, RpcContext context) => Task.FromResult(models.Read());

    private Task<TryRulesReply> TryRules(TryRulesRequest request, RpcContext context) =>
        RuleTrial.Broken(request) is { } broken
            ? throw new RpcException(RpcStatus.InvalidArgument, broken)
            : Task.FromResult(RuleTrial.Run(request, context.CancellationToken));

    private static StreamKey KeyOf(string cameraId, string stream)
    {
        if (!ValidName().IsMatch(cameraId))
            throw new RpcException(RpcStatus.InvalidArgument, "camera_id must be 1 to 64 letters, digits, '-' or '_'");
        if (!ValidName().IsMatch(stream))
            throw new RpcException(RpcStatus.InvalidArgument, "stream must be 1 to 64 letters, digits, '-' or '_'");
        return new StreamKey(cameraId, stream);
    }

    private static RpcException Older() => new(RpcStatus.FailedPrecondition, "a newer generation is applied");

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ValidName();
}
