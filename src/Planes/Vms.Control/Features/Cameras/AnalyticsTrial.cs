using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Cameras;

/// <summary>Asks the AI plane what zones and lines would have told of objects of the past: it judges them as it does those of the present. Any thread.</summary>
internal sealed class AnalyticsTrial(PlaneOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    private readonly RpcChannel _ai = new(new Uri("unix://" + options.SocketOf("ai", "rpc")), time);

    /// <returns>Null: the plane does not answer.</returns>
    public async Task<TryRulesReply?> TryAsync(AnalysisSettings settings, IEnumerable<PastTrack> tracks, CancellationToken cancellationToken)
    {
        try
        {
            var request = new TryRulesRequest { Settings = settings, Tracks = { tracks } };
            return await _ai.UnaryAsync("vms.ai.v1.AiPlane/TryRules", request, TryRulesReply.Parser, s_deadline, cancellationToken);
        }
        catch (RpcException e) when (e.Status != RpcStatus.InvalidArgument)
        {
            return null;
        }
    }

    public void Dispose() => _ai.Dispose();
}
