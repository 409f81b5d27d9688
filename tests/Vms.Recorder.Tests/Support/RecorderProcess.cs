using Vms.Contracts.Recorder;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Support;

/// <summary>vms-recorder as a process of its own, to be killed.</summary>
internal sealed class RecorderProcess : IAsyncDisposable
{
    private static readonly RpcCallOptions s_call = new(TimeSpan.FromSeconds(60));

    private readonly string[] _command;
    private readonly string _run;
    private readonly long _diskBytes;
    private SmallDisk? _disk;
    private ChildProcess? _process;

    /// <param name="diskBytes">Size of a real, small file system for the recordings, which outlives the process; 0 for none.</param>
    public RecorderProcess(string data, string run, string? postgres = null, long diskBytes = 0, params string[] settings)
    {
        _run = run;
        Directory.CreateDirectory(Path.Combine(run, "planes"));
        Recordings = Directory.CreateDirectory(Path.Combine(data, "recordings")).FullName;
        _diskBytes = diskBytes;
        _command =
        [
            "dotnet", typeof(RecorderApp).Assembly.Location, $"--VMS_DATA={data}", $"--VMS_RUN_DIR={run}", "--VMS_PLAYBACK_PORT=0",
            "--VMS_RECORDER_MIN_FREE_BYTES=0", "--VMS_RECORDER_HEADROOM_HOURS=0",
            .. postgres is null ? Array.Empty<string>() : [$"--VMS_POSTGRES={postgres}"], .. settings,
        ];
    }

    public string Output => _process?.Output ?? "";

    private string Recordings { get; }

    /// <summary>The pool as the process sees it, its small disk included.</summary>
    public string Pool => _disk?.Path ?? Recordings;

    public async Task StartAsync()
    {
        if (_diskBytes > 0)
        {
            _disk ??= await SmallDisk.MountAsync(Recordings, _diskBytes);
        }

        string[] command = [.. _disk?.Enter ?? [], .. _command];
        _process = await ChildProcess.StartAsync(command[0], command[1..]);
        await Eventually.TrueAsync(IsUpAsync);
        await KeepAsync(new KeptRanges { Generation = 1 });     // control has said once that nothing is to be kept
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
        await process.WaitForExitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
        await process.DisposeAsync();
    }

    /// <summary>Stops it where it is, or lets it go on.</summary>
    public void Freeze(bool frozen) => _process!.Signal(frozen ? PosixSignalNumber.Stop : PosixSignalNumber.Continue);

    /// <param name="mode">off ends it.</param>
    public async Task RecordAsync(string cameraId, int segmentSeconds, string mode = "continuous", long generation = 1)
    {
        using var channel = Channel();
        await channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/StartRecording",
            new RecordingSpec
            {
                CameraId = cameraId,
                Stream = "main",
                Mode = mode,
                Format = "fmp4",
                SegmentSeconds = segmentSeconds,
                Generation = generation,
            },
            StartRecordingReply.Parser,
            s_call,
            CancellationToken.None);
    }

    /// <summary>Sends the list of what is to be kept; one that is older than what is applied changes nothing.</summary>
    public async Task KeepAsync(KeptRanges list)
    {
        using var channel = Channel();
        try
        {
            await channel.UnaryAsync("vms.recorder.v1.RecorderPlane/KeepRanges", list, KeepRangesReply.Parser, s_call, CancellationToken.None);
        }
        catch (RpcException e) when (e.Status == RpcStatus.FailedPrecondition)
        {
        }
    }

    public async Task<RecordingList> ListAsync()
    {
        using var channel = Channel();
        return await channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/ListRecordings", new ListRecordingsRequest(), RecordingList.Parser, s_call, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_disk is { } disk)
        {
            await disk.DisposeAsync();
        }
    }

    private RpcChannel Channel() => new(new Uri($"unix://{Path.Combine(_run, "planes", "recorder.rpc.sock")}"));

    private async Task<bool> IsUpAsync()
    {
        try
        {
            await ListAsync();
            return true;
        }
        catch (RpcException e) when (e.Status is RpcStatus.Unavailable or RpcStatus.Unimplemented or RpcStatus.DeadlineExceeded)
        {
            return false;
        }
    }
}
