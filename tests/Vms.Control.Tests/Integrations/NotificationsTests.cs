using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Vms.Control.Integrations.Push;
using Vms.Control.Outbox;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Control.Tests.Integrations;

public sealed class NotificationsTests
{
    [Fact]
    public async Task A_browser_is_told_what_only_it_can_read_and_is_forgotten_when_it_is_gone()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_OUTGOING_NETWORKS=127.0.0.0/8"] });
        await using var service = await ChildProcess.StartAsync("node", [Path.Combine(TestPaths.Repository, "tests", "Vms.Control.Tests", "Integrations", "push-receiver.mjs")]);
        await service.WaitForOutputAsync(o => o.Contains("listening", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        var words = service.Output.Split('\n').Single(l => l.StartsWith("listening", StringComparison.Ordinal)).Split(' ');
        var (port, p256dh, auth) = (words[1], words[2], words[3]);
        var key = (await world.Http.GetJsonAsync("/api/notifications/subscriptions")).Text("publicKey")!;
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        var account = (await world.ScalarAsync("select id::text from control.account where username = 'admin'"))!.ToString()!;

        var subscription = await world.Http.PostAsync("/api/notifications/subscriptions", new { endpoint = "https://push.example/7", p256dh, auth, browser = "Firefox at the desk" }, 201);
        // The same browser again is the same one.
        Assert.Equal(subscription.Text("id"), (await world.Http.PostAsync("/api/notifications/subscriptions", new { endpoint = "https://push.example/7", p256dh, auth, browser = "Firefox" }, 201)).Text("id"));
        // Push services speak TLS, except the one of this test.
        await world.ExecuteAsync($"update control.push_subscription set endpoint = 'http://127.0.0.1:{port}/send?key={Uri.EscapeDataString(key)}'");

        await TellAsync(world, account, "e1", new { title = "Person at the door", text = "Ünter 'uns'", type = "object.person", cameraId = camera, url = "/\\evil.example" });
        await Eventually.TrueAsync(() => Received(service).Count == 1);
        var got = Received(service)[0];
        Assert.Equal(
            ("True", "Person at the door", "Ünter 'uns'", "e1 0 r1", null, "notification"),
            (got.Text("genuine"), got.Text("message.title"), got.Text("message.text"), got.Text("message.id"), got.Text("message.url"), got.Text("message.type")));
        Assert.Equal(32, got.Text("topic")!.Length);
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/notifications/subscriptions")).Text("items.0.lastUsedAt") is not null);

        // Neither what is not wanted, nor in quiet hours, nor what is not theirs to see.
        await world.Http.PutAsJsonAsync("/api/notifications/preferences", new { types = new[] { "line.*" } });
        await TellAsync(world, account, "e2", new { title = "x", type = "object.person" });
        await DeliveredAsync(world, "e2");
        var now = DateTimeOffset.UtcNow;
        using (var quiet = await world.Http.PutAsJsonAsync("/api/notifications/preferences", new { quiet = new { from = now.AddHours(-1).ToString("HH':00'", null), to = now.AddHours(2).ToString("HH':00'", null), timeZone = "Etc/UTC" } }))
            await quiet.JsonAsync();
        await TellAsync(world, account, "e3", new { title = "x", type = "object.person" });
        await DeliveredAsync(world, "e3");
        await world.Http.PutAsJsonAsync("/api/notifications/preferences", new { });
        using (world.As("stranger"))
        {
        }

        var stranger = (await world.ScalarAsync("select id::text from control.account where username = 'stranger'"))!.ToString()!;
        await world.ExecuteAsync($"update control.push_subscription set account_id = '{stranger}'");
        await TellAsync(world, stranger, "e4", new { title = "x", cameraId = camera });
        await DeliveredAsync(world, "e4");
        Assert.Single(Received(service));
        await world.ExecuteAsync($"update control.push_subscription set account_id = '{account}'");

        // What fails is tried again; who is gone is forgotten.
        await StatusAsync(port, 500);
        var tested = await world.Http.PostAsync("/api/notifications/test", new { });
        Assert.Equal(("0", "The push service of Firefox answered 500"), (tested.Text("browsers"), tested.Text("errors.0")));
        await StatusAsync(port, 410);
        await world.Http.PostAsync("/api/notifications/test", new { });
        Assert.Empty((await world.Http.GetJsonAsync("/api/notifications/subscriptions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_user_is_told_in_the_open_window_and_nobody_else_is()
    {
        await using var world = await ControlWorld.StartAsync();
        using var other = world.AsRole("admin");
        using var mine = await OpenAsync(world, world.Http);
        using var theirs = await OpenAsync(world, other);
        await world.Http.PostAsync("/api/notifications/test", new { });
        var told = await NextAsync(mine, "notification");
        Assert.Equal(("VMS", "This is a test.", "/"), (told.Text("title"), told.Text("text"), told.Text("url")));
        await other.PostAsync("/api/notifications/test", new { });
        var first = await NextAsync(theirs, "notification");
        Assert.NotEqual(told.Text("id"), first.Text("id"));
    }

    [Fact]
    public async Task Each_wrong_field_is_named_and_a_program_has_no_browser()
    {
        await using var world = await ControlWorld.StartAsync();
        using (var wrong = await world.Http.PutAsJsonAsync("/api/notifications/preferences", new { types = new[] { "" }, through = new[] { "" }, cameraIds = new[] { "" }, quiet = new { from = "25:00", to = "07:00", timeZone = "Mars", days = new[] { "xyz" } } }))
            Assert.Equal(["types:invalidValue", "through:invalidValue", "cameraIds:invalidValue", "quiet.from:invalidValue", "quiet.timeZone:unknownTimeZone", "quiet.days:invalidValue"], (await wrong.JsonAsync(400)).FieldCodes());
        using (var unstorable = await world.Http.PutAsJsonAsync("/api/notifications/preferences", new { types = new[] { "a\0" }, through = new[] { "\0" }, cameraIds = new[] { "c\0" } }))
            Assert.Equal(["types:invalidValue", "through:invalidValue", "cameraIds:invalidValue"], (await unstorable.JsonAsync(400)).FieldCodes());
        Assert.Equal(
            ["endpoint:invalidValue", "p256dh:invalidValue", "auth:invalidValue"],
            (await world.Http.PostAsync("/api/notifications/subscriptions", new { endpoint = "http://push.example/", p256dh = "AAAA", auth = "!" }, 400)).FieldCodes());
    }

    [Theory]
    [InlineData("2026-07-01T20:00:00Z", true)]        // 22:00 in Berlin
    [InlineData("2026-07-01T19:59:59Z", false)]
    [InlineData("2026-07-02T04:59:59Z", true)]        // the morning after
    [InlineData("2026-07-02T05:00:00Z", false)]
    [InlineData("2026-01-07T20:59:59Z", false)]       // in winter an hour later
    [InlineData("2026-01-07T21:00:00Z", true)]
    [InlineData("2026-07-02T20:00:00Z", false)]       // they do not begin on a Thursday
    public void Quiet_hours_are_wall_clock_and_go_over_midnight(string at, bool quiet) =>
        Assert.Equal(quiet, new QuietHours("22:00", "07:00", "Europe/Berlin", ["wed"]).Contains(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("plate.read", "cam_gate", "2026-07-01T12:00:00Z", true)]
    [InlineData("plate.read", "cam_yard", "2026-07-01T12:00:00Z", false)]      // of another camera
    [InlineData("storage.full", null, "2026-07-01T12:00:00Z", true)]          // of no camera
    [InlineData("motion", "cam_gate", "2026-07-01T12:00:00Z", false)]         // of another type
    [InlineData("plate.read", "cam_gate", "2026-07-01T23:00:00Z", false)]     // at night
    [InlineData("storage.full", null, "2026-07-01T23:00:00Z", true)]          // and still: it breaks through
    public void Who_is_told_of_what_follows_from_type_camera_and_hour(string type, string? camera, string at, bool told) =>
        Assert.Equal(told, new NotificationPreferences
        {
            Types = ["plate.*", "storage.*"],
            CameraIds = ["cam_gate"],
            Quiet = new QuietHours("22:00", "07:00", "Etc/UTC", null),
            Through = ["storage.*"],
        }.Want(type, camera, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    private static List<JsonElement> Received(ChildProcess service) => [.. service.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)];

    private static async Task StatusAsync(string port, int status)
    {
        using var http = new HttpClient();
        (await http.GetAsync($"http://127.0.0.1:{port}/status/{status}")).Dispose();
    }

    private static async Task TellAsync(ControlWorld world, string account, string eventId, object body)
    {
        await using var connection = await world.Database.OpenConnectionAsync();
        await OutboxTable.AddAsync(connection, null, [new OutboxItem("default", "push", account, eventId, DateTimeOffset.UnixEpoch, "r1", JsonSerializer.SerializeToElement(body))], default);
    }

    private static Task DeliveredAsync(ControlWorld world, string eventId) => Eventually.TrueAsync(async () =>
        await world.ScalarAsync($"select state from control.outbox where event_id = '{eventId}'") is "delivered");

    private static async Task<ClientWebSocket> OpenAsync(ControlWorld world, HttpClient who)
    {
        var ticket = (await who.PostAsync("/api/tickets", new { kind = "ws" })).Text("ticket");
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{world.Address.Authority}/api/ws?ticket={ticket}"), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<JsonElement> NextAsync(ClientWebSocket socket, string type)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), deadline.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            var message = JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, length)).RootElement;
            if (message.Text("type") == type)
                return message;
        }
    }
}
