using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Vms.Control.Tests.Support;
using Vms.Hosting;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>What pages of other sites may do.</summary>
public sealed class CrossOriginTests : IAsyncLifetime
{
    private const string Friend = "https://wall.example";
    private const string Stranger = "https://evil.example";

    private ControlWorld _world = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync(new WorldSettings { Arguments = [$"--VMS_ALLOWED_ORIGINS=https://other.example {Friend}"] });
        _id = (await _world.AddCameraAsync("Door")).Text("id")!;
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_named_origin_may_use_the_API_and_is_told_so_before()
    {
        using var preflight = await SendAsync(HttpMethod.Options, "/api/cameras", Friend, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(Friend, Single(preflight, "Access-Control-Allow-Origin"));
        Assert.Contains("Authorization", Single(preflight, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Contains("PATCH", Single(preflight, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("600", Single(preflight, "Access-Control-Max-Age"));

        using var list = await SendAsync(HttpMethod.Get, "/api/cameras", Friend);
        await list.JsonAsync();
        Assert.Equal(Friend, Single(list, "Access-Control-Allow-Origin"));
        Assert.Contains("Retry-After", Single(list, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Equal("Origin", Single(list, "Vary"));
        Assert.False(list.Headers.Contains("Access-Control-Allow-Credentials"));

        // Also what went wrong, or a page could only guess why.
        using var missing = await SendAsync(HttpMethod.Get, "/api/cameras/none", Friend);
        await missing.ProblemAsync(404, "cameraNotFound");
        Assert.Equal(Friend, Single(missing, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData(Stranger)]
    [InlineData("http://wall.example")]
    [InlineData("https://wall.example.evil.example")]
    [InlineData("null")]
    public async Task Every_other_origin_is_told_nothing(string origin)
    {
        using var preflight = await SendAsync(HttpMethod.Options, "/api/cameras", origin, ("Access-Control-Request-Method", "POST"));
        await preflight.ProblemAsync(403, "originNotAllowed");
        using var list = await SendAsync(HttpMethod.Get, "/api/cameras", origin);
        Assert.False(list.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Every_WebSocket_asks_where_the_page_comes_from()
    {
        string feed = (await _world.Http.PostAsync("/api/tickets", new { kind = "ws" })).Text("ticket")!;
        string live = (await _world.Http.PostAsync($"/api/cameras/{_id}/live", new { })).Text("ticket")!;
        string playback = (await _world.Http.PostAsync("/api/tickets", new { kind = "playback" })).Text("ticket")!;
        await using var media = new SocketPlane(_world.Options, "media", "/mse/cam_{id}");
        await media.StartAsync();
        await using var recorder = new SocketPlane(_world.Options, "recorder", "/api/cameras/{id}/playback/samples");
        await recorder.StartAsync();
        foreach (string path in (string[])[$"/api/ws?ticket={feed}", $"/mse/cam_{_id}?ticket={live}", $"/api/cameras/{_id}/playback/samples?ticket={playback}"])
        {
            Assert.True(await OpensAsync(path, origin: null), path);
            Assert.True(await OpensAsync(path, _world.Address.GetLeftPart(UriPartial.Authority)), path);
            Assert.True(await OpensAsync(path, Friend), path);
            foreach (string origin in (string[])[Stranger, "null", $"http://127.0.0.1:{_world.Address.Port + 1}", ""])
                Assert.False(await OpensAsync(path, origin), $"{path} from '{origin}'");
        }
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain;charset=UTF-8")]
    public async Task Forms_change_nothing(string type)
    {
        foreach (var (method, path) in ((HttpMethod, string)[])
            [(HttpMethod.Post, "/api/cameras"), (HttpMethod.Patch, "/api/cameras/" + _id), (HttpMethod.Delete, "/api/cameras/" + _id),
             (HttpMethod.Post, "/api/auth/login"), (HttpMethod.Post, "/api/auth/logout"), (HttpMethod.Post, $"/api/cameras/{_id}/live"), (HttpMethod.Post, $"/webrtc/cam_{_id}/whep")])
        {
            using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes("{}")) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await _world.Http.SendAsync(request);
            await response.ProblemAsync(415, "unsupportedMediaType");
        }

        await _world.Http.GetJsonAsync("/api/cameras/" + _id);
    }

    private async Task<bool> OpensAsync(string path, string? origin)
    {
        using var socket = new ClientWebSocket();
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{_world.Address.Authority}{path}"), deadline.Token);
            return true;
        }
        catch (WebSocketException e)
        {
            Assert.Contains("403", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await _world.Http.SendAsync(request);
    }

    private static string Single(HttpResponseMessage response, string header) => response.Headers.GetValues(header).Single();

    /// <summary>A plane that takes every WebSocket at one address: whether it gets any is control's decision.</summary>
    private sealed class SocketPlane(PlaneOptions options, string name, string pattern) : FakePlane(options, name)
    {
        protected override void Map(WebApplication app) => app.MapGet(pattern, async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", context.RequestAborted);
        });
    }
}
