using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>Everything that the product serves by HTTP, through the real HAProxy with the configuration that is shipped.</summary>
public sealed class HaproxyTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly TestDirectory _directory = new();
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;
    private LiveMedia _media = null!;
    private Haproxy _proxy = null!;
    private HttpClient _http = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_directory["web"]);
        await File.WriteAllTextAsync(Path.Combine(_directory["web"], "index.html"), "<!doctype html><title>VMS</title>");
        _world = await ControlWorld.StartAsync(new WorldSettings { Directory = _directory, MediaPort = 0, PlaybackPort = 8082, Arguments = ["--VMS_TRUSTED_PROXIES=127.0.0.1", "--VMS_RATE_WRITES=30"] });
        _id = (await _world.AddCameraAsync("Door")).Text("id")!;
        _recorder = new FakeRecorder(_world.Options, MapArchive);
        await _recorder.StartAsync();
        _media = new LiveMedia(_world.Options);
        await _media.StartAsync();
        _proxy = await Haproxy.StartAsync(new IPEndPoint(IPAddress.Loopback, _world.Address.Port));
        _http = Client();
        _http.DefaultRequestHeaders.Authorization = _world.Http.DefaultRequestHeaders.Authorization;
        await Eventually.TrueAsync(async () =>
        {
            using var up = await _http.GetAsync("/health");
            return up.IsSuccessStatusCode;
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _proxy.DisposeAsync();
        await _media.DisposeAsync();
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Pages_the_API_and_the_status_of_planes_come_through_and_plain_HTTP_is_sent_to_TLS()
    {
        using (var plain = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _proxy.Http })
        {
            using var sent = await plain.GetAsync("/live?x=1");
            Assert.Equal(HttpStatusCode.PermanentRedirect, sent.StatusCode);
            Assert.StartsWith("https://", sent.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using (var page = await _http.GetAsync("/live"))
        {
            Assert.Contains("<title>VMS</title>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            string policy = page.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("connect-src 'self' https://127.0.0.1:8082;", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("http:", policy, StringComparison.Ordinal);      // a page in TLS loads nothing in the clear
        }

        using (var admin = await _http.GetAsync("/admin/"))
            Assert.Equal("/settings", admin.Headers.Location!.OriginalString);
        Assert.Equal(_id, (await _http.GetJsonAsync("/api/cameras")).Text("items.0.id"));
        Assert.Equal("1", (await _http.GetJsonAsync("/api/streaming/status")).Text("total"));
        Assert.Equal("0", (await _http.GetJsonAsync("/api/ai/status")).Text("total"));
        var live = await _http.PostAsync($"/api/cameras/{_id}/live", new { });
        Assert.StartsWith(_proxy.Https + "webrtc/", live.Text("whepUrl"), StringComparison.Ordinal);     // it knows that its viewers came in TLS
        using (var metrics = await _http.GetAsync("/metrics"))
            Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);

        using var stats = new HttpClient { BaseAddress = _proxy.Stats };
        string table = "";
        // The first check comes within two seconds.
        await Eventually.TrueAsync(async () => Regex.Count(table = await stats.GetStringAsync("/stats;csv"), "(?m)^[a-z]+,control,.*,L7[A-Z]+,") == 5);
        foreach (string backend in (string[])["web", "api", "status", "live", "archive"])
            Assert.True(Regex.IsMatch(table, $"(?m)^{backend},control,.*,UP,.*,L7OK,"), table);
    }

    [Fact]
    public async Task WebSockets_offers_live_segments_and_ranges_of_recordings_come_through()
    {
        string ws = (await _http.PostAsync("/api/tickets", new { kind = "ws" })).Text("ticket")!;
        using (var feed = await OpenAsync($"/api/ws?ticket={ws}"))
            Assert.Contains("camera.state", await ReadAsync(feed), StringComparison.Ordinal);
        string ticket = (await _http.PostAsync($"/api/cameras/{_id}/live", new { })).Text("ticket")!;
        using (var mse = await OpenAsync($"/mse/cam_{_id}?stream=main&ticket={ticket}"))
            Assert.Equal("hello", await ReadAsync(mse));
        string playback = (await _http.PostAsync("/api/tickets", new { kind = "playback" })).Text("ticket")!;
        using (var samples = await OpenAsync($"/api/cameras/{_id}/playback/samples?ticket={playback}"))
            Assert.Equal("sample", await ReadAsync(samples));

        using (var whep = await _http.PostAsync($"/webrtc/cam_{_id}/whep?ticket={ticket}", new StringContent("v=0", Encoding.ASCII, "application/sdp")))
        {
            Assert.Equal(HttpStatusCode.Created, whep.StatusCode);
            Assert.Equal($"/webrtc/cam_{_id}/whep/1", whep.Headers.Location!.OriginalString);
        }

        Assert.Equal($"/hls/cam_{_id}/index.m3u8", await _http.GetStringAsync($"/hls/cam_{_id}/index.m3u8?ticket={ticket}"));
        Assert.Equal($"/hls/cam_{_id}/main/t/{ticket}/7.m4s", await _http.GetStringAsync($"/hls/cam_{_id}/main/t/{ticket}/7.m4s"));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/cameras/{_id}/clip.mp4") { Headers = { Range = new RangeHeaderValue(100, 1_000_099) } };
        using var range = await _http.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, 1_000_000L), (range.StatusCode, (long)(await range.Content.ReadAsByteArrayAsync()).Length));
        Assert.Equal("bytes=100-1000099", _seen["Range"]);
    }

    [Fact]
    public async Task Who_asks_is_known_and_cannot_be_made_up()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/cameras/{_id}/clip.mp4");
        request.Headers.Add("X-Forwarded-For", "198.51.100.1");
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Vms-Identity", "somebody");
        using var response = await _http.SendAsync(request);
        Assert.Equal(("127.0.0.1", "https", "admin"), (_seen["X-Forwarded-For"], _seen["X-Forwarded-Proto"], _seen["X-Vms-Identity"]));

        // Each made-up address would have a share of its own.
        var statuses = new List<int>();
        for (int i = 0; i < 32; i++)
        {
            using var guess = new HttpRequestMessage(HttpMethod.Post, "/api/auth/refresh") { Content = new StringContent("""{"refreshToken":"x"}""", Encoding.ASCII, "application/json") };
            guess.Headers.Add("X-Forwarded-For", $"198.51.100.{i}");
            using var client = Client();
            using var answer = await client.SendAsync(guess);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Contains(429, statuses);
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    })
    { BaseAddress = _proxy.Https };

    private async Task<ClientWebSocket> OpenAsync(string path)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        socket.Options.SetRequestHeader("Origin", _proxy.Https.GetLeftPart(UriPartial.Authority));
        await socket.ConnectAsync(new UriBuilder(new Uri(_proxy.Https, path)) { Scheme = "wss" }.Uri, deadline.Token);
        return socket;
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        byte[] buffer = new byte[16_384];
        var message = await socket.ReceiveAsync(buffer, deadline.Token);
        return Encoding.UTF8.GetString(buffer, 0, message.Count);
    }

    private static async Task SayAsync(HttpContext context, string text)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        Task hungUp = socket.ReceiveAsync(new byte[16], context.RequestAborted);
        await hungUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private void MapArchive(WebApplication app)
    {
        app.MapGet("/api/cameras/{id}/clip.mp4", (HttpContext context) =>
        {
            foreach (var (name, value) in context.Request.Headers)
                _seen[name] = value.ToString();
            return Results.Bytes(new byte[2_000_000], "video/mp4", enableRangeProcessing: true);
        });
        app.MapGet("/api/cameras/{id}/playback/samples", context => SayAsync(context, "sample"));
    }

    private sealed class LiveMedia(Hosting.PlaneOptions options) : FakePlane(options, "media")
    {
        protected override void Map(WebApplication app)
        {
            app.MapGet("/mse/cam_{id}", context => SayAsync(context, "hello"));
            app.MapGet("/hls/{**rest}", (HttpContext context) => context.Request.Path.Value);
            app.MapPost("/webrtc/cam_{id}/whep", (HttpContext context, string id) =>
            {
                context.Response.Headers.Location = $"/webrtc/cam_{id}/whep/1";
                return Results.Text("v=0", "application/sdp", statusCode: 201);
            });
        }
    }
}
