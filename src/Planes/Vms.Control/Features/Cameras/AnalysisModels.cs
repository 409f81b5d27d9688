using Vms.Contracts.Ai;
using Vms.Control.Reconciliation;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Cameras;

/// <summary>The models that cameras can be analysed with: the AI plane has them. Any thread.</summary>
internal sealed class AnalysisModels(PlaneOptions options, ObservedState observed, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(2);

    private readonly RpcChannel _ai = new(new Uri("unix://" + options.SocketOf("ai", "rpc")), time);

    /// <returns>Null: the plane does not answer.</returns>
    public async Task<ModelList?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _ai.UnaryAsync("vms.ai.v1.AiPlane/ListModels", new ListModelsRequest(), ModelList.Parser, s_deadline, cancellationToken);
        }
        catch (RpcException)
        {
            return null;
        }
    }

    /// <summary>What the plane has now, asked once for many cameras; not asked about the model that is always there, and about none.</summary>
    /// <param name="wanted">A model's name.</param>
    public async Task<KnownModels> KnownForAsync(string? wanted, CancellationToken cancellationToken) =>
        new(wanted is null or AnalyticsSettings.DefaultModel || !observed.IsConnected("ai") ? null : await ReadAsync(cancellationToken));

    public void Dispose() => _ai.Dispose();
}

/// <summary>Models, as the AI plane told them.</summary>
/// <param name="list">Null: nobody can tell.</param>
internal sealed class KnownModels(ModelList? list)
{
    /// <summary>What is wrong with the model that a camera is to be analysed with. While nobody can tell, any name is taken: it may be added later.</summary>
    /// <param name="before">It was taken before; null: there was none.</param>
    public FieldProblem? Refuses(AnalyticsSettings settings, AnalyticsSettings? before)
    {
        if (list is null || settings.Model == AnalyticsSettings.DefaultModel || settings.Model == before?.Model)
            return null;
        return list.Models.FirstOrDefault(m => m.Name == settings.Model) switch
        {
            null => new FieldProblem("analytics.model", "modelNotFound", "There is no such model; vms models lists those that there are"),
            { FindsObjects: false, Problem: "" } => new FieldProblem("analytics.model", "findsNoObjects", "This model finds no objects; it reads plates beside one that does"),
            _ => null,
        };
    }
}
