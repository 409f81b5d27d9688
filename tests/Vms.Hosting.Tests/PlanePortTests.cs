using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Vms.Testing;
using Vms.Testing.Viewers;

namespace Vms.Hosting.Tests;

/// <summary>The TCP ports of a plane, as all planes have them.</summary>
public sealed class PlanePortTests : IAsyncLifetime
{
    private const string Friend = "https://wall.example";

    private readonly TestDirectory _directory = new();
    private WebApplication _app = null!;
    private Uri _plain = null!;
    private Uri _secure = null!;

    public async ValueTask InitializeAsync()
    {
        (_app, _plain, _secure) = await StartAsync(_directory, servesPages: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_plain_port_speaks_TLS_too_and_the_other_one_nothing_else()
    {
        using var http = Client();
        foreach (string url in (string[])[_plain.ToString(), _secure.ToString(), $"https://127.0.0.1:{_plain.Port}/"])
        {
            // The connection is kept: the second request finds no first byte to look at.
            for (int i = 0; i < 3; i++)
                Assert.Equal(new Uri(url).Scheme, await http.GetStringAsync(url + "scheme"));
            using var sent = await http.PostAsync(url + "length", new ByteArrayContent(new byte[700_000]));
            Assert.Equal("700000", await sent.Content.ReadAsStringAsync());
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync($"http://127.0.0.1:{_secure.Port}/scheme"));
    }

    [Fact]
    public async Task Slow_clients_keep_nobody_waiting_and_are_let_go()
    {
        byte[][] beginnings =
        [
            "GET /scheme HTTP/1.1\r\nHost: a\r\nX-"u8.ToArray(),                             // headers without an end
            "G"u8.ToArray(),
            "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n"u8.ToArray(),  // a body that does not come
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01],                                            // half a ClientHello
        ];
        await using var atPlain = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _plain.Port), 60, beginnings);
        await using var atSecure = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _secure.Port), 60, [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
        await using var silent = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _plain.Port), 60, []);
        using var http = Client();
        foreach (var url in (Uri[])[_plain, _secure])
        {
            long began = Stopwatch.GetTimestamp();
            Assert.Equal(url.Scheme, await http.GetStringAsync(new Uri(url, "scheme")));
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);
        }

        await Eventually.TrueAsync(() => atPlain.Open == 0 && atSecure.Open == 0);      // after ten seconds; those who say nothing after sixty
        Assert.Equal("http", await http.GetStringAsync(new Uri(_plain, "scheme")));
    }

    [Fact]
    public async Task An_ordered_stop_waits_for_nobody_who_says_nothing()
    {
        using var directory = new TestDirectory();
        var (plane, plain, secure) = await StartAsync(directory, servesPages: true);
        await using var _ = plane;
        byte[] halfAHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01];
        await using var silent = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, plain.Port), 3, []);
        await using var half = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, plain.Port), 3, halfAHello);
        await using var silentInTls = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, secure.Port), 3, []);
        await using var halfInTls = await SlowClients.ConnectAsync(new IPEndPoint(IPAddress.Loopback, secure.Port), 3, halfAHello);
        using (var http = Client())     // whoever came before is in
        {
            foreach (var url in (Uri[])[plain, secure])
                Assert.Equal(url.Scheme, await http.GetStringAsync(new Uri(url, "scheme")));
        }

        long began = Stopwatch.GetTimestamp();
        await plane.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 4);        // the host gives up after nine
    }

    [Fact]
    public async Task A_port_in_TLS_that_nobody_chose_is_done_without_when_it_is_taken()
    {
        int plainPort = FreePort.Tcp(), taken = plainPort + 363;
        using var other = new TcpListener(IPAddress.Loopback, taken);
        other.Start();
        string httpPort = $"--VMS_HTTP_PORT={plainPort}";
        using var directory = new TestDirectory();
        using var log = new Warnings();
        var (plane, plain, _) = await StartAsync(directory, servesPages: true, log, httpPort);
        await using (plane)
        {
            Assert.Equal(plainPort, plain.Port);
            using var http = Client();
            Assert.Equal("http", await http.GetStringAsync(new Uri(plain, "scheme")));
            Assert.False(plane.Services.GetRequiredService<PlaneOptions>().Door.HasTls);
            Assert.Contains(log, l => l.Contains($"Port {taken}", StringComparison.Ordinal) && l.Contains("VMS_HTTPS_PORT", StringComparison.Ordinal));
        }

        using var elsewhere = new TestDirectory();
        await Assert.ThrowsAsync<IOException>(() => StartAsync(elsewhere, servesPages: true, log, httpPort, $"--VMS_HTTPS_PORT={taken}"));
    }

    [Fact]
    public async Task What_is_larger_than_a_request_may_be_is_refused()
    {
        using var http = Client();
        using (var body = await http.PostAsync(new Uri(_plain, "length"), new ByteArrayContent(new byte[(1 << 20) + 1])))
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, body.StatusCode);
        Assert.StartsWith("HTTP/1.1 431", await AskAsync($"GET /scheme HTTP/1.1\r\nHost: a\r\nX-Long: {new string('x', 40_000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await AskAsync($"GET /scheme HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, 70).Select(i => $"X-{i}: 1\r\n"))}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", await AskAsync($"GET /{new string('x', 20_000)} HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
        // Chunks that never end are counted, too.
        var chunks = string.Concat(Enumerable.Repeat($"4000\r\n{new string('x', 0x4000)}\r\n", 70));
        Assert.StartsWith("HTTP/1.1 413", await AskAsync($"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_opens_to_pages_of_this_host_and_of_origins_that_were_named()
    {
        using var directory = new TestDirectory();
        var (plane, url, _) = await StartAsync(directory, servesPages: false);
        await using var _ = plane;
        foreach (string? origin in (string?[])[null, $"http://127.0.0.1:{url.Port}", "https://127.0.0.1:8443", Friend])
            Assert.True(await OpensAsync(url, origin), origin);
        foreach (string origin in (string[])["https://evil.example", "http://127.0.0.2", "null", "https://wall.example.evil.example", ""])
            Assert.False(await OpensAsync(url, origin), origin);

        // Where the pages come from, the port counts, too.
        Assert.True(await OpensAsync(_plain, $"http://127.0.0.1:{_plain.Port}"));
        Assert.False(await OpensAsync(_plain, "http://127.0.0.1:1"));
    }

    [Theory]
    [InlineData("https://vms.example.com", "vms.example.com:443", true)]
    [InlineData("https://vms.example.com", "vms.example.com", true)]
    [InlineData("https://vms.example.com:443", "VMS.example.com", true)]
    [InlineData("http://vms.example.com", "vms.example.com:80", true)]
    [InlineData("http://[fd00::7]:8080", "[fd00:0::7]:8080", true)]
    [InlineData("https://vms.example.com", "vms.example.com:8443", false)]
    [InlineData("https://vms.example.com:8443", "vms.example.com", false)]
    [InlineData("https://vms.example.com", "vms.example.com.evil.example", false)]
    [InlineData("null", "null", false)]
    public async Task A_host_without_a_port_has_the_one_of_the_page_s_scheme(string origin, string host, bool opens) =>
        Assert.Equal(opens, await OpensAsync(_plain, origin, ("Host", host)));

    [Fact]
    public async Task Behind_a_proxy_that_is_trusted_the_page_comes_from_the_host_that_it_names()
    {
        using var directory = new TestDirectory();
        var (plane, url, _) = await StartAsync(directory, servesPages: true, null, "--VMS_TRUSTED_PROXIES=127.0.0.1", "--VMS_ALLOWED_ORIGINS=null");
        await using var _ = plane;
        (string, string) host = ("Host", "inside:8080"), named = ("X-Forwarded-Host", "vms.example.com, inside.example");
        Assert.True(await OpensAsync(url, "https://vms.example.com", host, named));
        Assert.False(await OpensAsync(url, "https://inside.example", host, named));
        Assert.False(await OpensAsync(url, "https://vms.example.com", host));
        Assert.True(await OpensAsync(url, "null"));
        // Whoever is trusted by nobody names nothing.
        Assert.False(await OpensAsync(_plain, "https://vms.example.com", host, named));
    }

    private static async Task<(WebApplication App, Uri Plain, Uri Secure)> StartAsync(
        TestDirectory directory, bool servesPages, ILoggerProvider? log = null, params IReadOnlyList<string> more)
    {
        string[] args = [$"--VMS_DATA={directory["data"]}", $"--VMS_RUN_DIR={directory["run"]}", "--VMS_HTTP_PORT=0", $"--VMS_ALLOWED_ORIGINS={Friend}", .. more];
        var plane = PlaneHost.CreateBuilder("media", args, o => o.HttpPort, servesPages ? o => o.Door.HttpsPort : null);
        plane.Services.RemoveAll<ILoggerProvider>();
        if (log is not null)
            plane.Services.AddSingleton(log);
        var app = plane.Build();
        app.UseWebSockets();
        app.MapGet("/scheme", (HttpContext context) => context.Request.Scheme);
        app.MapPost("/length", async (HttpRequest request) =>
        {
            var all = new MemoryStream();
            await request.Body.CopyToAsync(all);
            return $"{all.Length}";
        });
        app.MapGet("/socket", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Where(a => a.Contains("127.0.0.1", StringComparison.Ordinal));
        var plain = new Uri(addresses.Single(a => a.StartsWith("http:", StringComparison.Ordinal)));
        return (app, plain, addresses.FirstOrDefault(a => a.StartsWith("https:", StringComparison.Ordinal)) is { } secure ? new Uri(secure) : plain);
    }

    private static HttpClient Client() =>
        new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } }) { Timeout = TimeSpan.FromSeconds(60) };

    private async Task<string> AskAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _plain.Port);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        }
        catch (IOException)
        {
            // It has heard enough; what it said is there to be read.
        }

        var answer = new byte[64];
        int length = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false);
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    private static async Task<bool> OpensAsync(Uri url, string? origin, params (string Name, string Value)[] headers)
    {
        using var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
            socket.Options.SetRequestHeader(name, value);
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{url.Port}/socket"), deadline.Token);
            return true;
        }
        catch (WebSocketException e)
        {
            Assert.Contains("403", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private sealed class Warnings : ConcurrentQueue<string>, ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
