using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeCamera;

namespace Vms.EndToEnd.Tests.Limits;

/// <summary>Bad input gets a clear answer, disturbs nothing else, and nothing works without a credential.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task Bad_requests_and_bad_cameras_get_clear_errors_and_a_good_camera_records_on()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var good = await product.Api.AddCameraAsync("Good", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(good);
        var pids = (product.PidOf("media"), product.PidOf("control"), product.PidOf("recorder"));

        await AssertProblemAsync(product, HttpMethod.Post, "/api/cameras", "{\"name\": ", HttpStatusCode.BadRequest, "malformedJson");
        await AssertProblemAsync(product, HttpMethod.Post, "/api/cameras", """{"name":"x","mainUrl":"http://10.0.0.1/video"}""", HttpStatusCode.BadRequest, "invalidInput");
        await AssertProblemAsync(product, HttpMethod.Get, "/api/cameras/nosuchcamera", null, HttpStatusCode.NotFound, "cameraNotFound");
        await AssertProblemAsync(product, HttpMethod.Post, "/api/cameras/nosuchcamera/live", "{}", HttpStatusCode.NotFound, "cameraNotFound");
        await AssertProblemAsync(product, HttpMethod.Get, "/api/nothing-here", null, HttpStatusCode.NotFound, null);

        // A server that is no RTSP server, one that floods headers, one that is not there at all, and one without the path.
        using var garbage = new GarbageServer("HTTP/1.1 200 OK\r\nServer: not a camera\r\n\r\n<html>", 0);
        using var flood = new GarbageServer("RTSP/1.0 200 OK\r\nCSeq: 1\r\nX: ", 1 << 20);
        await AssertStateAsync(product, $"rtsp://127.0.0.1:{garbage.Port}/stream", "offline");
        await AssertStateAsync(product, $"rtsp://127.0.0.1:{flood.Port}/stream", "offline");
        await AssertStateAsync(product, $"rtsp://127.0.0.1:{FreePort.Tcp()}/stream", "offline", "unreachable");
        await AssertStateAsync(product, cameras.UrlOf(1).Replace("/cam/1", "/cam/99", StringComparison.Ordinal), "offline", "noSuchPath");

        Assert.Equal("online", (await product.Api.GetAsync($"/api/cameras/{good}"))["state"]!.GetValue<string>());
        Assert.Equal(pids, (product.PidOf("media"), product.PidOf("control"), product.PidOf("recorder")));
        await product.StopAsync();
        RecordedFrames.AssertEachExactlyOnce(RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory, good)), 1);
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once_and_said_clearly()
    {
        using var directory = new TestDirectory();
        await using var server = FakeCameraServer.Start(new FakeCameraOptions
        {
            Cameras = 1,
            Authentication = RtspAuthentication.DigestMd5,
            Footage = await Vms.Testing.Footage.H264Footage.LoadAsync(Vms.Testing.Footage.FootageSpec.Small),
            User = "operator",
            Password = "right",
        });
        await using var product = await ProductRun.StartAsync(directory);
        var camera = await product.Api.PostAsync("/api/cameras", new
        {
            name = "Locked",
            mainUrl = server.UrlOf(1),
            username = "operator",
            password = "wrong",
            recording = new { mode = "off" },
        });
        var id = camera["id"]!.GetValue<string>();
        await Eventually.TrueAsync(async () => (await product.Api.GetAsync($"/api/cameras/{id}"))["state"]!.GetValue<string>() == "unauthorized");
        Assert.Equal("badCredentials", (await product.Api.GetAsync($"/api/cameras/{id}"))["stateReason"]!.GetValue<string>());
        await Soak.RunForAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(1, server.Camera(1).WrongPasswords);
        Assert.DoesNotContain("wrong", product.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_works_without_a_credential_except_what_is_open()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        using var http = new HttpClient();
        foreach (var path in (string[])["/api/cameras", "/api/events", "/api/dashboard", "/api/auth/me", "/api/sites", "/api/openapi.json", "/metrics", "/api/cameras/x/timeline", "/hls/cam_x/index.m3u8"])
        {
            using var answer = await http.GetAsync(product.Url + path);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized || !path.StartsWith("/api/", StringComparison.Ordinal), $"{path}: {answer.StatusCode}");
        }

        using var whep = await http.PostAsync($"http://127.0.0.1:{product.MediaPort}/webrtc/cam_x/whep", new StringContent("v=0", Encoding.ASCII, "application/sdp"));
        Assert.Equal(HttpStatusCode.Unauthorized, whep.StatusCode);
        using var clip = await http.GetAsync($"http://127.0.0.1:{product.PlaybackPort}/api/cameras/x/clip.mp4");
        Assert.Equal(HttpStatusCode.Unauthorized, clip.StatusCode);
        foreach (var open in (string[])["/", "/login", "/health", "/health/ready"])
        {
            using var answer = await http.GetAsync(product.Url + open);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static async Task AssertProblemAsync(ProductRun product, HttpMethod method, string path, string? body, HttpStatusCode status, string? code)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await product.Api.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        if (code is not null)
            Assert.Equal(code, JsonNode.Parse(text)!["code"]!.GetValue<string>());
    }

    private static async Task AssertStateAsync(ProductRun product, string url, string state, string? reason = null)
    {
        var camera = await product.Api.PostAsync("/api/cameras", new { name = url[^12..], mainUrl = url, recording = new { mode = "off" } });
        var id = camera["id"]!.GetValue<string>();
        await Eventually.TrueAsync(
            async () => await product.Api.GetAsync($"/api/cameras/{id}") is var now && now["state"]!.GetValue<string>() == state
                && now["stateReason"] is { } why && (reason is null || why.GetValue<string>() == reason));
        Assert.Equal(HttpStatusCode.NoContent, await product.Api.DeleteAsync($"/api/cameras/{id}"));
    }

    /// <summary>Answers whatever comes with fixed bytes, and then with as many more as asked.</summary>
    private sealed class GarbageServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public GarbageServer(string answer, int flood)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = ServeAsync(Encoding.ASCII.GetBytes(answer + new string('a', flood)));
        }

        public int Port { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
                    await stream.WriteAsync(answer);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over, or the product hung up on us: both are right.
            }
        }
    }
}
