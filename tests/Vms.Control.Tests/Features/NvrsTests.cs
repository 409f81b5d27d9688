using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Nvrs;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;
using Vms.Testing.FakeDevice.Dahua;
using Vms.Testing.FakeDevice.Hikvision;
using Vms.Testing.FakeDevice.Http;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

/// <summary>Recorders of other makers through the API: connecting them, again and again, what they tell as it happens, and what they have recorded.</summary>
public sealed class NvrsTests(NvrsTests.Installation installation) : IClassFixture<NvrsTests.Installation>
{
    private const string Password = "pass word/1";

    private static int s_lastRtspPort = 5600;

    private readonly ControlWorld _world = installation.World;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recorder_s_channels_become_cameras_those_that_are_away_when_they_are_named_and_again_nothing_is_doubled()
    {
        int rtsp = NextRtspPort();
        await using var device = await FakeHikvision.StartAsync(Hikvision(rtsp));
        var first = await ConnectAsync(device.Address, 200);
        var id = first.Text("nvrId")!;
        var camera = Assert.Single(first.GetProperty("cameras").EnumerateArray());
        Assert.Equal(("2", "Gate"), (camera.Text("channel"), camera.Text("name")));
        var view = await _world.Http.GetJsonAsync($"/api/cameras/{camera.Text("id")}");
        Assert.Equal(
            ($"rtsp://127.0.0.1:{rtsp}/Streaming/Channels/201", $"rtsp://127.0.0.1:{rtsp}/Streaming/Channels/202", "admin", "True", id, "2"),
            (view.Text("mainUrl"), view.Text("subUrl"), view.Text("username"), view.Text("hasPassword"), view.Text("nvrId"), view.Text("nvrChannel")));

        var nvr = await _world.Http.GetJsonAsync($"/api/nvrs/{id}");
        Assert.Equal(
            ("Hall recorder", "hikvision", $"127.0.0.1:{device.Address.Port}", "DS-7608NI-K2/8P", "online", "2", "1", "default"),
            (nvr.Text("name"), nvr.Text("vendor"), nvr.Text("address"), nvr.Text("model"), nvr.Text("state"), nvr.Text("channels.total"), nvr.Text("channels.added"), nvr.Text("siteId")));
        Assert.Equal([("2", "True", true), ("5", "False", false)], await ChannelsAsync(id));
        var channel = (await _world.Http.GetJsonAsync($"/api/nvrs/{id}/channels")).GetProperty("items")[0];
        Assert.Equal(("2560", "1440", "H265"), (channel.Text("width"), channel.Text("height"), channel.Text("codec")));

        var again = await ConnectAsync(device.Address, 200);
        Assert.Equal((id, 1), (again.Text("nvrId"), again.GetProperty("cameras").GetArrayLength()));
        var more = await ConnectAsync(device.Address, 200, channels: ["5"]);
        Assert.Equal((id, "2,5"), (more.Text("nvrId"), string.Join(',', more.GetProperty("cameras").EnumerateArray().Select(c => c.Text("channel")))));
        Assert.Equal(["channels:channelNotFound"], (await ConnectAsync(device.Address, 400, channels: ["7"])).FieldCodes());
        Assert.Equal(2L, await _world.ScalarAsync($"select count(*) from control.camera where main_url like '%:{rtsp}/%'"));
        Assert.Equal(0, device.Http.Targets.Count(t => t.Contains("cgi-bin", StringComparison.Ordinal)));
        Assert.Equal("nvrExists", (await ConnectAsync(device.Address, 409, vendor: "dahua")).Text("code"));
    }

    [Fact]
    public async Task A_recorder_can_be_looked_at_before_any_channel_is_taken()
    {
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), serial: "B"));
        var looked = await ConnectAsync(device.Address, 200, channels: []);
        Assert.Empty(looked.GetProperty("cameras").EnumerateArray());
        Assert.Equal([("2", "True", false), ("5", "False", false)], await ChannelsAsync(looked.Text("nvrId")!));
    }

    [Fact]
    public async Task A_recorder_that_is_away_or_refuses_the_password_leaves_no_trace_and_the_password_is_tried_once()
    {
        var gate = new DeviceGate { Realm = "DS-7608NI-K2" };
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), gate));
        var before = await TracesAsync();
        Assert.Equal("badCredentials", (await ConnectAsync(device.Address, 400, password: "guess4u")).Text("code"));
        Assert.Equal(1, gate.Refused);
        Assert.Equal("unreachable", (await ConnectAsync(new Uri($"http://127.0.0.1:{FreePort.Udp()}"), 400)).Text("code"));
        device.Http.Silent = true;
        Assert.Equal("unreachable", (await ConnectAsync(device.Address, 400)).Text("code"));
        Assert.Equal(["ip:addressNotAllowed"], (await ConnectAsync(new Uri("http://169.254.169.254"), 400)).FieldCodes());
        Assert.Equal(["vendor:invalidValue"], (await ConnectAsync(device.Address, 400, vendor: "acme")).FieldCodes());
        Assert.Equal(before, await TracesAsync());
        Assert.DoesNotContain("guess4u", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happens_at_a_recorder_is_its_camera_s_motion_and_its_own_contact_with_their_ends()
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions
        {
            RtspPort = NextRtspPort(),
            Channels = [new("Yard", null, false, new FakeDahuaStream("H.264", 1920, 1080), new FakeDahuaStream("H.264", 640, 360)), new("Shed", null, true, new FakeDahuaStream("H.264", 1920, 1080))],
            Inputs = ["Back door"],
        });
        var connected = await ConnectAsync(device.Address, 200);
        var yard = Assert.Single(connected.GetProperty("cameras").EnumerateArray());
        Assert.Equal("Yard", yard.Text("name"));
        Assert.Equal("dahua", (await _world.Http.GetJsonAsync($"/api/nvrs/{connected.Text("nvrId")}")).Text("vendor"));

        device.Event("Code=VideoMotion;action=Start;index=0");
        device.Event("Code=VideoMotion;action=Start;index=1");     // of no camera of ours
        device.Event("Code=AlarmLocal;action=Start;index=0");
        device.Event("Code=VideoMotion;action=Stop;index=0");
        device.Event("Code=AlarmLocal;action=Stop;index=0");

        List<JsonElement> events = [];
        await Eventually.TrueAsync(async () =>
        {
            events = [.. (await _world.Http.GetJsonAsync("/api/events?reported=true")).GetProperty("items").EnumerateArray().Where(e => e.Text("data.nvrId") == connected.Text("nvrId"))];
            return events.Count(e => e.Text("endAt") is not null) == 2;
        });
        Assert.Equal(2, events.Count);
        var motion = events.Single(e => e.Text("type") == "motion");
        Assert.Equal((yard.Text("id"), "nvr", "1"), (motion.Text("cameraId"), motion.Text("source"), motion.Text("data.channel")));
        var contact = events.Single(e => e.Text("type") == "input.active");
        Assert.Equal((null, "Back door", "1"), (contact.Text("cameraId"), contact.Text("data.name"), contact.Text("data.input")));
    }

    [Fact]
    public async Task Of_a_recorder_that_speaks_onvif_each_video_source_is_a_camera_and_contacts_and_motion_are_events()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions
        {
            Address = IPAddress.Parse("127.0.8.1"),
            Profiles =
            [
                new("p1", "main", "source_1", "H265", 2560, 1440), new("p2", "sub", "source_1", "H264", 640, 360), new("p3", "main", "source_2", "H264", 1920, 1080),
            ],
        });
        var connected = await ConnectAsync(device.Service, 200, password: "secret");
        Assert.Equal(["source_1", "source_2"], connected.GetProperty("cameras").EnumerateArray().Select(c => c.Text("channel")));
        var first = await _world.Http.GetJsonAsync($"/api/cameras/{connected.Text("cameras.0.id")}");
        Assert.Equal(("rtsp://127.0.8.1:554/p1?channel=1&subtype=0", "rtsp://127.0.8.1:554/p2?channel=1&subtype=0"), (first.Text("mainUrl"), first.Text("subUrl")));
        // Its cameras are asked and moved where the recorder is, not where cameras usually are.
        Assert.Equal("1", (await _world.Http.GetJsonAsync($"/api/cameras/{first.Text("id")}/ptz/presets")).Text("items.0.id"));
        var id = connected.Text("nvrId")!;
        Assert.Equal(("onvif", "Fake & Sons FD-1 <dome>"), ((await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("vendor"), (await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("name")));
        var again = await ConnectAsync(device.Service, 200, password: "secret", vendor: "onvif");
        Assert.Equal(connected.GetRawText(), again.GetRawText());
        Assert.Equal(0, device.WrongPasswords);

        device.Events.Set("tns1:Device/Trigger/DigitalInput", true);
        await Eventually.TrueAsync(async () =>
            (await _world.Http.GetJsonAsync("/api/events?type=input.active")).GetProperty("items").EnumerateArray().Any(e => e.Text("data.nvrId") == id && e.Text("data.input") == "1"));
        device.Events.SetContact("tns1:VideoSource/MotionAlarm", ("VideoSourceConfigurationToken", "source_2_configuration"), "true");
        device.Events.SetContact("tns1:VideoSource/MotionAlarm", ("VideoSourceConfigurationToken", "source_2_configuration"), "false");
        List<JsonElement> motion = [];
        await Eventually.TrueAsync(async () =>
        {
            motion = [.. (await _world.Http.GetJsonAsync("/api/events?type=motion&reported=true")).GetProperty("items").EnumerateArray().Where(e => e.Text("data.nvrId") == id)];
            return motion is [var one] && one.Text("endAt") is not null;
        });
        Assert.Equal((connected.Text("cameras.1.id"), "2"), (motion[0].Text("cameraId"), motion[0].Text("data.channel")));
        using var recordings = await _world.Http.GetAsync($"/api/nvrs/{id}/channels/source_1/recordings?from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z", Token);
        await recordings.ProblemAsync(409, "notSupportedByDevice");
    }

    [Fact]
    public async Task A_recorder_that_moved_takes_its_cameras_with_it_and_what_was_set_by_hand_stays()
    {
        int rtsp = NextRtspPort();
        var old = await FakeHikvision.StartAsync(Hikvision(rtsp, serial: "C", second: true));
        var before = await ConnectAsync(old.Address, 200, channels: ["2", "5"]);
        var (follows, byHand) = (before.Text("cameras.0.id")!, before.Text("cameras.1.id")!);
        await _world.Http.PatchAsync($"/api/cameras/{byHand}", """{"mainUrl": "rtsp://127.0.0.1:5599/own", "name": "Till"}""");
        await old.DisposeAsync();

        int next = NextRtspPort();
        await using var moved = await FakeHikvision.StartAsync(Hikvision(next, serial: "C", second: true));
        var after = await ConnectAsync(moved.Address, 200);
        Assert.Equal(before.Text("nvrId"), after.Text("nvrId"));
        Assert.Equal(2, after.GetProperty("cameras").GetArrayLength());
        Assert.Equal($"rtsp://127.0.0.1:{next}/Streaming/Channels/201", (await _world.Http.GetJsonAsync($"/api/cameras/{follows}")).Text("mainUrl"));
        var kept = await _world.Http.GetJsonAsync($"/api/cameras/{byHand}");
        Assert.Equal(("rtsp://127.0.0.1:5599/own", "Till"), (kept.Text("mainUrl"), kept.Text("name")));
        Assert.Equal($"127.0.0.1:{moved.Address.Port}", (await _world.Http.GetJsonAsync($"/api/nvrs/{after.Text("nvrId")}")).Text("address"));
    }

    [Fact]
    public async Task A_camera_that_somebody_added_by_its_address_becomes_the_channel()
    {
        int rtsp = NextRtspPort();
        var own = (await _world.AddCameraAsync("Mine", new { mainUrl = $"rtsp://127.0.0.1:{rtsp}/Streaming/Channels/201" })).Text("id");
        await using var device = await FakeHikvision.StartAsync(Hikvision(rtsp, serial: "D"));
        var connected = await ConnectAsync(device.Address, 200);
        var camera = Assert.Single(connected.GetProperty("cameras").EnumerateArray());
        Assert.Equal((own, "Mine"), (camera.Text("id"), camera.Text("name")));
    }

    [Fact]
    public async Task A_password_that_was_changed_at_the_recorder_is_tried_once_until_somebody_enters_the_new_one_which_its_cameras_get_too()
    {
        var gate = new DeviceGate { Realm = "DS-7608NI-K2" };
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), gate, "E"));
        var connected = await ConnectAsync(device.Address, 200);
        var (id, camera) = (connected.Text("nvrId")!, connected.Text("cameras.0.id")!);
        var secret = await _world.ScalarAsync($"select password_protected from control.camera where id = '{camera}'");
        gate.Password = "new one";
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("state") == "unauthorized");
        int refused = gate.Refused;
        using (var recordings = await _world.Http.GetAsync($"/api/nvrs/{id}/channels/2/recordings?from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z", Token))
            await recordings.ProblemAsync(502, "badCredentials");
        Assert.Equal((1, 1), (refused, gate.Refused));

        Assert.Equal("badCredentials", (await _world.Http.PatchAsync($"/api/nvrs/{id}", """{"password": "guess"}""", 400)).Text("code"));
        Assert.Equal("unauthorized", (await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("state"));
        var changed = await _world.Http.PatchAsync($"/api/nvrs/{id}", """{"password": "new one", "name": "Hall"}""");
        Assert.Equal(("online", "Hall"), (changed.Text("state"), changed.Text("name")));
        Assert.NotEqual(secret, await _world.ScalarAsync($"select password_protected from control.camera where id = '{camera}'"));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where action = 'nvr.changed' and subject = '{id}' and detail -> 'fields' ? 'password' and detail::text not like '%new one%'"));
    }

    [Fact]
    public async Task A_recorder_that_goes_away_is_offline_and_comes_back_by_itself()
    {
        var options = Hikvision(NextRtspPort(), serial: "F");
        await using var device = await FakeHikvision.StartAsync(options);
        var id = (await ConnectAsync(device.Address, 200)).Text("nvrId")!;
        device.Http.Silent = true;
        options.Events.End();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("state") == "offline");
        Assert.NotNull((await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("stateDetail"));
        device.Http.Silent = false;
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/nvrs/{id}")).Text("state") == "online");
    }

    [Fact]
    public async Task What_a_recorder_has_recorded_is_listed()
    {
        var day = new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc);
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), serial: "G") with
        {
            Recordings = [new(2, day.AddHours(1), day.AddHours(2)), new(2, day.AddHours(5), day.AddHours(6)), new(5, day, day.AddHours(1))],
        });
        var id = (await ConnectAsync(device.Address, 200)).Text("nvrId")!;
        var found = await _world.Http.GetJsonAsync($"/api/nvrs/{id}/channels/2/recordings?from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z");
        Assert.Equal(
            [("2026-07-01T01:00:00.000Z", "2026-07-01T02:00:00.000Z"), ("2026-07-01T05:00:00.000Z", "2026-07-01T06:00:00.000Z")],
            found.GetProperty("items").EnumerateArray().Select(r => (r.Text("from"), r.Text("to"))));
        Assert.Null(found.Text("nextCursor"));
        using var channel = await _world.Http.GetAsync($"/api/nvrs/{id}/channels/9/recordings?from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z", Token);
        await channel.ProblemAsync(404, "channelNotFound");
        Assert.Equal(["from:outOfRange"], (await _world.Http.GetJsonAsync($"/api/nvrs/{id}/channels/2/recordings?from=2026-07-01T00:00:00Z&to=2026-09-02T00:00:00Z", 400)).FieldCodes());
    }

    [Fact]
    public async Task Recorders_are_there_for_those_who_have_the_right_for_their_site()
    {
        await _world.AddSiteAsync("harbour");
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), serial: "H"));
        using var master = _world.As("harbour-master", ("admin", "site", "harbour"));
        using var watchman = _world.As("watchman", ("viewer", "site", "harbour"));
        using var elsewhere = _world.As("elsewhere", ("viewer", "group", "none"));
        Assert.Equal(["siteId:siteNotFound"], (await master.PostAsync("/api/nvr/connect", Request(device.Address), 400)).FieldCodes());
        var connected = await master.PostAsync("/api/nvr/connect", Request(device.Address, siteId: "harbour"));
        var id = connected.Text("nvrId")!;
        Assert.Equal("harbour", (await _world.Http.GetJsonAsync($"/api/cameras/{connected.Text("cameras.0.id")}")).Text("siteId"));

        Assert.Equal([id], (await watchman.GetJsonAsync("/api/nvrs")).GetProperty("items").EnumerateArray().Select(n => n.Text("id")));
        using (var delete = await watchman.DeleteAsync($"/api/nvrs/{id}", Token))
            await delete.ProblemAsync(403, "forbidden");
        await _world.AddTenantAsync("neighbour");
        using var neighbour = _world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "nosy", ("admin", "tenant", null));
        foreach (var path in (string[])["", "/channels", "/channels/2/recordings?from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z"])
        {
            using var foreign = await neighbour.GetAsync($"/api/nvrs/{id}{path}", Token);
            await foreign.ProblemAsync(404, "nvrNotFound");
        }

        Assert.Empty((await neighbour.GetJsonAsync("/api/nvrs")).GetProperty("items").EnumerateArray());
        using var patch = new HttpRequestMessage(HttpMethod.Patch, $"/api/nvrs/{id}") { Content = JsonContent.Create(new { name = "Mine" }) };
        using var refused = await neighbour.SendAsync(patch, Token);
        await refused.ProblemAsync(404, "nvrNotFound");
        using var site = await _world.Http.DeleteAsync("/api/sites/harbour", Token);
        await site.ProblemAsync(409, "siteNotEmpty");
    }

    [Fact]
    public async Task A_recorder_is_removed_with_its_cameras_or_without_and_not_by_whoever_saw_an_old_version()
    {
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), serial: "I"));
        var connected = await ConnectAsync(device.Address, 200);
        var (id, camera) = (connected.Text("nvrId")!, connected.Text("cameras.0.id")!);
        using var get = await _world.Http.GetAsync($"/api/nvrs/{id}", Token);
        await _world.Http.PatchAsync($"/api/nvrs/{id}", """{"name": "Renamed"}""");
        using var stale = new HttpRequestMessage(HttpMethod.Delete, $"/api/nvrs/{id}");
        stale.Headers.IfMatch.Add(get.Headers.ETag!);
        using (var refused = await _world.Http.SendAsync(stale, Token))
            await refused.ProblemAsync(412, "changedMeanwhile");

        using (var removed = await _world.Http.DeleteAsync($"/api/nvrs/{id}", Token))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Null((await _world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("nvrId"));
        Assert.Equal("nvrNotFound", (await _world.Http.GetJsonAsync($"/api/nvrs/{id}", 404)).Text("code"));

        var again = await ConnectAsync(device.Address, 200);
        Assert.Equal(camera, again.Text("cameras.0.id"));      // known by its address
        using (var removed = await _world.Http.DeleteAsync($"/api/nvrs/{again.Text("nvrId")}?cameras=delete", Token))
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("cameraNotFound", (await _world.Http.GetJsonAsync($"/api/cameras/{camera}", 404)).Text("code"));
        Assert.Equal(["cameras:invalidValue"], await FieldsAsync(_world.Http.DeleteAsync($"/api/nvrs/{id}?cameras=some", Token)));
    }

    [Fact]
    public async Task Passwords_of_recorders_are_in_no_answer_no_log_and_no_row()
    {
        var gate = new DeviceGate { Realm = "DS-7608NI-K2", Password = "unsayable-9" };
        await using var device = await FakeHikvision.StartAsync(Hikvision(NextRtspPort(), gate, "J"));
        var connected = await ConnectAsync(device.Address, 200, password: "unsayable-9");
        var answers = connected.GetRawText() + (await _world.Http.GetJsonAsync("/api/nvrs")).GetRawText() + (await _world.Http.GetJsonAsync($"/api/nvrs/{connected.Text("nvrId")}/channels")).GetRawText()
            + (await _world.Http.GetJsonAsync("/api/audit")).GetRawText();
        Assert.DoesNotContain("unsayable-9", answers + _world.Log.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.nvr n where n::text like '%unsayable-9%'"));
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.camera c where c::text like '%unsayable-9%'"));
    }

    private static async Task<string[]> FieldsAsync(Task<HttpResponseMessage> asked)
    {
        using var response = await asked;
        return (await response.JsonAsync(400)).FieldCodes();
    }

    private static int NextRtspPort() => Interlocked.Increment(ref s_lastRtspPort);

    private static FakeHikvisionOptions Hikvision(int rtspPort, DeviceGate? gate = null, string serial = "A", bool second = false) => new()
    {
        Gate = gate ?? new DeviceGate { Realm = "DS-7608NI-K2" },
        SerialNumber = "DS-7608NI-K2/8P0820200101CCRR" + serial,
        RtspPort = rtspPort,
        Proxies = [new(2, "Gate", Online: true), new(5, "Store", Online: false)],
        Streams = [new(201, "H.265", 2560, 1440), new(202, "H.264", 640, 360), .. second ? [new FakeHikvisionStream(501, "H.264", 1920, 1080)] : Array.Empty<FakeHikvisionStream>()],
    };

    private static object Request(Uri address, string password = Password, string? vendor = null, string[]? channels = null, string? siteId = null) =>
        new { ip = address.Host, port = address.Port, username = "admin", password, vendor, channels, siteId };

    private Task<JsonElement> ConnectAsync(Uri address, int status, string password = Password, string? vendor = null, string[]? channels = null) =>
        _world.Http.PostAsync("/api/nvr/connect", Request(address, password, vendor, channels), status);

    private async Task<IEnumerable<(string?, string?, bool)>> ChannelsAsync(string id) =>
        (await _world.Http.GetJsonAsync($"/api/nvrs/{id}/channels")).GetProperty("items").EnumerateArray().Select(c => (c.Text("channel"), c.Text("online"), c.Text("cameraId") is not null));

    private async Task<string> TracesAsync() =>
        $"{await _world.ScalarAsync("select count(*) from control.nvr")} {await _world.ScalarAsync("select count(*) from control.camera")} {await _world.ScalarAsync("select count(*) from control.audit where action = 'nvr.connected'")}";

    /// <summary>Control with an event stream; recorders are looked at more often than in earnest.</summary>
    public sealed class Installation : IAsyncLifetime
    {
        private PrivateNats _nats = null!;

        internal ControlWorld World { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _nats = await PrivateNats.StartAsync();
            World = await ControlWorld.StartAsync(new WorldSettings
            {
                Nats = _nats.Url,
                Adjust = services => services
                    .AddSingleton(new OnvifClientOptions { ConnectTimeout = TimeSpan.FromSeconds(2), AnswerTimeout = TimeSpan.FromSeconds(2) })
                    .AddSingleton(new DeviceHttpOptions { ConnectTimeout = TimeSpan.FromSeconds(2), AnswerTimeout = TimeSpan.FromSeconds(2) })
                    .AddSingleton(new NvrWatchOptions { RefreshEvery = TimeSpan.FromMilliseconds(500), FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(500) }),
            });
        }

        public async ValueTask DisposeAsync()
        {
            await World.DisposeAsync();
            await _nats.DisposeAsync();
        }
    }
}
