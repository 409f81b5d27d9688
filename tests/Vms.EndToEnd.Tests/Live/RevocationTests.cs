using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Live;

/// <summary>A right is taken away while its holder watches in several ways, on the planes' own ports.</summary>
public sealed class RevocationTests
{
    private const string Password = "a long enough secret";

    [Fact]
    public async Task A_change_of_rights_ends_what_is_open_within_five_seconds_and_nothing_else_and_stands_after_a_restart_of_media_alone()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(2, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        string lost = await product.Api.AddCameraAsync("Lost", cameras.UrlOf(1)), kept = await product.Api.AddCameraAsync("Kept", cameras.UrlOf(2));
        await product.Api.AwaitRecordingAsync(lost);
        await product.Api.AwaitRecordingAsync(kept);
        var user = (await product.Api.PostAsync("/api/users", new
        {
            username = "guard",
            password = Password,
            grants = new[] { Grant(lost), Grant(kept) },
        }))["id"]!.GetValue<string>();
        using var guard = await ApiClient.SignInAsync(product.Url, "guard", Password);
        var liveUrl = (await guard.PostAsync($"/api/cameras/{lost}/live", new { }))["mseUrl"]!.GetValue<string>();
        using var live = await WatchAsync(liveUrl);
        using var untouched = await WatchAsync((await guard.PostAsync($"/api/cameras/{kept}/live", new { }))["mseUrl"]!.GetValue<string>());
        var opened = TimeProvider.System.GetUtcNow().UtcDateTime;
        await using var rtsp = await ChildProcess.StartAsync("ffmpeg",
        [
            "-hide_banner", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", $"rtsp://guard:{Uri.EscapeDataString(Password)}@127.0.0.1:{product.RtspPort}/cam_{lost}",
            "-c", "copy", "-f", "null", "-progress", "pipe:1", "-",
        ]);
        var ticket = (await guard.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { lost } }))["ticket"]!.GetValue<string>();
        string archive = $"127.0.0.1:{product.PlaybackPort}/api/cameras/{lost}/";
        using var samples = await WatchAsync($"ws://{archive}playback/samples?ticket={ticket}", hello: null);
        var timeline = $"http://{archive}timeline?from={TimeProvider.System.GetUtcNow().AddMinutes(-1):yyyy-MM-dd'T'HH:mm:ss'Z'}&to={TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}&ticket={ticket}";
        using var anybody = new HttpClient();
        using (var open = await anybody.GetAsync(timeline))
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        await Eventually.TrueAsync(() => live.Messages > 0 && untouched.Messages > 0 && rtsp.Output.Contains("progress=continue", StringComparison.Ordinal));
        Assert.False(rtsp.HasExited, rtsp.Output);

        long began = TimeProvider.System.GetTimestamp();
        using (var change = new HttpRequestMessage(HttpMethod.Patch, $"/api/users/{user}") { Content = JsonContent.Create(new { grants = new[] { Grant(kept) } }) })
        using (var changed = await product.Api.SendAsync(change))
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        await Eventually.TrueAsync(() => live.IsOver && samples.IsOver && rtsp.HasExited, TimeSpan.FromSeconds(5));
        Soak.Measured($"from the request that took the right away to the end of MSE, samples and RTSP: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.Equal(("accessRevoked", "accessRevoked"), (live.Reason, samples.Reason));
        using (var refusedRequest = await anybody.GetAsync(timeline))
            Assert.Equal(HttpStatusCode.Forbidden, refusedRequest.StatusCode);
        long seen = untouched.Messages;
        await Eventually.TrueAsync(() => untouched.Messages > seen + 25);
        Assert.False(untouched.IsOver);

        // Media forgets its viewers and not what was taken away; whom it was showing something is in the audit log, if they had been there for a few seconds.
        await Eventually.TrueAsync(() => File.GetLastWriteTimeUtc(Path.Combine(product.DataDirectory, "state", "media-viewings.state")) > opened);
        await product.KillAndAwaitRestartAsync("media");
        await Eventually.TrueAsync(async () => await StatusAsync(liveUrl) is not null);      // it listens
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(liveUrl));
        await Eventually.TrueAsync(async () => (await WatchedAsync(product, kept)).Any(e => e["detail"]!["isCutOff"]!.GetValue<bool>()));
        Assert.All(await WatchedAsync(product, kept), e => Assert.Equal("guard", e["actor"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Whoever_sends_a_stream_is_cut_off_with_the_right_to_and_another_sender_is_not()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(2, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        string lost = await product.Api.AddCameraAsync("Lost", "push:"), kept = await product.Api.AddCameraAsync("Kept", "push:");
        var role = (await product.Api.PostAsync("/api/roles", new { name = "Encoder", permissions = new[] { "cameras.read", "streams.publish" } }))["id"]!.GetValue<string>();
        object Sends(string camera) => new { roleId = role, scope = "camera", scopeId = camera };
        var user = (await product.Api.PostAsync("/api/users", new { username = "encoder", password = Password, grants = new[] { Sends(lost), Sends(kept) } }))["id"]!.GetValue<string>();
        using var encoder = await ApiClient.SignInAsync(product.Url, "encoder", Password);
        var address = await AddressAsync(lost);
        await using var ended = await SendAsync(1, address);
        await using var untouched = await SendAsync(2, await AddressAsync(kept));
        await product.Api.AwaitRecordingAsync(lost);
        await product.Api.AwaitRecordingAsync(kept);

        long began = TimeProvider.System.GetTimestamp();
        using (var change = new HttpRequestMessage(HttpMethod.Patch, $"/api/users/{user}") { Content = JsonContent.Create(new { grants = new[] { Sends(kept) } }) })
        using (var changed = await product.Api.SendAsync(change))
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        await Eventually.TrueAsync(() => ended.HasExited, TimeSpan.FromSeconds(5));
        Soak.Measured($"from the request that took the right away to the end of the publisher: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        await Eventually.TrueAsync(async () => (await product.Api.GetAsync($"/api/cameras/{lost}"))["state"]!.GetValue<string>() != "online");

        // Not again with what was given before; and nobody else has noticed.
        await using var again = await SendAsync(1, address);
        await Eventually.TrueAsync(() => again.HasExited);
        Assert.Contains("403", again.Output, StringComparison.Ordinal);
        Assert.False(untouched.HasExited, untouched.Output);
        Assert.Equal("online", (await product.Api.GetAsync($"/api/cameras/{kept}"))["state"]!.GetValue<string>());

        async Task<string> AddressAsync(string camera)
        {
            var ticket = (await encoder.PostAsync("/api/tickets", new { kind = "publish", cameraIds = new[] { camera } }))["ticket"]!.GetValue<string>();
            return $"rtsp://127.0.0.1:{product.RtspPort}/cam_{camera}?ticket={Uri.EscapeDataString(ticket)}";
        }

        Task<ChildProcess> SendAsync(int camera, string to) => ChildProcess.StartAsync("ffmpeg",
        [
            "-hide_banner", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", cameras.UrlOf(camera), "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", to,
        ]);
    }

    private static object Grant(string camera) => new { roleId = "viewer", scope = "camera", scopeId = camera };

    private static async Task<List<JsonNode>> WatchedAsync(ProductRun product, string camera) =>
        [.. ((await product.Api.GetAsync($"/api/audit?action=live.watched&subject={camera}"))["items"] as JsonArray)!.Select(e => e!)];

    /// <summary>How a WebSocket is answered; null while nobody does.</summary>
    private static async Task<HttpStatusCode?> StatusAsync(string url)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new Uri(url), CancellationToken.None);
            return HttpStatusCode.SwitchingProtocols;
        }
        catch (WebSocketException)
        {
            return socket.HttpStatusCode == 0 ? null : socket.HttpStatusCode;
        }
    }

    private static async Task<Watch> WatchAsync(string url, string? hello = """{"type":"mse","value":"avc1.640029"}""")
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new Uri(url), CancellationToken.None);
            if (hello is not null)
                await socket.SendAsync(Encoding.UTF8.GetBytes(hello), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            return new Watch(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A viewer by MSE that counts what it gets.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly ClientWebSocket _socket;
        private readonly Task _reading;
        private long _messages;

        public Watch(ClientWebSocket socket)
        {
            _socket = socket;
            _reading = ReadAsync();
        }

        public long Messages => Interlocked.Read(ref _messages);

        public bool IsOver => _reading.IsCompleted;

        public string? Reason => _socket.CloseStatusDescription;

        public void Dispose() => _socket.Dispose();

        private async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
                    Interlocked.Add(ref _messages, part.EndOfMessage ? 1 : 0);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
