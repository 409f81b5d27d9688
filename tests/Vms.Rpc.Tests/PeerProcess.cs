using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Vms.Testing;

namespace Vms.Rpc.Tests;

/// <summary>The independent implementation in Peer/, as a process. Ends with its standard input, so it outlives no test run.</summary>
public sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<JsonObject> _lines = Channel.CreateBounded<JsonObject>(256);
    private readonly Task _reading;

    private PeerProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    public static PeerProcess Start(params string[] arguments)
    {
        var folder = Path.Combine(TestPaths.Repository, "tests", "Vms.Rpc.Tests", "Peer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@grpc")))
            throw new InvalidOperationException("The gRPC peer is not installed: run './dev setup', or 'npm ci' in tests/Vms.Rpc.Tests/Peer.");

        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        start.ArgumentList.Add("peer.cjs");
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new PeerProcess(Process.Start(start)!);
    }

    /// <summary>The next line the peer prints; null after its last one.</summary>
    public async Task<JsonObject?> NextAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        return await _lines.Reader.WaitToReadAsync(deadline.Token) ? await _lines.Reader.ReadAsync(deadline.Token) : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            await _lines.Writer.WriteAsync(JsonNode.Parse(line)!.AsObject());
        _lines.Writer.Complete();
    }
}
