using Vms.Contracts.Ai;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Ai.Tests;

/// <summary>The real <c>vms-ai</c> as a process of its own, to be killed.</summary>
internal sealed class AiProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly RpcChannel _rpc;

    private AiProcess(ChildProcess process, RpcChannel rpc) => (_process, _rpc) = (process, rpc);

    internal static async Task<AiProcess> StartAsync(TestDirectory directory, string nats)
    {
        var process = await ChildProcess.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms-ai.dll")], new Dictionary<string, string?>
        {
            ["VMS_DATA"] = directory["data"],
            ["VMS_RUN_DIR"] = directory["run"],
            ["VMS_RING_DIR"] = directory["rings"],
            ["VMS_MODELS"] = directory["shipped"],
            ["VMS_NATS"] = nats,
        });
        var ai = new AiProcess(process, new RpcChannel(new Uri("unix://" + Path.Combine(directory["run"], "planes", "ai.rpc.sock"))));
        await Eventually.TrueAsync(async () => process.HasExited ? throw new InvalidOperationException(process.Output) : await ai.ListAsync() is not null, s_deadline);
        return ai;
    }

    internal string Output => _process.Output;

    internal Task AnalyseAsync(AnalysisSpec spec) => _rpc.UnaryAsync(
        "vms.ai.v1.AiPlane/StartAnalysis", spec, StartAnalysisReply.Parser, s_deadline, CancellationToken.None);

    /// <summary>Null while it does not answer.</summary>
    internal async Task<IReadOnlyList<AnalysisStatus>?> ListAsync()
    {
        try
        {
            return (await _rpc.UnaryAsync("vms.ai.v1.AiPlane/ListAnalyses", new ListAnalysesRequest(), AnalysisList.Parser, s_deadline, CancellationToken.None)).Analyses;
        }
        catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
        {
            return null;
        }
    }

    /// <summary>As <c>kill -9</c>.</summary>
    internal async Task KillAsync()
    {
        System.Diagnostics.Process.GetProcessById(_process.Pid).Kill();
        await Eventually.TrueAsync(() => _process.HasExited);
    }

    public async ValueTask DisposeAsync()
    {
        _rpc.Dispose();
        await _process.DisposeAsync();
    }
}
