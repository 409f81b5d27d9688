using Vms.Testing;

namespace Vms.Bus.Tests;

/// <summary>Whatever a server says, the client reports it, reconnects and does not crash.</summary>
public sealed class FakeServerTests
{
    private const string LoggedIn = FakeServer.Info + "PONG\r\n";

    public static TheoryData<string> Nonsense => new()
    {
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "INFO not json\r\n",
        "INFO {\"headers\":false}\r\n",
        "INFO {\"headers\":true,\"tls_required\":true}\r\nearly clear text",
        "INFO {\"headers\":true,\"max_payload\":99999999999}\r\nPONG\r\n",
        FakeServer.Info + "-ERR 'Authorization Violation'\r\n",
        FakeServer.Info + "MSG a 1 1\r\nx\r\n",
        LoggedIn + "nonsense\r\n",
        LoggedIn + "MSG a 1 99999999\r\n",
        LoggedIn + "MSG a 1 5\r\nhello, this is too long\r\n",
        LoggedIn + "MSG a 1 5\r\nhel",
        LoggedIn + "HMSG a 1 3 5\r\nhello\r\n",
        LoggedIn + "-ERR 'Stale Connection'\r\n",
        LoggedIn + "INFO broken\r\n\0\0\0\0",
        LoggedIn + "-ERR 'Authentication Expired'\r\n",
        new string('x', 100_000),
        "INFO {" + new string(' ', 100_000),
    };

    [Theory, MemberData(nameof(Nonsense))]
    public async Task Nonsense_ends_the_session_and_the_next_one_works(string script)
    {
        await using var server = new FakeServer(FakeServer.Say(script));
        await using var bus = TestBus.Start(server.Url);
        await Eventually.TrueAsync(() => server.Connections >= 2 && bus.Connection.State is BusState.Connected);
        await bus.Connection.FlushAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Random_bytes_after_log_in_never_stop_the_client()
    {
        var random = new Random(7);
        var script = Enumerable.Range(0, 20).Select(_ =>
        {
            var noise = new byte[random.Next(1, 20_000)];
            random.NextBytes(noise);
            return (byte[])[.. FakeServer.Say(LoggedIn), .. noise];
        });
        await using var server = new FakeServer([.. script]);
        await using var bus = TestBus.Start(server.Url, o => o with { ReconnectDelayMax = TimeSpan.FromMilliseconds(20) });
        await Eventually.TrueAsync(() => server.Connections == 21 && bus.Connection.State is BusState.Connected);
    }

    [Fact]
    public async Task A_server_that_dies_right_after_log_in_is_not_asked_in_a_tight_loop()
    {
        await using var server = new FakeServer([.. Enumerable.Repeat(FakeServer.Say(LoggedIn + "bad\r\n"), 1000)]);
        await using var bus = TestBus.Start(
            server.Url, o => o with { ReconnectDelayMin = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromSeconds(10) });
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => server.Connections >= 5);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 0.5 * (50 + 100 + 200), 60_000);
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_times_out()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var bus = TestBus.Start($"nats://{listener.LocalEndpoint}", o => o with { ConnectTimeout = TimeSpan.FromMilliseconds(100) });
        await Eventually.TrueAsync(() => bus.Connection.LastError is { Kind: BusErrorKind.Timeout });
    }

    [Fact]
    public async Task The_next_server_of_the_list_is_tried()
    {
        await using var server = new FakeServer();
        await using var bus = TestBus.Start($"nats://127.0.0.1:{FreePort.Tcp()},{server.Url}");
        await bus.ConnectedAsync();
    }
}
