using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Vms.Rpc.Tests.Echoes;

namespace Vms.Rpc.Tests;

/// <summary>
/// A process's worth of server: one TCP listener open for calls, one that is not, one unix socket. What a method does is
/// chosen by the text of the request.
/// </summary>
public sealed class EchoServer : IAsyncDisposable
{
    public const string Say = "vms.rpc.tests.v1.Echo/Say";
    public const string Count = "vms.rpc.tests.v1.Echo/Count";
    public const string Collect = "vms.rpc.tests.v1.Echo/Collect";
    public const string Chat = "vms.rpc.tests.v1.Echo/Chat";

    private readonly WebApplication _app;
    private readonly DirectoryInfo _directory;

    private EchoServer(WebApplication app, DirectoryInfo directory, LogLines log)
    {
        _app = app;
        _directory = directory;
        Log = log;
    }

    public LogLines Log { get; }

    public Uri Address => new(_app.Urls.First(u => !u.Contains("unix", StringComparison.Ordinal)));

    /// <summary>A listener that is not open for calls.</summary>
    public Uri PublicAddress => new(_app.Urls.Last(u => !u.Contains("unix", StringComparison.Ordinal)));

    public Uri SocketAddress => new("unix://" + SocketPath(_directory));

    /// <summary>Completes when a handler that waits has seen its cancellation token fire. By the request's number.</summary>
    public ConcurrentDictionary<int, TaskCompletionSource> Cancelled { get; } = new();

    public static async Task<EchoServer> StartAsync(string? socketDirectory = null)
    {
        var directory = socketDirectory is null ? Directory.CreateTempSubdirectory("vms-rpc-") : new DirectoryInfo(socketDirectory);
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listener => listener.UseRpc());
            kestrel.ListenUnixSocket(SocketPath(directory), listener => listener.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2);
        });

        var app = builder.Build();
        var server = new EchoServer(app, directory, log);
        server.Map();
        await app.StartAsync();
        return server;
    }

    public Task Seen(int number) => Cancelled.GetOrAdd(number, _ => new TaskCompletionSource()).Task.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        if (_directory.Exists) _directory.Delete(recursive: true);
    }

    private static string SocketPath(DirectoryInfo directory) => Path.Combine(directory.FullName, "rpc.sock");

    private void Map()
    {
        _app.MapUnary<EchoRequest, EchoReply>(Say, EchoRequest.Parser, SayAsync);
        _app.MapServerStreaming<EchoRequest, EchoReply>(Count, EchoRequest.Parser, CountAsync);
        _app.MapClientStreaming<EchoRequest, EchoReply>(Collect, EchoRequest.Parser, CollectAsync);
        _app.MapDuplex<EchoRequest, EchoReply>(Chat, EchoRequest.Parser, ChatAsync);
    }

    private async Task<EchoReply> SayAsync(EchoRequest request, RpcContext context)
    {
        switch (request.Text)
        {
            case "missing": throw new RpcException(RpcStatus.NotFound, "no such caméra 100%\n");
            case "trailing":
                throw new RpcException(RpcStatus.FailedPrecondition, "older") { Trailers = new() { { "generation", "7" }, { "raw-bin", [1, 2, 0xFF] } } };
            case "broken": throw new InvalidOperationException("password=hunter2");
            case "wait": await WaitAsync(request, context); break;
            case "metadata":
                context.Metadata.TryGet("tenant", out var tenant);
                context.Metadata.TryGetBytes("token-bin", out var token);
                return new EchoReply { Text = $"{tenant} {Convert.ToHexString(token ?? [])} {context.Peer} {context.Deadline is not null}" };
            case "large": return new EchoReply { Blob = ByteString.CopyFrom(new byte[request.Number]) };
        }

        return new EchoReply { Text = request.Text, Number = request.Number, Blob = request.Blob };
    }

    private async IAsyncEnumerable<EchoReply> CountAsync(EchoRequest request, RpcContext context)
    {
        for (var i = 0; i < request.Number; i++)
        {
            yield return new EchoReply { Text = request.Text, Number = i };
            if (request.Text == "fail" && i == 2) throw new RpcException(RpcStatus.DataLoss, "lost after three");
            if (request.Text == "wait") await WaitAsync(request, context);
        }
    }

    private async Task<EchoReply> CollectAsync(IAsyncEnumerable<EchoRequest> requests, RpcContext context)
    {
        var count = 0;
        long bytes = 0;
        await foreach (var request in requests)
        {
            if (request.Text == "refuse") throw new RpcException(RpcStatus.InvalidArgument, "refused");
            count++;
            bytes += request.Blob.Length;
        }

        return new EchoReply { Number = count, Text = bytes.ToString() };
    }

    private async IAsyncEnumerable<EchoReply> ChatAsync(IAsyncEnumerable<EchoRequest> requests, RpcContext context)
    {
        await foreach (var request in requests)
        {
            if (request.Text == "greet first") yield return new EchoReply { Text = "hello" };
            yield return new EchoReply { Text = "re:" + request.Text, Number = request.Number };
        }
    }

    private async Task WaitAsync(EchoRequest request, RpcContext context)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            Cancelled.GetOrAdd(request.Number, _ => new TaskCompletionSource()).TrySetResult();
        }
    }
}
