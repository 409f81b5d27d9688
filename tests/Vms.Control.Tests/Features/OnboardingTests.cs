using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Devices.Onvif;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features;

/// <summary>Looking for devices and adding them, with real datagrams and real HTTP.</summary>
public sealed class OnboardingTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Udp();
    private ControlWorld _world = null!;
    private FakeDevice _device = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _device = await FakeDevice.StartAsync();
        _world = await ControlWorld.StartAsync(new WorldSettings
        {
            Adjust = services => services
                .AddSingleton(new DiscoveryOptions { Port = _port, Interfaces = [IPAddress.Loopback], Patience = TimeSpan.FromSeconds(1) })
                .AddSingleton(new OnvifClientOptions { ConnectTimeout = TimeSpan.FromSeconds(2), AnswerTimeout = TimeSpan.FromSeconds(2) }),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _device.DisposeAsync();
    }

    [Fact]
    public async Task A_scan_shows_what_answers_and_what_the_one_before_found_and_is_nobody_else_s()
    {
        using var feed = await FeedTests.OpenAsync(_world);
        await using (FakeDiscovery.Start(IPAddress.Loopback, _port, multicast: true, _device))
        {
            var started = (await _world.Http.PostAsync("/api/discovery/scan", new { }, 202)).Text("scanId")!;
            var told = await FeedTests.UntilAsync(feed, m => m.Text("type") == "DiscoveryComplete");
            Assert.Equal(started, told.Text("scanId"));
            var device = Assert.Single(told.GetProperty("devices").EnumerateArray());
            Assert.Equal(("127.0.0.1", "Fake & Sons FD-1 <dome>", "FD-1 <dome>"), (device.Text("ip"), device.Text("name"), device.Text("model")));
            Assert.False(device.GetProperty("known").GetBoolean());
            Assert.Equal(_device.Service.AbsoluteUri, device.Text("xaddrs.0"));
            Assert.Equal("done", (await _world.Http.GetJsonAsync($"/api/discovery/{started}")).Text("state"));
        }

        await _world.AddCameraAsync("Door", new { mainUrl = "rtsp://127.0.0.1/profile_1" });
        var again = (await _world.Http.PostAsync("/api/discovery/scan", new { subnet = "127.0.0.1/32" }, 202)).Text("scanId")!;
        JsonElement scan = default;
        await Eventually.TrueAsync(async () => (scan = await _world.Http.GetJsonAsync($"/api/discovery/{again}")).Text("state") == "done");
        Assert.True(Assert.Single(scan.GetProperty("devices").EnumerateArray()).GetProperty("known").GetBoolean());     // nobody answered this time

        await _world.AddTenantAsync("neighbour");
        using var neighbour = _world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "spy", ("admin", "tenant", null));
        using var foreign = await neighbour.GetAsync($"/api/discovery/{again}", Token);
        await foreign.ProblemAsync(404, "scanNotFound");
    }

    [Theory]
    [InlineData("10.0.0.0/8", "invalidValue")]
    [InlineData("everything", "invalidValue")]
    [InlineData("169.254.169.254/32", "addressNotAllowed")]
    public async Task A_network_that_must_not_be_asked_is_refused(string subnet, string code) =>
        Assert.Equal([$"subnet:{code}"], (await _world.Http.PostAsync("/api/discovery/scan", new { subnet }, 400)).FieldCodes());

    [Fact]
    public async Task A_device_becomes_a_camera_with_its_large_and_its_small_stream_once()
    {
        var camera = await OnboardAsync(_device.Port, "secret", 201);
        Assert.Equal("Fake & Sons FD-1 <dome>", camera.Text("name"));
        Assert.Equal(("rtsp://127.0.0.1:554/profile_1?channel=1&subtype=0", "rtsp://127.0.0.1:554/profile_2?channel=1&subtype=0"), (camera.Text("mainUrl"), camera.Text("subUrl")));
        Assert.Equal(("admin", "True"), (camera.Text("username"), camera.GetProperty("hasPassword").GetBoolean().ToString()));
        Assert.Equal("cameraExists", (await OnboardAsync(_device.Port, "secret", 409)).Text("code"));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.camera"));
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once_and_nothing_is_stored()
    {
        Assert.Equal("badCredentials", (await OnboardAsync(_device.Port, "wrong", 400)).Text("code"));
        Assert.Equal(1, _device.WrongPasswords);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.camera"));
        Assert.DoesNotContain("wrong", _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_who_is_away_hangs_or_speaks_something_else_is_told_apart()
    {
        Assert.Equal("unreachable", (await OnboardAsync(FreePort.Udp(), "secret", 400)).Text("code"));

        foreach (var operation in (string[])["GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetDeviceInformation", "GetProfiles"])
            _device.Quirks.Broken[operation] = BrokenAnswer.Hanging;
        Assert.Equal("unreachable", (await OnboardAsync(_device.Port, "secret", 400)).Text("code"));
        foreach (var operation in _device.Quirks.Broken.Keys.ToList())
            _device.Quirks.Broken[operation] = BrokenAnswer.HtmlError;
        Assert.Equal("notOnvif", (await OnboardAsync(_device.Port, "secret", 400)).Text("code"));
    }

    [Fact]
    public async Task This_installation_and_a_cloud_s_own_address_are_no_cameras()
    {
        using var metadata = await _world.Http.PostAsJsonAsync("/api/cameras/onboard", new { ip = "169.254.169.254", username = "admin", password = "secret" }, Token);
        Assert.Equal(["ip:addressNotAllowed"], (await metadata.JsonAsync(400)).FieldCodes());
        using var nothing = await _world.Http.PostAsJsonAsync("/api/cameras/onboard", new { ip = " ", port = 70000 }, Token);
        Assert.Equal(["ip:required", "port:outOfRange"], (await nothing.JsonAsync(400)).FieldCodes());
    }

    private async Task<JsonElement> OnboardAsync(int port, string password, int status) =>
        await _world.Http.PostAsync("/api/cameras/onboard", new { ip = "127.0.0.1", port, username = "admin", password }, status);
}
