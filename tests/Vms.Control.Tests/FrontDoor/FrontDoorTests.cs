using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.FrontDoor;

public sealed class FrontDoorTests : IAsyncLifetime
{
    private const long Gigabyte = 1L << 30;

    private readonly TaskCompletionSource _cancelledUpstream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, string> _seen = new(StringComparer.OrdinalIgnoreCase);
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _recorder = new FakeRecorder(_world.Options, MapArchive);
        await _recorder.StartAsync();
        _id = (await _world.AddCameraAsync("Door")).Text("id")!;
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task The_plane_learns_who_asks_from_control_alone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/cameras/{_id}/timeline?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z");
        request.Headers.Add("X-Vms-Identity", "somebody else");
        request.Headers.Add("X-Vms-Account", "somebody else's");
        request.Headers.Add("X-Vms-Address", "somewhere else");
        request.Headers.Add("Connection", "x-hop");
        request.Headers.Add("X-Hop", "1");
        request.Headers.Add("X-End-To-End", "2");
        request.Headers.Add("Cookie", "a=b");
        using var response = await _world.Http.SendAsync(request);
        var echo = await response.JsonAsync();
        Assert.Equal("?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z", echo.Text("query"));
        Assert.Equal(("admin", "127.0.0.1"), (_seen["X-Vms-Identity"], _seen["X-Vms-Address"]));
        Assert.Matches($"^{await _world.ScalarAsync("select replace(id::text, '-', '') from control.account where username = 'admin'")};[0-9a-f]{{32}};[0-9]+;default$", _seen["X-Vms-Account"]);
        Assert.Equal("2", _seen["X-End-To-End"]);
        Assert.DoesNotContain("Authorization", _seen.Keys);
        Assert.DoesNotContain("Cookie", _seen.Keys);
        Assert.DoesNotContain("X-Hop", _seen.Keys);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task The_timeline_shows_what_happened_beside_what_was_recorded()
    {
        await using (var insert = _world.Database.CreateCommand($"""
            insert into control.event (id, at, end_at, type, camera_id, source, data) values
            ('before', '2026-11-20T10:00:00Z', null, 'motion', '{_id}', 't', '{"{}"}'), ('into', '2026-11-20T23:59:00Z', '2026-11-21T00:01:00Z', 'motion', '{_id}', 't', '{"{}"}'),
            ('within', '2026-11-21T10:00:00Z', null, 'camera.offline', '{_id}', 't', '{"{}"}'), ('other', '2026-11-21T10:00:00Z', null, 'motion', 'other', 't', '{"{}"}')
            """))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var timeline = await _world.Http.GetJsonAsync($"/api/cameras/{_id}/timeline?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z");
        Assert.Equal(["into", "within"], timeline.GetProperty("events").EnumerateArray().Select(e => e.Text("id")));
        Assert.NotNull(timeline.Text("query"));   // the recorder's part is untouched
        using var bad = await _world.Http.GetAsync($"/api/cameras/{_id}/timeline?from=yesterday");
        await bad.ProblemAsync(400, "badRequest");
    }

    [Fact]
    public async Task A_ticket_opens_its_camera_and_no_other()
    {
        var other = (await _world.AddCameraAsync("Other")).Text("id");
        var ticket = (await _world.Http.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { _id } })).Text("ticket");
        using var anonymous = _world.Anonymous();
        var byQuery = await anonymous.GetJsonAsync($"/api/cameras/{_id}/timeline?ticket={ticket}");
        // The plane checks the ticket itself (it may be bound to a time span): control passes it on and vouches for nobody.
        Assert.Equal("?ticket=" + ticket, byQuery.Text("query"));
        Assert.DoesNotContain("X-Vms-Identity", _seen.Keys);
        Assert.DoesNotContain("X-Vms-Account", _seen.Keys);
        Assert.Equal("127.0.0.1", _seen["X-Vms-Address"]);
        anonymous.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        await anonymous.GetJsonAsync($"/api/cameras/{_id}/timeline");
        Assert.Equal("Bearer " + ticket, _seen["Authorization"]);
        using var refused = await anonymous.GetAsync($"/api/cameras/{other}/timeline");
        await refused.ProblemAsync(401, "unauthenticated");
        using var unknown = await _world.Http.GetAsync("/api/cameras/nope/timeline");
        await unknown.ProblemAsync(404, "cameraNotFound");
        // The path that was authorised is the path that is forwarded.
        using var tricky = await anonymous.GetAsync(new Uri(_world.Address, $"/api/cameras/{_id}/playback/%2e%2e/%2e%2e/{other}/timeline"));
        Assert.Equal(401, (int)tricky.StatusCode);
    }

    [Fact]
    public async Task A_motion_search_is_for_those_who_may_see_recordings_and_its_lines_come_while_it_runs()
    {
        using (var publisher = _world.AsRole("publisher"))
        using (var refused = await publisher.GetAsync($"/api/cameras/{_id}/motion"))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using (var nobody = await _world.Anonymous().GetAsync($"/api/cameras/{_id}/motion"))
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);

        using var viewer = _world.AsRole("viewer");
        using (var answer = await viewer.GetAsync($"/api/cameras/{_id}/motion?region=0,0,1,1", HttpCompletionOption.ResponseHeadersRead))
        {
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
            Assert.Equal("?region=0,0,1,1", await lines.ReadLineAsync());
            Assert.False(_cancelledUpstream.Task.IsCompleted);
        }

        await _cancelledUpstream.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_picture_of_the_past_comes_from_the_recorder_and_the_newest_one_from_media()
    {
        var past = await _world.Http.GetJsonAsync($"/api/cameras/{_id}/snapshot.jpg?at=2026-11-21T00:00:00Z&width=320");
        Assert.Equal("?at=2026-11-21T00:00:00Z&width=320", past.Text("query"));
        foreach (string now in (string[])["", "?at="])
        {
            using var newest = await _world.Http.GetAsync($"/api/cameras/{_id}/snapshot.jpg{now}");
            await newest.ProblemAsync(503, "planeUnavailable");     // there is no media plane here
        }

        var ticket = (await _world.Http.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { _id } })).Text("ticket");
        using var anonymous = _world.Anonymous();
        await anonymous.GetJsonAsync($"/api/cameras/{_id}/snapshot.jpg?at=2026-11-21T00:00:00Z&ticket={ticket}");
        Assert.DoesNotContain("X-Vms-Identity", _seen.Keys);
        await anonymous.GetJsonAsync($"/api/cameras/{_id}/preview.jpg?at=2026-11-21T00:00:00Z&within=5&ticket={ticket}");
        using var bad = await _world.Http.GetAsync($"/api/cameras/{_id}/snapshot.jpg?at=yesterday");
        await bad.ProblemAsync(400, "badRequest");
    }

    [Fact]
    public async Task Recordings_of_a_deleted_camera_can_still_be_played()
    {
        (await _world.Http.DeleteAsync($"/api/cameras/{_id}")).Dispose();
        await _world.Http.GetJsonAsync($"/api/cameras/{_id}/timeline");
    }

    [Fact]
    public async Task A_range_of_a_gigabyte_passes_without_being_held()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/cameras/{_id}/clip.mp4?size={Gigabyte}");
        request.Headers.Range = new RangeHeaderValue(0, Gigabyte - 1);
        using var response = await _world.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("X-From-Plane").Single());
        Assert.Equal(Gigabyte, response.Content.Headers.ContentLength);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("bytes=0-1073741823", _seen["Range"]);

        var before = GC.GetTotalAllocatedBytes();
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1 << 20];
        long total = 0;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
            total += read;
        Assert.Equal(Gigabyte, total);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 256 << 20);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_noticed_upstream()
    {
        using (var response = await _world.Http.GetAsync($"/api/cameras/{_id}/playback/endless", HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(200, (int)response.StatusCode);
        await _cancelledUpstream.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_plane_that_dies_in_the_middle_is_no_complete_answer()
    {
        using var response = await _world.Http.GetAsync($"/api/cameras/{_id}/playback/endless", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);
        await _recorder.StopAsync();
        var error = await Record.ExceptionAsync(() => body.CopyToAsync(Stream.Null));
        Assert.True(error is HttpIOException or IOException or HttpRequestException, error?.ToString() ?? "the body looked complete");

        using var away = await _world.Http.GetAsync($"/api/cameras/{_id}/timeline");
        await away.ProblemAsync(503, "planeUnavailable");
        Assert.NotNull(away.Headers.RetryAfter);
    }

    [Fact]
    public async Task Two_hundred_WebSockets_pass_both_ways()
    {
        await using var media = new FakeSocketMedia(_world.Options);
        await media.StartAsync();
        var ticket = (await _world.Http.PostAsync($"/api/cameras/{_id}/live", new { })).Text("ticket");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var socket = new ClientWebSocket();
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await socket.ConnectAsync(new Uri($"ws://{_world.Address.Authority}/mse/cam_{_id}?stream=main&ticket={ticket}"), deadline.Token);
            var message = Encoding.UTF8.GetBytes($"hello {i}");
            await socket.SendAsync(message, WebSocketMessageType.Binary, true, deadline.Token);
            var buffer = new byte[100];
            var echo = await socket.ReceiveAsync(buffer, deadline.Token);
            Assert.Equal(message, buffer[..echo.Count]);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", deadline.Token);
            Assert.Equal("done", socket.CloseStatusDescription);   // the plane's own answer to the goodbye came through
        }));
        await Eventually.TrueAsync(() => media.Open == 0);
    }

    [Fact]
    public async Task A_WebSocket_client_that_vanishes_is_noticed_upstream()
    {
        await using var media = new FakeSocketMedia(_world.Options);
        await media.StartAsync();
        var ticket = (await _world.Http.PostAsync($"/api/cameras/{_id}/live", new { })).Text("ticket");
        using (var socket = new ClientWebSocket())
        {
            await socket.ConnectAsync(new Uri($"ws://{_world.Address.Authority}/mse/cam_{_id}?ticket={ticket}"), default);
            await Eventually.TrueAsync(() => media.Open == 1);
            socket.Abort();
        }

        await Eventually.TrueAsync(() => media.Open == 0);
    }

    [Fact]
    public async Task A_players_WebSocket_to_the_archive_leads_to_the_recorder_with_its_ticket()
    {
        var ticket = (await _world.Http.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { _id } })).Text("ticket");
        using var socket = new ClientWebSocket();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(new Uri($"ws://{_world.Address.Authority}/api/cameras/{_id}/playback/samples?ticket={ticket}"), deadline.Token);
        var buffer = new byte[64 * 1024];
        var hello = await socket.ReceiveAsync(buffer, deadline.Token);
        Assert.Equal($"/api/cameras/{_id}/playback/samples?ticket={ticket}", Encoding.UTF8.GetString(buffer.AsSpan(0, hello.Count)));
        await socket.SendAsync(new byte[50_000], WebSocketMessageType.Binary, endOfMessage: true, deadline.Token);
        var echoed = 0;
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, deadline.Token);
            echoed += part.Count;
        }
        while (!part.EndOfMessage);
        Assert.Equal(50_000, echoed);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", deadline.Token);

        using var refused = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(new Uri($"ws://{_world.Address.Authority}/api/cameras/{_id}/playback/samples?ticket=a.b"), deadline.Token));
    }

    [Fact]
    public async Task An_answer_to_an_offer_keeps_its_status_and_location()
    {
        await using var media = new FakeSocketMedia(_world.Options);
        await media.StartAsync();
        using var offer = new StringContent("v=0 offer", Encoding.UTF8, "application/sdp");
        using var response = await _world.Http.PostAsync($"/webrtc/cam_{_id}/whep?stream=main", offer);
        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal($"/webrtc/cam_{_id}/whep/1", response.Headers.Location?.OriginalString);
        Assert.Equal("application/sdp: v=0 offer", await response.Content.ReadAsStringAsync());

        using var anonymous = _world.Anonymous();
        using var refused = await anonymous.PostAsync($"/webrtc/cam_{_id}/whep", new StringContent("v=0"));
        await refused.ProblemAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task Live_segments_with_a_ticket_in_their_path_pass_and_the_plane_decides()
    {
        await using var media = new FakeSocketMedia(_world.Options);
        await media.StartAsync();
        using var anonymous = _world.Anonymous();
        var ticket = (await _world.Http.PostAsync($"/api/cameras/{_id}/live", new { })).Text("ticket");
        foreach (var transport in (string[])["hls", "dash"])
        {
            using var segment = await anonymous.GetAsync($"/{transport}/cam_{_id}/main/t/{ticket}/1.m4s?_HLS_msn=1");
            Assert.Equal($"/{transport}/cam_{_id}/main/t/{ticket}/1.m4s?_HLS_msn=1 by ", await segment.Content.ReadAsStringAsync());
            using var forged = await anonymous.GetAsync($"/{transport}/cam_{_id}/main/t/a.b/1.m4s");
            await forged.ProblemAsync(401, "ticketRequired");
            using var other = await anonymous.GetAsync($"/{transport}/cam_other/main/t/{ticket}/1.m4s");
            await other.ProblemAsync(401, "ticketRequired");
            using var entry = await anonymous.GetAsync($"/{transport}/cam_{_id}/index");
            await entry.ProblemAsync(401, "unauthenticated");
            using var bare = await anonymous.GetAsync($"/{transport}/cam_{_id}/main/1.m4s");
            await bare.ProblemAsync(401, "unauthenticated");
            using var known = await _world.Http.GetAsync($"/{transport}/cam_{_id}/main/1.m4s");
            Assert.Matches(" by .+$", await known.Content.ReadAsStringAsync());
        }
    }

    private void MapArchive(WebApplication app)
    {
        foreach (string echo in (string[])["timeline", "snapshot.jpg", "preview.jpg"])
        {
            app.MapGet("/api/cameras/{id}/" + echo, (HttpContext context) =>
            {
                _seen.Clear();
                foreach (var (name, value) in context.Request.Headers)
                    _seen[name] = value.ToString();
                return Results.Json(new { query = context.Request.QueryString.Value });
            });
        }

        app.MapGet("/api/cameras/{id}/motion", async (HttpContext context) =>
        {
            await context.Response.WriteAsync(context.Request.QueryString.Value + "\n");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _cancelledUpstream.TrySetResult();
        });
        app.MapGet("/api/cameras/{id}/clip.mp4", async (HttpContext context, long size) =>
        {
            _seen["Range"] = context.Request.Headers.Range.ToString();
            context.Response.Headers["X-From-Plane"] = "yes";
            context.Response.StatusCode = 206;
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = size;
            var zeros = new byte[1 << 20];
            for (long sent = 0; sent < size; sent += zeros.Length)
                await context.Response.Body.WriteAsync(zeros, context.RequestAborted);
        });
        app.MapGet("/api/cameras/{id}/playback/samples", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync(Encoding.UTF8.GetBytes($"{context.Request.Path}{context.Request.QueryString}"), WebSocketMessageType.Text, true, context.RequestAborted);
            await FakeSocketMedia.EchoAsync(socket);
        });
        app.MapGet("/api/cameras/{id}/playback/endless", async (HttpContext context) =>
        {
            using var gone = context.RequestAborted.Register(() => _cancelledUpstream.TrySetResult());
            var zeros = new byte[4096];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(zeros, context.RequestAborted);
        });
    }

    private sealed class FakeSocketMedia(Vms.Hosting.PlaneOptions options) : FakePlane(options, "media")
    {
        private int _open;

        public int Open => Volatile.Read(ref _open);

        protected override void Map(WebApplication app)
        {
            app.MapGet("/mse/cam_{id}", async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                Interlocked.Increment(ref _open);
                try
                {
                    await EchoAsync(socket);
                }
                catch (Exception e) when (e is WebSocketException or SocketException or IOException)
                {
                    return;   // the viewer vanished
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            });
            foreach (var transport in (string[])["hls", "dash"])
            {
                app.MapGet($"/{transport}/{{**rest}}", (HttpContext context) =>
                    Results.Text($"{context.Request.Path}{context.Request.QueryString} by {context.Request.Headers["X-Vms-Identity"]}"));
            }

            app.MapPost("/webrtc/cam_{id}/whep", async (HttpContext context, string id) =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var text = $"{context.Request.ContentType?.Split(';')[0]}: {await reader.ReadToEndAsync()}";
                context.Response.Headers.Location = $"/webrtc/cam_{id}/whep/1";
                return Results.Text(text, "application/sdp", statusCode: 201);
            });
        }

        public static async Task EchoAsync(WebSocket socket)
        {
            var buffer = new byte[1000];
            while (true)
            {
                var message = await socket.ReceiveAsync(buffer, default);
                if (message.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, message.CloseStatusDescription, default);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, default);
            }
        }
    }
}
