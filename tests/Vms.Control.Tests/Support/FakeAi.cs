using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Tests.Support;

/// <summary>Applies analyses as vms-ai does, and says of all of them what a test wants.</summary>
internal sealed class FakeAi(PlaneOptions options) : FakePlane(options, "ai")
{
    private readonly ConcurrentDictionary<string, AnalysisSpec> _running = new();
    private int _modelsAsked;

    /// <summary>Why it does not analyse as it should; empty when it does.</summary>
    public volatile string Reason = "";

    public ModelList Models { get; set; } = new();

    /// <summary>How often somebody asked for <see cref="Models"/>.</summary>
    public int ModelsAsked => Volatile.Read(ref _modelsAsked);

    /// <summary>What it says of zones and lines that are tried on tracks of the past.</summary>
    public Func<TryRulesRequest, TryRulesReply> Trial { get; set; } = _ => new TryRulesReply();

    protected override void Map(WebApplication app)
    {
        app.MapUnary("vms.ai.v1.AiPlane/TryRules", TryRulesRequest.Parser, (request, _) => Task.FromResult(Trial(request)));
        app.MapUnary("vms.ai.v1.AiPlane/ListModels", ListModelsRequest.Parser, (_, _) =>
        {
            Interlocked.Increment(ref _modelsAsked);
            return Task.FromResult(Models);
        });
        app.MapUnary("vms.ai.v1.AiPlane/StartAnalysis", AnalysisSpec.Parser, (spec, _) =>
        {
            _running[$"{spec.CameraId}.{spec.Stream}"] = spec;
            return Task.FromResult(new StartAnalysisReply { Generation = spec.Generation });
        });
        app.MapUnary("vms.ai.v1.AiPlane/ListAnalyses", ListAnalysesRequest.Parser, (_, _) => Task.FromResult(new AnalysisList
        {
            Instance = Instance,
            Analyses =
            {
                _running.Values.Select(s => new AnalysisStatus
                {
                    CameraId = s.CameraId, Stream = s.Stream, Generation = s.Generation, State = "draining", SamplesPerSecond = 12.5, Reason = Reason,
                })
            },
        }));
    }
}
