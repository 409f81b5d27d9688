using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Media;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class FeedTests
{
    [Fact]
    public async Task A_listener_starts_from_the_whole_picture_and_hears_every_change()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        using var feed = await OpenAsync(world);
        Assert.Equal("offline", (await NextAsync(feed, "camera.state", id)).Text("state"));

        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        JsonElement state;
        do
            state = await NextAsync(feed, "camera.state", id);
        while (state.Text("state") != "online");
        Assert.Equal("1920", state.Text("streams.0.width"));

        (await world.Http.DeleteAsync($"/api/cameras/{id}")).Dispose();
        Assert.Equal(id, (await NextAsync(feed, "camera.removed", id)).Text("cameraId"));
    }

    [Fact]
    public async Task What_a_plane_writes_to_the_bus_is_seen_at_once()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        using var feed = await OpenAsync(world);
        await UntilAsync(feed, m => m.Text("type") == "camera.state" && m.Text("state") == "online");
        await media.StopAsync();
        media.State = "offline";

        // Between two passes of the reconciler the bus is the only way to know.
        var bus = world.Services.GetRequiredService<BusConnection>();
        var bucket = await bus.JetStream.EnsureBucketAsync(
            new KvConfig { Name = BusLayout.StreamStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, default);
        await media.StartAsync();
        var status = new PipelineStatus
        {
            CameraId = id,
            Stream = "main",
            Generation = 1,
            State = "unauthorized",
            Reason = "badCredentials",
            StateSinceUnixMs = 1,
            Detail = "401 for admin",
        };
        await bucket.PutAsync($"{id}.main", Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(status)), default);
        var state = await UntilAsync(feed, m => m.Text("type") == "camera.state" && m.Text("state") == "unauthorized");
        Assert.Equal("badCredentials", state.Text("stateReason"));
        Assert.Equal("401 for admin", state.Text("stateDetail"));
    }

    [Fact]
    public async Task The_media_plane_offers_and_the_browser_answers()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(() => media.Pipelines.Count == 1);
        using var feed = await OpenAsync(world);

        await SendAsync(feed, new { type = "stream.request", requestId = "r1", cameraId = id, stream = "main" });
        var offer = await NextAsync(feed, "stream.offer");
        Assert.Equal(("r1", "session-" + id, "v=0 offer"), (offer.Text("requestId"), offer.Text("sessionId"), offer.Text("sdp")));
        Assert.Contains($"offer {id}.main admin", media.Calls);

        await SendAsync(feed, new { type = "stream.candidate", sessionId = offer.Text("sessionId"), candidate = "candidate:1 1 udp 1 127.0.0.1 9 typ host" });
        await SendAsync(feed, new { type = "stream.answer", sessionId = offer.Text("sessionId"), sdp = "v=0 answer" });
        await Eventually.TrueAsync(() => media.Answers.GetValueOrDefault("session-" + id) == "v=0 answer");

        await SendAsync(feed, new { type = "stream.restart", requestId = "again", sessionId = offer.Text("sessionId") });
        var again = await NextAsync(feed, "stream.offer");
        Assert.Equal(("again", "session-" + id, "v=0 another offer"), (again.Text("requestId"), again.Text("sessionId"), again.Text("sdp")));

        await SendAsync(feed, new { type = "stream.answer", sessionId = "of-somebody-else", sdp = "v=0" });
        Assert.Equal("sessionNotFound", (await NextAsync(feed, "error")).Text("code"));
        await SendAsync(feed, new { type = "stream.request", requestId = "r2", cameraId = "nope", stream = "main" });
        var error = await NextAsync(feed, "error");
        Assert.Equal(("r2", "cameraNotFound"), (error.Text("requestId"), error.Text("code")));
        await SendAsync(feed, new { type = "stream.request", requestId = "r3", cameraId = id, stream = "sub" });
        Assert.Equal("streamNotFound", (await NextAsync(feed, "error")).Text("code"));

        await feed.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Deadline());
        await Eventually.TrueAsync(() => media.Calls.Contains("close session-" + id));
    }

    [Fact]
    public async Task A_connection_that_breaks_does_not_end_the_video()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(() => media.Pipelines.Count == 1);
        var hub = world.Services.GetRequiredService<Vms.Control.Features.LiveFeed.FeedHub>();
        using (var feed = await OpenAsync(world))
        {
            await SendAsync(feed, new { type = "stream.request", requestId = "r1", cameraId = id, stream = "main" });
            await NextAsync(feed, "stream.offer");
            feed.Abort();
        }

        await Eventually.TrueAsync(() => hub.Listeners == 0);
        Assert.DoesNotContain("close session-" + id, media.Calls);
    }

    [Fact]
    public async Task Nonsense_is_answered_and_a_flood_ends_the_connection()
    {
        await using var world = await ControlWorld.StartAsync();
        using var feed = await OpenAsync(world);
        await feed.SendAsync("not json"u8.ToArray(), WebSocketMessageType.Text, true, Deadline());
        Assert.Equal("malformedJson", (await NextAsync(feed, "error")).Text("code"));
        await SendAsync(feed, new { type = "make.coffee" });
        Assert.Equal("unknownType", (await NextAsync(feed, "error")).Text("code"));

        await feed.SendAsync(new byte[100_000], WebSocketMessageType.Text, true, Deadline());
        await UntilClosedAsync(feed);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, feed.CloseStatus);
    }

    [Fact]
    public async Task Only_a_ticket_for_it_and_only_the_own_site_opens_the_feed()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        using var anonymous = world.Anonymous();
        using var none = await anonymous.GetAsync("/api/ws");
        await none.ProblemAsync(401, "unauthenticated");
        var live = (await world.Http.PostAsync($"/api/cameras/{id}/live", new { })).Text("ticket");
        using var wrongKind = await anonymous.GetAsync("/api/ws?ticket=" + live);
        await wrongKind.ProblemAsync(401, "unauthenticated");
        var ticket = (await world.Http.PostAsync("/api/tickets", new { kind = "ws" })).Text("ticket");
        using var noSocket = await anonymous.GetAsync("/api/ws?ticket=" + ticket);
        await noSocket.ProblemAsync(400, "webSocketExpected");
        using var elsewhere = await anonymous.GetAsync("/api/cameras?ticket=" + ticket);   // a ticket opens its endpoint, nothing else
        await elsewhere.ProblemAsync(401, "unauthenticated");

        using var foreign = new ClientWebSocket();
        foreign.Options.SetRequestHeader("Origin", "https://evil.example");
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(Url(world, ticket), Deadline()));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        using var own = new ClientWebSocket();
        own.Options.SetRequestHeader("Origin", world.Address.GetLeftPart(UriPartial.Authority));
        await own.ConnectAsync(Url(world, ticket), Deadline());
    }

    [Fact]
    public async Task An_ordered_stop_says_goodbye()
    {
        var world = await ControlWorld.StartAsync();
        using var feed = await OpenAsync(world);
        var closing = UntilClosedAsync(feed);
        await world.DisposeAsync();
        await closing;
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, feed.CloseStatus);
    }

    [Fact]
    public async Task A_sign_in_that_ends_takes_its_feed_and_its_tickets_with_it()
    {
        await using var world = await ControlWorld.StartAsync();
        using var person = world.Anonymous();
        person.DefaultRequestHeaders.Authorization = new("Bearer", (await world.LoginAsync()).AccessToken);
        using var feed = await OpenAsync(world, person);
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        await NextAsync(feed, "camera.state", id);
        var ticket = (await person.PostAsync("/api/tickets", new { kind = "playback" })).Text("ticket");

        (await person.PostAsync("/api/auth/logout", null)).Dispose();
        var buffer = new byte[64 * 1024];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        WebSocketReceiveResult received;
        do
            received = await feed.ReceiveAsync(buffer, deadline.Token);
        while (received.MessageType != WebSocketMessageType.Close);
        Assert.Equal("signed out", received.CloseStatusDescription);
        using var late = await world.Anonymous().GetAsync($"/api/cameras/{id}/timeline?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z&ticket={ticket}");
        await late.ProblemAsync(401, "unauthenticated");
    }

    internal static Task<ClientWebSocket> OpenAsync(ControlWorld world) => OpenAsync(world, world.Http);

    internal static async Task<ClientWebSocket> OpenAsync(ControlWorld world, HttpClient listener)
    {
        var ticket = (await listener.PostAsync("/api/tickets", new { kind = "ws" })).Text("ticket");
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(Url(world, ticket), Deadline());
        return socket;
    }

    internal static async Task<JsonElement> UntilAsync(ClientWebSocket socket, Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var message = await ReceiveAsync(socket) ?? throw new InvalidOperationException("closed: " + socket.CloseStatus);
            if (condition(message))
                return message;
        }
    }

    private static Task<JsonElement> NextAsync(ClientWebSocket socket, string type, string? cameraId = null) =>
        UntilAsync(socket, m => m.Text("type") == type && (cameraId is null || m.Text("cameraId") == cameraId));

    internal static async Task UntilClosedAsync(ClientWebSocket socket)
    {
        while (await ReceiveAsync(socket) is not null)
        {
        }
    }

    private static async Task<JsonElement?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), Deadline());
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement.Clone();
        }
    }

    internal static Task SendAsync(ClientWebSocket socket, object message) =>
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, Deadline());

    private static Uri Url(ControlWorld world, string? ticket) => new($"ws://{world.Address.Authority}/api/ws?ticket={ticket}");

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
