using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts.Media;
using Vms.Control.Devices.Onvif;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features;

/// <summary>Testing a device before it is added, adding many, and putting another device in a camera's place: real HTTP to devices with addresses of their own.</summary>
public sealed class AddingDevicesTests(AddingDevicesTests.Installation installation) : IClassFixture<AddingDevicesTests.Installation>
{
    private static int s_lastAddress;

    private readonly ControlWorld _world = installation.World;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_is_tested_with_its_streams_and_a_picture_and_nothing_is_stored()
    {
        await using var device = await StartAsync();
        var tested = await TestAsync(new { ip = HostOf(device), port = device.Port, username = "admin", password = "secret" }, 200);
        Assert.Equal(("True", "Fake & Sons", "FD-1 <dome>", "1.0.7"), (tested.Text("reachable"), tested.Text("device.maker"), tested.Text("device.model"), tested.Text("device.firmware")));
        Assert.Equal(
            ["main H264 1920x1080 25", "sub H264 640x360 25"],
            tested.GetProperty("streams").EnumerateArray().Select(s => $"{s.Text("role")} {s.Text("codec")} {s.Text("width")}x{s.Text("height")} {s.Text("fps")}"));
        Assert.Equal("data:image/jpeg;base64," + Convert.ToBase64String(FakeDevice.Snapshot), tested.Text("picture"));
        Assert.Null(tested.Text("known"));
        Assert.Equal(0L, await CountAsync(HostOf(device)));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where action = 'camera.tested' and subject = '{HostOf(device)}:{device.Port}' and detail ->> 'code' is null"));

        var camera = await OnboardAsync(device);
        Assert.Equal(camera, (await TestAsync(new { ip = HostOf(device), port = device.Port, username = "admin", password = "secret" }, 200)).Text("known.cameraId"));
    }

    [Fact]
    public async Task A_test_tells_a_wrong_password_which_it_tries_once_from_somebody_who_is_away_or_speaks_something_else()
    {
        await using var device = await StartAsync();
        Assert.Equal("badCredentials", (await TestAsync(new { ip = HostOf(device), port = device.Port, username = "admin", password = "guess7" }, 400)).Text("code"));
        Assert.Equal(1, device.WrongPasswords);
        Assert.Equal("unreachable", (await TestAsync(new { ip = HostOf(device), port = FreePort.Udp(), username = "admin", password = "secret" }, 400)).Text("code"));
        foreach (var operation in (string[])["GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetDeviceInformation", "GetProfiles"])
            device.Quirks.Broken[operation] = BrokenAnswer.HtmlError;
        Assert.Equal("notOnvif", (await TestAsync(new { ip = HostOf(device), port = device.Port, username = "admin", password = "secret" }, 400)).Text("code"));
        Assert.Equal(["ip:addressNotAllowed"], (await TestAsync(new { ip = "169.254.169.254" }, 400)).FieldCodes());
        Assert.Equal(["ip:required", "port:outOfRange"], (await TestAsync(new { port = 0 }, 400)).FieldCodes());
        Assert.Equal(["ip:invalidValue"], (await TestAsync(new { ip = "a/b c" }, 400)).FieldCodes());
        Assert.DoesNotContain("guess7", _world.Log.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.audit where detail::text like '%guess7%'"));
    }

    [Fact]
    public async Task A_device_without_a_picture_is_reachable_all_the_same()
    {
        await using var device = await StartAsync();
        device.Quirks.Broken["GetSnapshotUri"] = BrokenAnswer.OddFault;
        var tested = await TestAsync(new { ip = HostOf(device), port = device.Port, username = "admin", password = "secret" }, 200);
        Assert.Null(tested.Text("picture"));
        Assert.Equal(2, tested.GetProperty("streams").GetArrayLength());
    }

    [Fact]
    public async Task An_address_of_a_stream_is_tested_by_the_media_plane()
    {
        PipelineSpec? asked = null;
        installation.Media.Probe = spec =>
        {
            asked = spec;
            return new ProbedStream
            {
                Status = new PipelineStatus { State = "online", Codec = "H265", Width = 2560, Height = 1440, Fps = 12.5 },
                Jpeg = ByteString.CopyFrom(FakeDevice.Snapshot),
            };
        };
        var tested = await TestAsync(new { mainUrl = "rtsp://viewer:pa%40ss@10.0.4.7/live" }, 200);
        Assert.Equal(("rtsp://10.0.4.7/live", "viewer", "pa@ss"), (asked!.Url, asked.Username, asked.Password));
        Assert.Equal(("main", "H265", "2560", "12.5"), (tested.Text("streams.0.role"), tested.Text("streams.0.codec"), tested.Text("streams.0.width"), tested.Text("streams.0.fps")));
        Assert.StartsWith("data:image/jpeg;base64,", tested.Text("picture"), StringComparison.Ordinal);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.audit where action = 'camera.tested' and (subject || detail::text) like '%pa@ss%'"));
    }

    [Theory]
    [InlineData("unauthorized", "badCredentials", "badCredentials")]
    [InlineData("offline", "unreachable", "unreachable")]
    [InlineData("offline", "noSuchPath", "noSuchPath")]
    [InlineData("unsupported", "unsupportedCodec", "unsupportedCodec")]
    [InlineData("connecting", "", "noVideo")]
    public async Task A_stream_that_does_not_come_says_why(string state, string reason, string code)
    {
        installation.Media.Probe = _ => new ProbedStream { Status = new PipelineStatus { State = state, Reason = reason } };
        Assert.Equal(code, (await TestAsync(new { mainUrl = "rtsp://10.0.4.8/live" }, 400)).Text("code"));
    }

    [Theory]
    [InlineData("push:", null, "mainUrl:invalidUrl")]
    [InlineData("http://10.0.0.1/x", null, "mainUrl:invalidUrl")]
    [InlineData("rtsp://10.0.0.1/x", "10.0.0.1", "ip:invalidValue")]
    [InlineData("rtsp://169.254.169.254/x", null, "mainUrl:addressNotAllowed")]
    public async Task An_address_that_is_none_of_a_stream_is_not_asked(string mainUrl, string? ip, string problem) =>
        Assert.Equal([problem], (await TestAsync(new { mainUrl, ip }, 400)).FieldCodes());

    [Fact]
    public async Task Many_devices_are_added_each_by_itself_and_again_they_are_known()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync("other", Sources(2));
        await using var wrong = await StartAsync("another");
        var away = NextAddress();
        var request = new
        {
            username = "admin",
            password = "secret",
            devices = new object[]
            {
                new { ip = HostOf(first), port = first.Port, name = "Gate" }, new { ip = HostOf(second), port = second.Port, password = "other" },
                new { ip = HostOf(wrong), port = wrong.Port }, new { ip = away.ToString(), port = 9 },
            },
        };
        var job = await DoneAsync(request);
        var devices = job.GetProperty("result").GetProperty("devices").EnumerateArray().ToList();
        Assert.Equal([HostOf(first), HostOf(second), HostOf(wrong), away.ToString()], devices.Select(d => d.Text("ip")));
        Assert.Equal([null, null, "badCredentials", "unreachable"], devices.Select(d => d.Text("code")));
        Assert.Equal(("2", "0", "2", "4"), (job.Text("result.added"), job.Text("result.known"), job.Text("result.refused"), job.Text("done")));
        Assert.Contains("has 2 pictures", devices[1].Text("detail"), StringComparison.Ordinal);
        Assert.Equal("Gate", (await _world.Http.GetJsonAsync($"/api/cameras/{devices[0].Text("cameraId")}")).Text("name"));
        Assert.Equal(1, wrong.WrongPasswords);

        // Nothing of the credentials stays, neither in the row nor in the answer.
        Assert.Equal("{}", await _world.ScalarAsync($"select args::text from control.job where id = '{job.Text("id")}'"));
        Assert.DoesNotContain("secret", job.GetRawText(), StringComparison.Ordinal);

        var again = (await DoneAsync(request)).GetProperty("result").GetProperty("devices").EnumerateArray().ToList();
        Assert.Equal(["known", "known", "badCredentials", "unreachable"], again.Select(d => d.Text("code")));
        Assert.Equal(devices[0].Text("cameraId"), again[0].Text("cameraId"));
        Assert.Equal(1L, await CountAsync(HostOf(first)));
    }

    [Fact]
    public async Task Whoever_adds_devices_hears_what_became_of_them_without_the_right_to_read_jobs()
    {
        await using var device = await StartAsync();
        var role = (await _world.Http.PostAsync("/api/roles", new { name = "Installer", permissions = new[] { "cameras.read", "cameras.write" } }, 201)).Text("id")!;
        using var installer = _world.As("installer", (role, "tenant", null));
        var id = (await installer.PostAsync(
            "/api/cameras/onboard/many", new { username = "admin", password = "secret", devices = new[] { new { ip = HostOf(device), port = device.Port } } }, 202)).Text("id")!;
        JsonElement job = default;
        await Eventually.TrueAsync(async () => (job = await installer.GetJsonAsync($"/api/jobs/{id}")).Text("state") == "done");
        Assert.Equal("1", job.Text("result.added"));

        using var other = _world.As("passer-by", ("viewer", "tenant", null));
        using var hidden = await other.GetAsync($"/api/jobs/{id}", Token);
        await hidden.ProblemAsync(404, "jobNotFound");
    }

    [Fact]
    public async Task Credentials_of_a_job_that_waits_are_encrypted_and_cancelled_they_are_gone()
    {
        await using var device = await StartAsync();
        device.Quirks.Broken["GetSystemDateAndTime"] = BrokenAnswer.Hanging;
        var id = (await _world.Http.PostAsync(
            "/api/cameras/onboard/many", new { username = "admin", password = "hush-hush", devices = new[] { new { ip = HostOf(device), port = device.Port } } }, 202)).Text("id")!;
        await Eventually.TrueAsync(() => Task.FromResult(device.Requests.Count > 0));
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.job where args::text like '%hush%'"));
        using (var cancelled = await _world.Http.DeleteAsync($"/api/jobs/{id}", Token))
            Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.Equal("{}", await _world.ScalarAsync($"select args::text from control.job where id = '{id}'"));
        Assert.Equal(0L, await CountAsync(HostOf(device)));
    }

    [Fact]
    public async Task A_job_whose_runner_died_goes_on_with_the_devices_that_were_not_noted()
    {
        await using var first = await StartAsync();
        await using var stuck = await StartAsync();
        stuck.Quirks.Broken["GetProfiles"] = BrokenAnswer.Hanging;
        var id = (await _world.Http.PostAsync(
            "/api/cameras/onboard/many",
            new { username = "admin", password = "secret", devices = new[] { new { ip = HostOf(first), port = first.Port }, new { ip = HostOf(stuck), port = stuck.Port } } }, 202)).Text("id")!;
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("done") == "1");
        var asked = first.Requests.Count;

        // As if it had been killed: nobody renews its lease, and another runner goes on.
        await _world.ExecuteAsync($"update control.job set lease_owner = null, lease_until = now() - interval '1 second' where id = '{id}'");
        stuck.Quirks.Broken.Clear();
        JsonElement job = default;
        await Eventually.TrueAsync(async () => (job = await _world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("state") == "done");
        Assert.Equal(("2", "2", asked), (job.Text("result.added"), job.Text("total"), first.Requests.Count));
        Assert.Equal((1L, 1L), (await CountAsync(HostOf(first)), await CountAsync(HostOf(stuck))));
    }

    [Fact]
    public async Task A_list_with_faults_or_for_a_site_of_others_is_refused_before_any_device_is_asked()
    {
        await using var device = await StartAsync();
        var twice = new { devices = new object[] { new { ip = "10.0.5.1" }, new { ip = "10.0.5.1" }, new { ip = "", port = 0 } } };
        Assert.Equal(
            ["devices[1].ip:duplicate", "devices[2].ip:required", "devices[2].port:outOfRange"], (await _world.Http.PostAsync("/api/cameras/onboard/many", twice, 400)).FieldCodes());
        Assert.Equal(["devices:required"], (await _world.Http.PostAsync("/api/cameras/onboard/many", new { username = "admin" }, 400)).FieldCodes());
        var many = new { devices = Enumerable.Range(0, 501).Select(i => new { ip = $"10.0.{i / 250}.{(i % 250) + 1}" }).ToArray() };
        Assert.Equal(["devices:tooMany"], (await _world.Http.PostAsync("/api/cameras/onboard/many", many, 400)).FieldCodes());

        await _world.AddSiteAsync("quay");
        using var master = _world.As("quay-master", ("admin", "site", "quay"));
        var elsewhere = new { devices = new[] { new { ip = HostOf(device), port = device.Port } } };
        Assert.Equal(["siteId:siteNotFound"], (await master.PostAsync("/api/cameras/onboard/many", elsewhere, 400)).FieldCodes());
        Assert.Empty(device.Requests);
    }

    [Fact]
    public async Task Another_device_takes_a_camera_s_place_and_all_else_stays()
    {
        await using var old = await StartAsync();
        await using var next = await StartAsync("other");
        var id = await OnboardAsync(old);
        await _world.Http.PatchAsync($"/api/cameras/{id}", """{"name": "Vault", "recording": {"mode": "motion"}}""");

        var replaced = await ReplaceAsync(id, new { ip = HostOf(next), port = next.Port, username = "admin", password = "other" }, 200);
        Assert.Equal((id, "Vault", "motion"), (replaced.Text("id"), replaced.Text("name"), replaced.Text("recording.mode")));
        Assert.StartsWith($"rtsp://{HostOf(next)}:554/profile_1", replaced.Text("mainUrl"), StringComparison.Ordinal);
        Assert.StartsWith($"rtsp://{HostOf(next)}:554/profile_2", replaced.Text("subUrl"), StringComparison.Ordinal);
        // What is known of the device is of the new one, at once.
        Assert.Equal(HostOf(next), await _world.ScalarAsync($"select camera_host from control.device where camera_id = '{id}' and is_onvif and problem_code is null"));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where action = 'camera.replaced' and subject = '{id}' and detail -> 'fields' ? 'mainUrl' and detail::text not like '%other%'"));
    }

    [Fact]
    public async Task A_camera_stays_as_it_is_when_the_new_device_does_not_answer_is_another_camera_or_it_was_changed_meanwhile()
    {
        await using var old = await StartAsync();
        await using var other = await StartAsync();
        var id = await OnboardAsync(old);
        await OnboardAsync(other);
        var before = (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).Text("mainUrl");

        Assert.Equal("badCredentials", (await ReplaceAsync(id, new { ip = HostOf(other), port = other.Port, username = "admin", password = "no" }, 400)).Text("code"));
        Assert.Equal("cameraExists", (await ReplaceAsync(id, new { ip = HostOf(other), port = other.Port, username = "admin", password = "secret" }, 409)).Text("code"));
        Assert.Equal("unreachable", (await ReplaceAsync(id, new { ip = HostOf(other), port = FreePort.Udp() }, 400)).Text("code"));
        Assert.Equal("cameraNotFound", (await ReplaceAsync("neverwas", new { ip = HostOf(other) }, 404)).Text("code"));
        Assert.Equal(["ip:required"], (await ReplaceAsync(id, new { }, 400)).FieldCodes());
        using var stale = new HttpRequestMessage(HttpMethod.Post, $"/api/cameras/{id}/replace") { Content = JsonContent.Create(new { ip = HostOf(old), port = old.Port, username = "admin", password = "secret" }) };
        stale.Headers.IfMatch.Add(new EntityTagHeaderValue("\"0\""));
        using var refused = await _world.Http.SendAsync(stale, Token);
        await refused.ProblemAsync(412, "changedMeanwhile");
        Assert.Equal(before, (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).Text("mainUrl"));
    }

    [Fact]
    public async Task A_stream_s_address_takes_a_camera_s_place_when_it_plays()
    {
        await using var old = await StartAsync();
        var id = await OnboardAsync(old);
        installation.Media.Probe = spec => new ProbedStream { Status = new PipelineStatus { State = spec.Password == "right" ? "online" : "unauthorized", Reason = spec.Password == "right" ? "" : "badCredentials" } };
        Assert.Equal("badCredentials", (await ReplaceAsync(id, new { mainUrl = "rtsp://10.0.6.1/a", username = "u", password = "wrong" }, 400)).Text("code"));
        var replaced = await ReplaceAsync(id, new { mainUrl = "rtsp://u:right@10.0.6.1/a" }, 200);
        Assert.Equal(("rtsp://10.0.6.1/a", null, "u"), (replaced.Text("mainUrl"), replaced.Text("subUrl"), replaced.Text("username")));
    }

    [Fact]
    public async Task What_stands_at_a_stream_s_address_after_a_replacement_is_asked_at_once_what_it_is()
    {
        string id;
        FakeDeviceOptions place;
        await using (var old = await StartAsync())
        {
            id = await OnboardAsync(old);
            place = old.Options with { Port = old.Port };
        }

        await using var next = await FakeDevice.StartAsync(place with { Model = "FD-2", SerialNumber = "0000000002" });
        installation.Media.Probe = _ => new ProbedStream { Status = new PipelineStatus { State = "online" } };
        await ReplaceAsync(id, new { mainUrl = $"rtsp://{place.Address}:554/profile_1", username = "admin", password = "secret" }, 200);
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/cameras/{id}/device")).GetRawText().Contains("FD-2", StringComparison.Ordinal));
    }

    private static FakeProfile[] Sources(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new FakeProfile($"profile_{i}", "main", $"source_{i}", "H264", 1920, 1080))];

    private static Task<FakeDevice> StartAsync(string password = "secret", IReadOnlyList<FakeProfile>? profiles = null)
    {
        var options = new FakeDeviceOptions { Address = NextAddress(), Password = password };
        return FakeDevice.StartAsync(profiles is null ? options : options with { Profiles = profiles });
    }

    /// <summary>Each device has an address of its own: by their streams' addresses cameras are told apart.</summary>
    private static IPAddress NextAddress() => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.9.{Interlocked.Increment(ref s_lastAddress)}"));

    private static string HostOf(FakeDevice device) => device.Options.Address.ToString();

    private Task<object?> CountAsync(string host) => _world.ScalarAsync($"select count(*) from control.camera where deleted_at is null and main_url like 'rtsp://{host}:%'");

    private async Task<string> OnboardAsync(FakeDevice device) => (await _world.Http.PostAsync(
        "/api/cameras/onboard", new { ip = HostOf(device), port = device.Port, username = "admin", password = device.Options.Password }, 201)).Text("id")!;

    private Task<JsonElement> TestAsync(object request, int status) => _world.Http.PostAsync("/api/cameras/test", request, status);

    private Task<JsonElement> ReplaceAsync(string id, object request, int status) => _world.Http.PostAsync($"/api/cameras/{id}/replace", request, status);

    private async Task<JsonElement> DoneAsync(object request)
    {
        var begun = await _world.Http.PostAsync("/api/cameras/onboard/many", request, 202);
        Assert.Equal("onboard", begun.Text("kind"));
        JsonElement job = default;
        await Eventually.TrueAsync(async () => (job = await _world.Http.GetJsonAsync($"/api/jobs/{begun.Text("id")}")).Text("state") is "done" or "failed");
        Assert.True(job.Text("state") == "done", $"{job.GetRawText()}\n{_world.Log.Text}");
        return job;
    }

    /// <summary>Control and a media plane that tells what a test wants it to.</summary>
    public sealed class Installation : IAsyncLifetime
    {
        internal ControlWorld World { get; private set; } = null!;

        internal FakeMedia Media { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            World = await ControlWorld.StartAsync(new WorldSettings
            {
                Adjust = services => services.AddSingleton(new OnvifClientOptions { ConnectTimeout = TimeSpan.FromSeconds(2), AnswerTimeout = TimeSpan.FromSeconds(2) }),
            });
            Media = new FakeMedia(World.Options);
            await Media.StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Media.DisposeAsync();
            await World.DisposeAsync();
        }
    }
}
