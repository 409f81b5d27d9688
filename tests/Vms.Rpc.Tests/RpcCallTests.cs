using System.Runtime.CompilerServices;
using Google.Protobuf;
using Vms.Rpc.Tests.Echoes;

namespace Vms.Rpc.Tests;

/// <summary>Our client against our server, over TCP and over a unix socket.</summary>
public sealed class RpcCallTests : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private EchoServer _server = null!;
    private RpcChannel _channel = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await EchoServer.StartAsync();
        _channel = new RpcChannel(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_unary_call_answers_over_tcp_and_over_a_unix_socket(bool unixSocket)
    {
        using var channel = new RpcChannel(unixSocket ? _server.SocketAddress : _server.Address);
        var reply = await channel.UnaryAsync(EchoServer.Say, new EchoRequest { Text = "hej", Number = 7 }, EchoReply.Parser, s_deadline, Ct);
        Assert.Equal(("hej", 7), (reply.Text, reply.Number));
    }

    [Fact]
    public async Task A_server_stream_delivers_every_message_in_order()
    {
        var numbers = new List<int>();
        await foreach (var reply in _channel.ServerStreamingAsync(
            EchoServer.Count, new EchoRequest { Number = 1000 }, EchoReply.Parser, s_deadline, Ct))
            numbers.Add(reply.Number);
        Assert.Equal(Enumerable.Range(0, 1000), numbers);
    }

    [Fact]
    public async Task An_empty_server_stream_ends_with_ok()
    {
        await foreach (var _ in _channel.ServerStreamingAsync(EchoServer.Count, new EchoRequest(), EchoReply.Parser, s_deadline, Ct))
            Assert.Fail("no message was expected");
    }

    [Fact]
    public async Task A_client_stream_of_many_megabytes_arrives_whole()
    {
        var blob = ByteString.CopyFrom(new byte[256 * 1024]);
        var reply = await _channel.ClientStreamingAsync(
            EchoServer.Collect, Requests(160, i => new EchoRequest { Number = i, Blob = blob }), EchoReply.Parser, s_deadline, Ct);
        Assert.Equal((160, (160L * 256 * 1024).ToString()), (reply.Number, reply.Text));
    }

    [Fact]
    public async Task A_duplex_call_goes_back_and_forth()
    {
        var answered = new SemaphoreSlim(1);
        async IAsyncEnumerable<EchoRequest> PingPong([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < 20; i++)
            {
                await answered.WaitAsync(cancellationToken);   // the next message only after the answer to the last one
                yield return new EchoRequest { Text = "m" + i, Number = i };
            }
        }

        var texts = new List<string>();
        await foreach (var reply in _channel.DuplexAsync(EchoServer.Chat, PingPong(Ct), EchoReply.Parser, s_deadline, Ct))
        {
            texts.Add(reply.Text);
            answered.Release();
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => "re:m" + i), texts);
    }

    [Fact]
    public async Task A_status_thrown_by_a_handler_arrives_with_its_detail_and_trailers()
    {
        var missing = await FailsAsync(new EchoRequest { Text = "missing" });
        Assert.Equal((RpcStatus.NotFound, "no such caméra 100%\n"), (missing.Status, missing.Detail));

        var trailing = await FailsAsync(new EchoRequest { Text = "trailing" });
        Assert.Equal(RpcStatus.FailedPrecondition, trailing.Status);
        Assert.True(trailing.Trailers.TryGet("generation", out var generation));
        Assert.Equal("7", generation);
        Assert.True(trailing.Trailers.TryGetBytes("raw-bin", out var raw));
        Assert.Equal([1, 2, 0xFF], raw);
    }

    [Fact]
    public async Task A_stream_that_fails_in_the_middle_delivers_what_came_before()
    {
        var seen = 0;
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in _channel.ServerStreamingAsync(
                EchoServer.Count, new EchoRequest { Text = "fail", Number = 10 }, EchoReply.Parser, s_deadline, Ct))
                seen++;
        });
        Assert.Equal((3, RpcStatus.DataLoss), (seen, failure.Status));
    }

    [Fact]
    public async Task An_exception_in_a_handler_is_logged_and_its_text_stays_at_home()
    {
        var failure = await FailsAsync(new EchoRequest { Text = "broken" });
        Assert.Equal((RpcStatus.Internal, "Internal error."), (failure.Status, failure.Detail));
        Assert.Contains(_server.Log.Lines, line => line.StartsWith("Error 6201", StringComparison.Ordinal) && line.Contains("hunter2"));
    }

    [Fact]
    public async Task The_deadline_ends_the_call_on_both_sides()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => _channel.UnaryAsync(
            EchoServer.Say, new EchoRequest { Text = "wait", Number = 1 }, EchoReply.Parser, TimeSpan.FromMilliseconds(150), Ct));
        Assert.Equal(RpcStatus.DeadlineExceeded, failure.Status);
        await _server.Seen(1);
    }

    [Fact]
    public async Task Cancelling_is_seen_by_the_handler_and_is_no_error_of_the_call()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _channel.ServerStreamingAsync(
                EchoServer.Count, new EchoRequest { Text = "wait", Number = 2 }, EchoReply.Parser, Timeout.InfiniteTimeSpan, giveUp.Token))
                await giveUp.CancelAsync();
        });
        await _server.Seen(2);
    }

    [Fact]
    public async Task Leaving_a_stream_early_ends_it_on_the_server()
    {
        await foreach (var _ in _channel.ServerStreamingAsync(
            EchoServer.Count, new EchoRequest { Text = "wait", Number = 3 }, EchoReply.Parser, Timeout.InfiniteTimeSpan, Ct))
            break;
        await _server.Seen(3);
    }

    [Fact]
    public async Task A_server_that_refuses_early_ends_an_endless_request_stream()
    {
        async IAsyncEnumerable<EchoRequest> Endless([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new EchoRequest { Text = "refuse" };
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            _channel.ClientStreamingAsync(EchoServer.Collect, Endless(Ct), EchoReply.Parser, s_deadline, Ct));
        Assert.Equal(RpcStatus.InvalidArgument, failure.Status);
    }

    [Fact]
    public async Task An_exception_of_the_callers_own_request_stream_comes_back_as_it_is()
    {
        async IAsyncEnumerable<EchoRequest> Failing()
        {
            yield return new EchoRequest { Text = "one" };
            await Task.Yield();
            throw new InvalidDataException("mine");
        }

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() =>
            _channel.ClientStreamingAsync(EchoServer.Collect, Failing(), EchoReply.Parser, s_deadline, Ct));
        Assert.Equal("mine", failure.Message);
    }

    [Theory]
    [InlineData("vms.rpc.tests.v1.Echo/Unknown")]
    [InlineData("vms.nowhere.v1.Nothing/Say")]
    public async Task An_unknown_method_or_service_is_unimplemented(string method)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            _channel.UnaryAsync(method, new EchoRequest(), EchoReply.Parser, s_deadline, Ct));
        Assert.Equal(RpcStatus.Unimplemented, failure.Status);
        Assert.Contains(method, failure.Detail);
    }

    [Fact]
    public async Task A_message_at_the_ceiling_passes_and_one_above_is_refused_in_both_directions()
    {
        const int room = 16 * 1024 * 1024 - 64;
        var reply = await _channel.UnaryAsync(EchoServer.Say, new EchoRequest { Text = "large", Number = room }, EchoReply.Parser, s_deadline, Ct);
        Assert.Equal(room, reply.Blob.Length);
        reply = await _channel.UnaryAsync(
            EchoServer.Say, new EchoRequest { Blob = ByteString.CopyFrom(new byte[room]) }, EchoReply.Parser, s_deadline, Ct);
        Assert.Equal(room, reply.Blob.Length);

        var tooLargeReply = await FailsAsync(new EchoRequest { Text = "large", Number = 16 * 1024 * 1024 + 1 });
        Assert.Equal(RpcStatus.ResourceExhausted, tooLargeReply.Status);
        var tooLargeRequest = await FailsAsync(new EchoRequest { Blob = ByteString.CopyFrom(new byte[16 * 1024 * 1024 + 1]) });
        Assert.Equal(RpcStatus.ResourceExhausted, tooLargeRequest.Status);
    }

    [Fact]
    public async Task Metadata_travels_as_text_and_as_bytes()
    {
        var metadata = new RpcMetadata { { "tenant", "north" }, { "token-bin", [0xCA, 0xFE] } };
        using var channel = new RpcChannel(_server.SocketAddress);
        var reply = await channel.UnaryAsync(
            EchoServer.Say, new EchoRequest { Text = "metadata" }, EchoReply.Parser, new RpcCallOptions(s_deadline, metadata), Ct);
        Assert.Equal("north CAFE unix True", reply.Text);
    }

    [Theory]
    [InlineData("grpc-timeout", "x")]
    [InlineData("Tenant", "x")]
    [InlineData("te", "x")]
    [InlineData("tenant", "caméra")]
    [InlineData("tenant", "a\r\nb: c")]
    [InlineData("tenant-bin", "x")]
    public void Metadata_that_cannot_travel_is_refused(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new RpcMetadata { { key, value } });

    [Fact]
    public async Task No_server_is_unavailable_and_a_restarted_one_is_found_again()
    {
        var directory = Directory.CreateTempSubdirectory("vms-rpc-").FullName;
        using var channel = new RpcChannel(new Uri("unix://" + Path.Combine(directory, "rpc.sock")));
        Task<EchoReply> Call() => channel.UnaryAsync(EchoServer.Say, new EchoRequest { Text = "up" }, EchoReply.Parser, s_deadline, Ct);

        // A call that begins while the old connection is still being found dead may be lost with it, and nobody can know
        // whether the server has seen it: "unavailable" is the true answer. The connection is gone with it, so the next one arrives.
        async Task<EchoReply> CallOrCallAgain()
        {
            try
            {
                return await Call();
            }
            catch (RpcException lost) when (lost.Status == RpcStatus.Unavailable)
            {
                return await Call();
            }
        }

        Assert.Equal(RpcStatus.Unavailable, (await Assert.ThrowsAsync<RpcException>(Call)).Status);
        for (var i = 0; i < 2; i++)
        {
            Directory.CreateDirectory(directory);
            await using var server = await EchoServer.StartAsync(directory);
            Assert.Equal("up", (await CallOrCallAgain()).Text);
        }

        Assert.Equal(RpcStatus.Unavailable, (await Assert.ThrowsAsync<RpcException>(Call)).Status);
    }

    [Fact]
    public async Task A_server_that_dies_in_the_middle_of_a_stream_is_unavailable()
    {
        var server = await EchoServer.StartAsync();
        using var channel = new RpcChannel(server.Address);
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in channel.ServerStreamingAsync(
                EchoServer.Count, new EchoRequest { Text = "wait", Number = 4 }, EchoReply.Parser, Timeout.InfiniteTimeSpan, Ct))
                await server.DisposeAsync();
        });
        Assert.Contains(failure.Status, new[] { RpcStatus.Unavailable, RpcStatus.Cancelled, RpcStatus.Internal });
    }

    [Fact]
    public async Task Many_calls_run_at_the_same_time_on_one_channel()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            _channel.UnaryAsync(EchoServer.Say, new EchoRequest { Number = i }, EchoReply.Parser, s_deadline, Ct)));
        Assert.Equal(Enumerable.Range(0, 500), replies.Select(r => r.Number));
    }

    private Task<RpcException> FailsAsync(EchoRequest request) =>
        Assert.ThrowsAsync<RpcException>(() => _channel.UnaryAsync(EchoServer.Say, request, EchoReply.Parser, s_deadline, Ct));

    private static async IAsyncEnumerable<EchoRequest> Requests(int count, Func<int, EchoRequest> make)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return make(i);
        }
    }
}
