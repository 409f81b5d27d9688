using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Device;
using Vms.Control.Reconciliation;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features.Device;

/// <summary>What is known of the devices of cameras.</summary>
public sealed class DeviceTests(DeviceWorld world) : IClassFixture<DeviceWorld>
{
    [Fact]
    public async Task A_camera_that_was_added_by_ONVIF_is_known_at_once_and_nobody_is_asked_to_show_it()
    {
        await using var camera = await world.OnboardAsync();
        int asked = camera.Device.Requests.Count;
        var device = await world.Http.GetJsonAsync(camera.Url + "/device");
        Assert.True(device.GetProperty("onvif").GetBoolean());
        Assert.Equal(
            ("Fake & Sons", "FD-1 <dome>", "1.0.7", "0123456789", "HW-1"),
            (device.Text("maker"), device.Text("model"), device.Text("firmware"), device.Text("serialNumber"), device.Text("hardwareId")));
        Assert.Equal($"{camera.Device.Options.Address}:{camera.Device.Port}", device.Text("address"));
        Assert.InRange(device.Dig("clock.offsetMs").GetInt64(), -1500, 1500);
        Assert.Equal("True", device.Text("clock.ntp"));
        Assert.Equal("""{"ptz":true,"imaging":true,"relays":true,"digitalInputs":true,"events":true}""", device.GetProperty("can").GetRawText());
        Assert.Equal((null, "none", 0), (device.Text("problem"), device.Text("events"), device.GetProperty("changes").GetArrayLength()));
        Assert.Equal(asked, camera.Device.Requests.Count);
        Assert.DoesNotContain("secret", device.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_is_deleted_takes_what_was_known_of_its_device_with_it()
    {
        await using var camera = await world.OnboardAsync();
        camera.Device.Quirks.Firmware = "1.0.8";
        using (var asked = await world.Http.PostAsync(camera.Url + "/device/check", null, TestContext.Current.CancellationToken))
            await asked.JsonAsync();
        using (var deleted = await world.Http.DeleteAsync(camera.Url, TestContext.Current.CancellationToken))
            Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(0L, await world.Control.ScalarAsync(
            $"select (select count(*) from control.device where camera_id = '{camera.Id}') + (select count(*) from control.device_change where camera_id = '{camera.Id}')"));
        using var gone = await world.Http.GetAsync(camera.Url + "/device", TestContext.Current.CancellationToken);
        await gone.ProblemAsync(404, "cameraNotFound");
    }

    [Fact]
    public async Task Several_who_ask_at_a_time_send_a_wrong_password_once()
    {
        await using var device = await world.StartAsync();
        string camera = await AddByUrlAsync(device, "wrong");
        // As after a check that found nobody: the port is known, the password was never sent.
        await world.Control.ExecuteAsync(
            $"insert into control.device (camera_id, service_url, camera_host, credentials_key, is_onvif, checked_at) values ('{camera}', '{device.Service.AbsoluteUri}', '{device.Options.Address}', '', false, now())");
        string[] paths = ["ptz", "ptz/presets", "imaging", "relays", "ptz", "imaging"];
        var answers = await Task.WhenAll(paths.Select(path => world.Http.GetAsync($"/api/cameras/{camera}/{path}", TestContext.Current.CancellationToken)));
        foreach (var answer in answers)
        {
            using (answer)
                await answer.ProblemAsync(502, "badCredentials");
        }

        Assert.Equal(1, device.WrongPasswords);
    }

    [Fact]
    public async Task Another_firmware_is_a_change_with_what_was_before()
    {
        await using var camera = await world.OnboardAsync();
        camera.Device.Quirks.Firmware = "1.0.8";
        var device = await CheckAsync(camera);
        Assert.Equal("1.0.8", device.Text("firmware"));
        var change = Assert.Single(device.GetProperty("changes").EnumerateArray());
        Assert.Equal(("firmware", "1.0.7", "1.0.8"), (change.Text("what"), change.Text("was"), change.Text("now")));
        Assert.Single((await CheckAsync(camera)).GetProperty("changes").EnumerateArray());      // it is what is known now
        Assert.Equal(2, (await world.AuditAsync("device.checked", camera.Id)).GetProperty("items").GetArrayLength());

        var alert = (await world.Http.GetJsonAsync("/api/dashboard")).GetProperty("alerts").EnumerateArray().Single(one => one.Text("cameraId") == camera.Id && one.Text("code") == "cameraDeviceChanged");
        Assert.Contains("its firmware is 1.0.8 now, it was 1.0.7", alert.Text("message"), StringComparison.Ordinal);
        Assert.Equal(change.Text("at"), alert.Text("since"));
        var line = Assert.Single(await InventoryAsync(), one => one.Text("cameraId") == camera.Id);
        Assert.Equal(
            ("Fake & Sons", "FD-1 <dome>", "1.0.8", "0123456789", change.Text("at")),
            (line.Text("maker"), line.Text("model"), line.Text("firmware"), line.Text("serialNumber"), line.Text("changedAt")));
    }

    [Fact]
    public async Task A_camera_that_nothing_is_known_of_is_in_the_inventory_all_the_same()
    {
        await using var device = await world.StartAsync();
        string camera = await AddByUrlAsync(device, "wrong");
        var line = Assert.Single(await InventoryAsync(), one => one.Text("cameraId") == camera);
        Assert.False(line.GetProperty("onvif").GetBoolean());
        Assert.Equal((null, null), (line.Text("maker"), line.Text("changedAt")));
    }

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public async Task A_clock_that_is_off_is_measured_told_and_an_alert_until_it_is_right(int seconds)
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.ClockOffset = TimeSpan.FromSeconds(seconds));
        var device = await CheckAsync(camera);
        Assert.InRange(device.Dig("clock.offsetMs").GetInt64(), (seconds * 1000) - 1500, (seconds * 1000) + 1500);
        Assert.Contains(await AlertsAsync(), alert => alert == $"cameraClock {camera.Id}");
        Assert.Contains($"Camera {camera.Id}: its device's clock is now", world.Control.Log.Text, StringComparison.Ordinal);
        camera.Device.Quirks.ClockOffset = TimeSpan.Zero;
        await CheckAsync(camera);
        Assert.DoesNotContain(await AlertsAsync(), alert => alert == $"cameraClock {camera.Id}");
    }

    [Fact]
    public async Task A_camera_that_was_added_by_its_address_is_asked_at_the_port_that_somebody_names()
    {
        await using var device = await world.StartAsync();
        string camera = await AddByUrlAsync(device, "secret");
        var unknown = await world.Http.GetJsonAsync($"/api/cameras/{camera}/device");
        Assert.Equal(("False", null, null), (unknown.Text("onvif"), unknown.Text("checkedAt"), unknown.Text("address")));

        Assert.Equal("deviceUnreachable", (await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { })).Text("problem.code"));     // nobody is at port 80
        var known = await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { port = device.Port });
        Assert.Equal(("True", "Fake & Sons"), (known.Text("onvif"), known.Text("maker")));
        Assert.True(known.Dig("can.ptz").GetBoolean());
        Assert.Equal("True", (await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { })).Text("onvif"));       // it is asked there from now on

        // A port that somebody tries in vain takes nothing away.
        Assert.Equal("deviceUnreachable", (await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { port = 9 })).Text("problem.code"));
        Assert.Equal(($"{device.Options.Address}:{device.Port}", null), (await AddressAndProblemAsync(camera)));
        Assert.Equal(4, (await world.AuditAsync("device.checked", camera)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_password_that_a_device_refused_for_one_picture_is_not_sent_for_another()
    {
        await using var device = await world.StartAsync();
        string first = await AddByUrlAsync(device, "wrong");
        string second = (await world.Control.AddCameraAsync(
            "Second", new { mainUrl = $"rtsp://{device.Options.Address}/second", username = "admin", password = "wrong" })).Text("id")!;
        Assert.Equal("badCredentials", (await world.Http.PostAsync($"/api/cameras/{first}/device/check", new { port = device.Port })).Text("problem.code"));
        var services = world.Control.Services;
        var camera = await CameraRow.FindAsync(services.GetRequiredService<NpgsqlDataSource>(), second, TestContext.Current.CancellationToken);
        await world.Control.ExecuteAsync($"""
            insert into control.device (camera_id, service_url, camera_host, credentials_key, is_onvif, checked_at, next_check_at)
            values ('{second}', '{device.Service.AbsoluteUri}', '{device.Options.Address}', '{DeviceTarget.Of(camera!, device.Service).Key}', true, now(), now() - interval '1 s')
            """);
        var desired = services.GetRequiredService<DesiredState>();
        await Eventually.TrueAsync(() => desired.Cameras!.ContainsKey(second) && desired.Cameras.ContainsKey(first));
        await services.GetRequiredService<DeviceWatch>().LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, device.WrongPasswords);
    }

    [Fact]
    public async Task A_wrong_password_is_sent_once_whoever_asks_until_it_is_another()
    {
        await using var device = await world.StartAsync();
        string camera = await AddByUrlAsync(device, "wrong");
        var check = $"/api/cameras/{camera}/device/check";
        Assert.Equal("badCredentials", (await world.Http.PostAsync(check, new { port = device.Port })).Text("problem.code"));
        Assert.Equal("badCredentials", (await world.Http.PostAsync(check, new { })).Text("problem.code"));
        foreach (var path in (string[])["ptz", "ptz/presets", "imaging", "relays"])
        {
            using var refused = await world.Http.GetAsync($"/api/cameras/{camera}/{path}", TestContext.Current.CancellationToken);
            await refused.ProblemAsync(502, "badCredentials");
        }

        Assert.Equal(1, device.WrongPasswords);
        Assert.DoesNotContain("wrong\"", world.Control.Log.Text, StringComparison.Ordinal);

        await world.Http.PatchAsync($"/api/cameras/{camera}", """{"password":"secret"}""");
        Assert.Equal("True", (await world.Http.PostAsync(check, new { })).Text("onvif"));
        Assert.Equal(1, device.WrongPasswords);
    }

    [Fact]
    public async Task A_device_that_is_away_keeps_what_it_said_and_is_no_alert()
    {
        var camera = await world.OnboardAsync();
        await camera.DisposeAsync();
        var device = await CheckAsync(camera);
        Assert.Equal(("deviceUnreachable", "1.0.7", "True"), (device.Text("problem.code"), device.Text("firmware"), device.Text("onvif")));
        Assert.DoesNotContain(await AlertsAsync(), alert => alert.EndsWith(camera.Id, StringComparison.Ordinal) && alert.StartsWith("cameraClock", StringComparison.Ordinal));
        using var moved = await world.Http.PostAsync(camera.Url + "/ptz/home", null, TestContext.Current.CancellationToken);
        await moved.ProblemAsync(502, "deviceUnreachable");
    }

    [Fact]
    public async Task Whoever_answers_something_else_is_no_device_and_is_not_asked_again_by_itself()
    {
        await using var device = await world.StartAsync(quirks =>
        {
            foreach (var operation in (string[])["GetSystemDateAndTime", "GetServices", "GetCapabilities"])
                quirks.Broken[operation] = BrokenAnswer.HtmlError;
        });
        string camera = await AddByUrlAsync(device, "secret");
        var checkedOnce = await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { port = device.Port });
        Assert.Equal(("False", "notOnvif"), (checkedOnce.Text("onvif"), checkedOnce.Text("problem.code")));
        Assert.Equal(DBNull.Value, await world.Control.ScalarAsync($"select next_check_at from control.device where camera_id = '{camera}'"));
        using var moved = await world.Http.GetAsync($"/api/cameras/{camera}/ptz", TestContext.Current.CancellationToken);
        await moved.ProblemAsync(409, "ptzNotSupported");
    }

    [Fact]
    public async Task An_address_that_may_be_no_camera_s_is_not_connected_to()
    {
        // The port of this control plane itself, on the camera's own host.
        var camera = (await world.Control.AddCameraAsync("Self", new { mainUrl = $"rtsp://127.0.0.1/{Guid.NewGuid():n}" })).Text("id")!;
        var device = await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { port = 8081 });
        Assert.Equal("deviceUnreachable", device.Text("problem.code"));
        Assert.Contains("this installation itself", device.Text("problem.detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"port":0}""", "port:outOfRange")]
    [InlineData("""{"port":65536}""", "port:outOfRange")]
    public async Task A_port_that_is_none_is_refused(string body, string wrong)
    {
        var camera = (await world.Control.AddCameraAsync("Port", new { mainUrl = $"rtsp://127.0.0.1/{Guid.NewGuid():n}" })).Text("id")!;
        using var answer = await world.Http.PostAsync(
            $"/api/cameras/{camera}/device/check", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal([wrong], (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    [Fact]
    public async Task What_is_due_is_asked_and_nothing_else()
    {
        await using var due = await world.OnboardAsync();
        await using var later = await world.OnboardAsync();
        await using var channel = await world.OnboardAsync();
        await BecomeChannelAsync(channel);
        (due.Device.Quirks.Firmware, later.Device.Quirks.Firmware, channel.Device.Quirks.Firmware) = ("2.0", "2.0", "2.0");
        await world.Control.ExecuteAsync($"update control.device set next_check_at = now() - interval '1 s' where camera_id in ('{due.Id}', '{channel.Id}')");
        var next = (DateTime)(await world.Control.ScalarAsync($"select next_check_at from control.device where camera_id = '{later.Id}'"))!;
        Assert.InRange(next, DateTime.UtcNow.AddHours(5.3), DateTime.UtcNow.AddHours(6.7));

        await Eventually.TrueAsync(async () =>
        {
            await world.Control.Services.GetRequiredService<DeviceWatch>().LookAsync(TestContext.Current.CancellationToken);
            return (await world.Http.GetJsonAsync(due.Url + "/device")).Text("firmware") == "2.0";
        });
        Assert.Equal("1.0.7", (await world.Http.GetJsonAsync(later.Url + "/device")).Text("firmware"));
        // Its recorder is asked for all of its channels at once.
        Assert.Equal("1.0.7", (await world.Http.GetJsonAsync(channel.Url + "/device")).Text("firmware"));
    }

    private async Task BecomeChannelAsync(DeviceCamera camera)
    {
        await world.Control.ExecuteAsync($"""
            insert into control.nvr (id, tenant_id, site_id, name, vendor, host, port, model, firmware, serial_number, channels, state, checked_at, created_at, updated_at)
            values ('nvr-{camera.Id}', 'default', 'default', 'Recorder', 'dahua', '192.0.2.9', 80, '', '', '', '[]', 'unauthorized', now(), now(), now())
            """);
        await world.Control.ExecuteAsync($"update control.camera set nvr_id = 'nvr-{camera.Id}', nvr_channel = '1' where id = '{camera.Id}'");
        var desired = world.Control.Services.GetRequiredService<DesiredState>();
        desired.Changed();
        await Eventually.TrueAsync(() => desired.Cameras!.Values.Any(wanted => wanted.Row.Id == camera.Id && wanted.Row.NvrId is not null));
    }

    [Fact]
    public async Task Of_a_recorder_s_pictures_the_one_is_moved_that_the_camera_is()
    {
        FakeProfile[] profiles = [new("p1", "one", "s1", "H264", 1920, 1080), new("p2", "two", "s2", "H264", 1280, 720)];
        await using var device = await world.StartAsync(quirks => quirks.HasPtzInLastProfile = true, new FakeDeviceOptions { Profiles = profiles });
        string Url(string profile) => string.Create(CultureInfo.InvariantCulture, $"rtsp://{device.Options.Address}:554/{profile}?channel=1&subtype=0");
        Assert.Equal("p2", await ProfileOfAsync(Url("p2")));
        Assert.Null(await ProfileOfAsync(Url("p1")));           // it stands still
        Assert.Null(await ProfileOfAsync(Url("else")));         // nobody knows which it is

        async Task<string?> ProfileOfAsync(string url)
        {
            var camera = (await world.Control.AddCameraAsync("Channel", new { mainUrl = url, username = "admin", password = "secret" })).Text("id")!;
            await world.Http.PostAsync($"/api/cameras/{camera}/device/check", new { port = device.Port });
            return await world.Control.ScalarAsync($"select ptz_profile from control.device where camera_id = '{camera}'") as string;
        }
    }

    private async Task<string> AddByUrlAsync(FakeDevice device, string password) => (await world.Control.AddCameraAsync(
        "By address", new { mainUrl = $"rtsp://{device.Options.Address}/live", username = "admin", password })).Text("id")!;

    private Task<JsonElement> CheckAsync(DeviceCamera camera) => world.Http.PostAsync(camera.Url + "/device/check", new { });

    private async Task<(string?, string?)> AddressAndProblemAsync(string camera)
    {
        var device = await world.Http.GetJsonAsync($"/api/cameras/{camera}/device");
        return (device.Text("address"), device.Text("problem"));
    }

    private async Task<List<string>> AlertsAsync() =>
        [.. (await world.Http.GetJsonAsync("/api/dashboard")).GetProperty("alerts").EnumerateArray().Select(alert => $"{alert.Text("code")} {alert.Text("cameraId")}")];

    /// <summary>Read page by page, of two.</summary>
    private async Task<List<JsonElement>> InventoryAsync()
    {
        List<JsonElement> all = [];
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await world.Http.GetJsonAsync($"/api/devices?limit=2{(cursor.Length > 0 ? "&cursor=" + Uri.EscapeDataString(cursor) : "")}");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.Text("nextCursor");
        }

        return all;
    }
}
