using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;

namespace Vms.Ai.Tests;

/// <summary>The AI plane on a data directory of its own, called as control calls it.</summary>
internal sealed class AiPlaneRun : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly RpcChannel _channel;

    private AiPlaneRun(WebApplication app)
    {
        _app = app;
        Options = app.Services.GetRequiredService<PlaneOptions>();
        _channel = new RpcChannel(new Uri("unix://" + Options.SocketOf("ai", "rpc")));
    }

    internal PlaneOptions Options { get; }

    internal IServiceProvider Services => _app.Services;

    internal static async Task<AiPlaneRun> StartAsync(TestDirectory data, string? nats = null)
    {
        string bus = nats ?? $"nats://127.0.0.1:{FreePort.Tcp()}";   // nobody is there
        WebApplication app = AiApp.Build([$"--VMS_DATA={data.Path}", $"--VMS_RUN_DIR={data["run"]}", $"--VMS_NATS={bus}", "--VMS_LOG_LEVEL=None"]);
        await app.StartAsync();
        return new AiPlaneRun(app);
    }

    internal Task<StartAnalysisReply> AnalyseAsync(string camera, long generation = 1, AnalysisSettings? settings = null) => AnalyseAsync(
        new AnalysisSpec { CameraId = camera, Stream = "main", SiteId = "site-1", Generation = generation, Settings = settings });

    internal Task<StartAnalysisReply> AnalyseAsync(AnalysisSpec spec) => _channel.UnaryAsync(
        "vms.ai.v1.AiPlane/StartAnalysis", spec, StartAnalysisReply.Parser, s_deadline, CancellationToken.None);

    internal Task<StopAnalysisReply> StopAnalysingAsync(string camera, long generation) => _channel.UnaryAsync(
        "vms.ai.v1.AiPlane/StopAnalysis", new StopAnalysisRequest { CameraId = camera, Stream = "main", Generation = generation },
        StopAnalysisReply.Parser, s_deadline, CancellationToken.None);

    internal async Task<IReadOnlyList<AnalysisStatus>> ListAsync() => (await _channel.UnaryAsync(
        "vms.ai.v1.AiPlane/ListAnalyses", new ListAnalysesRequest(), AnalysisList.Parser, s_deadline, CancellationToken.None)).Analyses;

    internal Task<ModelList> ListModelsAsync() => _channel.UnaryAsync(
        "vms.ai.v1.AiPlane/ListModels", new ListModelsRequest(), ModelList.Parser, s_deadline, CancellationToken.None);

    internal Task<TryRulesReply> TryRulesAsync(TryRulesRequest request) => _channel.UnaryAsync(
        "vms.ai.v1.AiPlane/TryRules", request, TryRulesReply.Parser, s_deadline, CancellationToken.None);

    internal async Task<AnalysisStatus?> StatusOfAsync(string camera) => (await ListAsync()).SingleOrDefault(s => s.CameraId == camera);

    internal async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Options.SocketOf("ai", "http")), cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        using HttpResponseMessage response = await client.GetAsync(new Uri("http://ai" + path));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Where media of this installation would write.</summary>
    internal static StreamLogDirectory LogsOf(TestDirectory data) => StreamLogDirectory.ForData(data.Path);
}
