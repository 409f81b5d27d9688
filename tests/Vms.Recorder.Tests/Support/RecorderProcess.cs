using Vms.Contracts.Recorder;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Support;

/// <summary>vms-recorder as a process of its own, to be killed.</summary>
internal sealed class RecorderProcess : IAsyncDisposable
{
    private static readonly RpcCallOptions s_call = new(TimeSpan.FromSeconds(10));

    private readonly string[] _arguments;
    private readonly string _run;
    private ChildProcess? _process;

    public RecorderProcess(string data, string run, string? postgres = null)
    {
        _run = run;
        _arguments =
        [
            typeof(RecorderApp).Assembly.Location, $"--VMS_DATA={data}", $"--VMS_RUN_DIR={run}", "--VMS_PLAYBACK_PORT=0",
            "--VMS_RECORDER_MIN_FREE_BYTES=0", "--VMS_RECORDER_HEADROOM_HOURS=0",
            .. postgres is null ? Array.Empty<string>() : [$"--VMS_POSTGRES={postgres}"],
        ];
    }

    public string Output => _process?.Output ?? "";

    public async Task StartAsync()
    {
        _process = await ChildProcess.StartAsync("dotnet", _arguments);
        await Eventually.TrueAsync(IsUpAsync, TimeSpan.FromSeconds(30));
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.KillAsync();
            await process.DisposeAsync();
        }
    }

    /// <summary>SIGTERM, and waits for the ordered end.</summary>
    public async Task StopAsync()
    {
        var process = _process!;
        _process = null;
        process.Signal(PosixSignalNumber.Terminate);
        await process.WaitForExitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(0, process.ExitCode);
        await process.DisposeAsync();
    }

    public async Task RecordAsync(string cameraId, int segmentSeconds)
    {
        using var channel = Channel();
        await channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/StartRecording",
            new RecordingSpec
            {
                CameraId = cameraId, Stream = "main", Mode = "continuous", Format = "fmp4", SegmentSeconds = segmentSeconds, Generation = 1,
            },
            StartRecordingReply.Parser,
            s_call,
            CancellationToken.None);
    }

    public async Task<RecordingList> ListAsync()
    {
        using var channel = Channel();
        return await channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/ListRecordings", new ListRecordingsRequest(), RecordingList.Parser, s_call, CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private RpcChannel Channel() => new(new Uri($"unix://{Path.Combine(_run, "planes", "recorder.rpc.sock")}"));

    private async Task<bool> IsUpAsync()
    {
        try
        {
            await ListAsync();
            return true;
        }
        catch (RpcException e) when (e.Status is RpcStatus.Unavailable or RpcStatus.Unimplemented)
        {
            return false;
        }
    }
}
