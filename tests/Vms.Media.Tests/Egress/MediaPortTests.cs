using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Vms.Testing;
using Vms.Testing.Viewers;

namespace Vms.Media.Tests.Egress;

/// <summary>The plane's own port, whose connections <c>HlsServer</c> sees before Kestrel does.</summary>
public sealed class MediaPortTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private WebApplication _app = null!;
    private int _port;

    public async ValueTask InitializeAsync()
    {
        _app = MediaApp.Build(
        [
            $"--VMS_DATA={_directory["data"]}", $"--VMS_RUN_DIR={_directory["run"]}", $"--VMS_RING_DIR={_directory["rings"]}", "--VMS_MEDIA_PORT=0", "--VMS_RTSP_PORT=off",
            $"--VMS_WEBRTC_PORT={FreePort.Udp()}", "--VMS_LOG_LEVEL=Critical",
        ]);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        _port = new Uri(addresses.Single(a => a.StartsWith("http://127.", StringComparison.Ordinal))).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task It_speaks_TLS_where_the_first_byte_says_so_and_HLS_in_it_keeps_its_connection()
    {
        using var http = Client();
        foreach (string scheme in (string[])["http", "https"])
        {
            for (int i = 0; i < 2; i++)
                Assert.Contains("\"media\"", await http.GetStringAsync($"{scheme}://127.0.0.1:{_port}/health"), StringComparison.Ordinal);
            using var refused = await http.GetAsync($"{scheme}://127.0.0.1:{_port}/hls/cam_1/main/index.m3u8?ticket=a.b");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.NotEqual(true, refused.Headers.ConnectionClose);
        }
    }

    [Fact]
    public async Task Slow_clients_keep_nobody_waiting_and_are_let_go()
    {
        byte[][] beginnings = ["GET /hls/cam_1/main/t/"u8.ToArray(), "G"u8.ToArray(), [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]];
        await using var slow = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), 80, beginnings);
        await using var silent = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), 80, []);
        using var http = Client();
        foreach (string scheme in (string[])["http", "https"])
        {
            long began = Stopwatch.GetTimestamp();
            Assert.Contains("\"media\"", await http.GetStringAsync($"{scheme}://127.0.0.1:{_port}/health"), StringComparison.Ordinal);
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);
        }

        await Eventually.TrueAsync(() => slow.Open == 0);
    }

    [Fact]
    public async Task Another_sites_page_opens_no_WebSocket_here()
    {
        foreach (var (origin, status) in ((string, string)[])[("https://evil.example", "403"), ("https://127.0.0.1:8443", "401")])
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Origin", origin);
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://127.0.0.1:{_port}/mse/cam_1?ticket=a.b"), CancellationToken.None));
            Assert.Contains(status, refused.Message, StringComparison.Ordinal);
        }
    }

    private static HttpClient Client() =>
        new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } }) { Timeout = TimeSpan.FromSeconds(60) };
}
