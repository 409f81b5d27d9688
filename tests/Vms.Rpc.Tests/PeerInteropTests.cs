using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Vms.Rpc.Tests.Echoes;

namespace Vms.Rpc.Tests;

/// <summary>@grpc/grpc-js calls our server, and our client calls a server of @grpc/grpc-js.</summary>
public sealed class PeerInteropTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_peer_calls_our_server(bool unixSocket)
    {
        await using var server = await EchoServer.StartAsync();
        var address = unixSocket ? "unix:" + server.SocketAddress.LocalPath : server.Address.Authority;
        await using var peer = PeerProcess.Start("client", address);
        var outcomes = new Dictionary<string, JsonObject>();
        while (await peer.NextAsync() is { } line) outcomes[(string)line["scenario"]!] = line;

        void Expect(string scenario, RpcStatus status, params (string Field, object Value)[] fields)
        {
            Assert.True(outcomes.TryGetValue(scenario, out var outcome), scenario + " has no outcome");
            Assert.Equal((scenario, status), (scenario, (RpcStatus)(int)outcome["code"]!));
            foreach (var (field, value) in fields) Assert.Equal(scenario + ": " + value, scenario + ": " + outcome[field]);
        }

        Expect("unary", RpcStatus.Ok, ("text", "hej"), ("number", 7));
        Expect("status", RpcStatus.NotFound, ("details", "no such caméra 100%\n"));
        Expect("trailers", RpcStatus.FailedPrecondition, ("details", "older"));
        Assert.Equal("7", (string?)outcomes["trailers"]["trailers"]!["generation"]);
        Expect("internal", RpcStatus.Internal, ("details", "Internal error."));
        Expect("deadline", RpcStatus.DeadlineExceeded);
        await server.Seen(101);
        Expect("metadata", RpcStatus.Ok);
        Assert.Matches("^north CAFE .+ True$", (string)outcomes["metadata"]["text"]!);
        Expect("large", RpcStatus.Ok, ("bytes", 8 << 20));
        Expect("tooLarge", RpcStatus.ResourceExhausted);
        Expect("serverStream", RpcStatus.Ok, ("messages", 1000));
        Expect("emptyStream", RpcStatus.Ok, ("messages", 0));
        Expect("failingStream", RpcStatus.DataLoss, ("messages", 3));
        Expect("cancel", RpcStatus.Cancelled, ("messages", 1));
        await server.Seen(102);
        Expect("clientStream", RpcStatus.Ok, ("number", 100), ("text", "1000000"));
        Expect("refusedClientStream", RpcStatus.InvalidArgument);
        Expect("duplex", RpcStatus.Ok, ("messages", 20));
        Expect("gzip", RpcStatus.Unimplemented);
        Expect("unknownMethod", RpcStatus.Unimplemented);
        Expect("unknownService", RpcStatus.Unimplemented);
    }

    [Fact]
    public async Task Our_client_calls_the_peer()
    {
        await using var peer = PeerProcess.Start("server");
        using var channel = new RpcChannel(new Uri("http://127.0.0.1:" + (await peer.NextAsync())!["port"]));
        Task<EchoReply> Say(EchoRequest request, RpcCallOptions? options = null) =>
            channel.UnaryAsync(EchoServer.Say, request, EchoReply.Parser, options ?? s_deadline, Ct);

        var reply = await Say(new EchoRequest { Text = "hej", Number = 7 });
        Assert.Equal(("hej", 7), (reply.Text, reply.Number));

        var missing = await Assert.ThrowsAsync<RpcException>(() => Say(new EchoRequest { Text = "missing" }));
        Assert.Equal((RpcStatus.NotFound, "no such caméra 100%"), (missing.Status, missing.Detail));
        Assert.True(missing.Trailers.TryGetBytes("raw-bin", out var raw));
        Assert.Equal([1, 2, 0xFF], raw);

        var metadata = new RpcMetadata { { "tenant", "north" }, { "token-bin", [0xCA, 0xFE] } };
        Assert.Equal("north cafe true", (await Say(new EchoRequest { Text = "metadata" }, new RpcCallOptions(s_deadline, metadata))).Text);

        var late = await Assert.ThrowsAsync<RpcException>(() =>
            Say(new EchoRequest { Text = "wait", Number = 1 }, TimeSpan.FromMilliseconds(200)));
        Assert.Equal(RpcStatus.DeadlineExceeded, late.Status);
        Assert.Equal(1, (int)(await peer.NextAsync())!["cancelled"]!);

        Assert.Equal(12 << 20, (await Say(new EchoRequest { Text = "large", Number = 12 << 20 })).Blob.Length);
        var tooLarge = await Assert.ThrowsAsync<RpcException>(() => Say(new EchoRequest { Text = "large", Number = (16 << 20) + 1 }));
        Assert.Equal(RpcStatus.ResourceExhausted, tooLarge.Status);

        var nowhere = await Assert.ThrowsAsync<RpcException>(() =>
            channel.UnaryAsync("no.Such/Method", new EchoRequest(), EchoReply.Parser, s_deadline, Ct));
        Assert.Equal(RpcStatus.Unimplemented, nowhere.Status);
    }

    [Fact]
    public async Task Our_client_streams_to_and_from_the_peer()
    {
        await using var peer = PeerProcess.Start("server");
        using var channel = new RpcChannel(new Uri("http://127.0.0.1:" + (await peer.NextAsync())!["port"]));
        IAsyncEnumerable<EchoReply> Count(string text, int number) => channel.ServerStreamingAsync(
            EchoServer.Count, new EchoRequest { Text = text, Number = number }, EchoReply.Parser, s_deadline, Ct);

        var count = 0;
        await foreach (var message in Count("", 1000)) Assert.Equal(count++, message.Number);
        Assert.Equal(1000, count);

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in Count("fail", 5)) count++;
        });
        Assert.Equal((1005, RpcStatus.DataLoss), (count, failure.Status));

        await foreach (var _ in Count("wait", 3)) break;   // leaving early cancels on the peer
        Assert.Equal(3, (int)(await peer.NextAsync())!["cancelled"]!);

        var blob = ByteString.CopyFrom(new byte[10_000]);
        async IAsyncEnumerable<EchoRequest> Hundred()
        {
            for (var i = 0; i < 100; i++)
            {
                await Task.Yield();
                yield return new EchoRequest { Blob = blob };
            }
        }

        var collected = await channel.ClientStreamingAsync(EchoServer.Collect, Hundred(), EchoReply.Parser, s_deadline, Ct);
        Assert.Equal((100, "1000000"), (collected.Number, collected.Text));

        var answered = new SemaphoreSlim(1);
        async IAsyncEnumerable<EchoRequest> PingPong([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < 20; i++)
            {
                await answered.WaitAsync(cancellationToken);
                yield return new EchoRequest { Text = "m" + i };
            }
        }

        var chatted = 0;
        await foreach (var answer in channel.DuplexAsync(EchoServer.Chat, PingPong(Ct), EchoReply.Parser, s_deadline, Ct))
        {
            Assert.Equal("re:m" + chatted++, answer.Text);
            answered.Release();
        }

        Assert.Equal(20, chatted);
    }
}
