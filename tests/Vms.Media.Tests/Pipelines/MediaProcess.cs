using Vms.Contracts.Media;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Pipelines;

/// <summary>The real <c>vms-media</c> as a process of its own, with a data directory that survives its death.</summary>
internal sealed class MediaProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly TestDirectory _directory = new();
    private readonly string _nats;
    private ChildProcess? _process;
    private RpcChannel? _channel;

    public MediaProcess(string nats)
    {
        _nats = nats;
        Rings = _directory.Create("rings");
    }

    /// <summary>Directory of the stream logs.</summary>
    public string Rings { get; }

    public int Pid => _process!.Pid;

    /// <summary>Of the files in which events wait for NATS.</summary>
    public long BytesOfWaitingEvents => new DirectoryInfo(Path.Combine(_directory["data"], "state", "media-events")) is { Exists: true } folder
        ? folder.EnumerateFiles("*.spool").Sum(file => file.Length)
        : 0;

    public async Task StartAsync()
    {
        var environment = new Dictionary<string, string?>
        {
            ["VMS_DATA"] = _directory["data"],
            ["VMS_RUN_DIR"] = _directory["run"],
            ["VMS_RING_DIR"] = Rings,
            ["VMS_NATS"] = _nats,
            ["VMS_MEDIA_PORT"] = "0",
            ["VMS_WEBRTC_PORT"] = "0",
            ["VMS_RTSP_PORT"] = "0",
        };
        _process = await ChildProcess.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms-media.dll")], environment);
        _channel ??= new(new Uri("unix://" + Path.Combine(_directory["run"], "planes", "media.rpc.sock")));
    }

    public async Task ApplyAsync(PipelineSpec spec) => await Eventually.TrueAsync(async () =>
    {
        try
        {
            var reply = await _channel!.UnaryAsync("vms.media.v1.MediaPlane/StartPipeline", spec, StartPipelineReply.Parser, s_deadline, CancellationToken.None);
            return reply.Generation == spec.Generation;
        }
        catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
        {
            return false;       // it is still starting
        }
    });

    public Task<StopPipelineReply> RemoveAsync(string camera, long generation) => _channel!.UnaryAsync(
        "vms.media.v1.MediaPlane/StopPipeline", new StopPipelineRequest { CameraId = camera, Stream = "main", Generation = generation },
        StopPipelineReply.Parser, s_deadline, CancellationToken.None);

    public Task<ProbedStream> ProbeAsync(ProbeStreamRequest request) => _channel!.UnaryAsync(
        "vms.media.v1.MediaPlane/ProbeStream", request, ProbedStream.Parser, s_deadline, CancellationToken.None);

    public Task<PipelineList> ListAsync() => _channel!.UnaryAsync(
        "vms.media.v1.MediaPlane/ListPipelines", new ListPipelinesRequest(), PipelineList.Parser, s_deadline, CancellationToken.None);

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        _directory.Dispose();
    }
}
