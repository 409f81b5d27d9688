using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Control.Features.Device;
using Vms.Control.Features.Imaging;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features.Device;

public sealed class ImagingTests(DeviceWorld world) : IClassFixture<DeviceWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task How_a_picture_is_set_is_shown_with_its_ranges_and_what_the_device_does_not_have_is_absent()
    {
        await using var camera = await world.OnboardAsync();
        var imaging = await world.Http.GetJsonAsync(camera.Url + "/imaging");
        Assert.Equal("""{"value":50,"min":0,"max":100}""", imaging.GetProperty("brightness").GetRawText());
        Assert.Equal("""{"value":"auto","values":["on","auto"]}""", imaging.GetProperty("irCut").GetRawText());
        Assert.Equal("""{"on":false,"level":{"value":20,"min":0,"max":100}}""", imaging.GetProperty("wideDynamicRange").GetRawText());
        Assert.Equal(("auto", null), (imaging.Text("focus.mode"), imaging.Text("sharpness")));
    }

    [Fact]
    public async Task What_is_set_is_at_the_device_and_on_record()
    {
        await using var camera = await world.OnboardAsync();
        var set = await world.Http.PatchAsync(camera.Url + "/imaging", """{"brightness":40,"irCut":"on","wideDynamicRange":{"on":true,"level":70},"focus":{"mode":"manual"}}""");
        Assert.Equal(("40", "on", "True", "70", "manual", "50"), (set.Text("brightness.value"), set.Text("irCut.value"), set.Text("wideDynamicRange.on"), set.Text("wideDynamicRange.level.value"),
            set.Text("focus.mode"), set.Text("contrast.value")));
        var noted = (await world.AuditAsync("imaging.changed", camera.Id)).Dig("items.0.detail");
        Assert.Equal(("40", "on", "manual"), (noted.Text("brightness"), noted.Text("irCut"), noted.Text("focus")));
    }

    [Theory]
    [InlineData("{}", "$:required")]
    [InlineData("""{"brightness":101}""", "brightness:outOfRange")]
    [InlineData("""{"brightness":-1,"contrast":1000}""", "brightness:outOfRange contrast:outOfRange")]
    [InlineData("""{"sharpness":5}""", "sharpness:notSupported")]
    [InlineData("""{"irCut":"off"}""", "irCut:notSupported")]
    [InlineData("""{"irCut":"maybe","focus":{"mode":"x"}}""", "focus.mode:invalidValue irCut:invalidValue")]
    [InlineData("""{"wideDynamicRange":{"on":false,"level":3}}""", "wideDynamicRange.level:invalidValue")]
    [InlineData("""{"wideDynamicRange":{"level":101}}""", "wideDynamicRange.level:outOfRange")]
    public async Task What_the_device_does_not_take_is_refused_before_it_is_sent(string patch, string wrong)
    {
        await using var camera = await world.OnboardAsync();
        var problem = await world.Http.PatchAsync(camera.Url + "/imaging", patch, 400);
        Assert.Equal(wrong, string.Join(' ', problem.FieldCodes().Order(StringComparer.Ordinal)));
        Assert.DoesNotContain("SetImagingSettings", camera.Device.Requests);
        Assert.Equal(0, (await world.AuditAsync("imaging.changed", camera.Id)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task What_the_device_refuses_is_not_on_record()
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.Broken["SetImagingSettings"] = BrokenAnswer.OddFault);
        Assert.Equal("deviceRefused", (await world.Http.PatchAsync(camera.Url + "/imaging", """{"brightness":40}""", 502)).Text("code"));
        Assert.Equal(0, (await world.AuditAsync("imaging.changed", camera.Id)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task The_lens_is_focused_by_hand_and_stopped()
    {
        await using var camera = await world.OnboardAsync();
        using (var moved = await world.Http.PostAsJsonAsync(camera.Url + "/imaging/focus", new { speed = -0.5 }, Token))
            Assert.Equal(204, (int)moved.StatusCode);
        using (var stopped = await world.Http.PostAsync(camera.Url + "/imaging/focus/stop", null, Token))
            Assert.Equal(204, (int)stopped.StatusCode);
        Assert.Equal(["-0.5", "stop"], camera.Device.Imaging.FocusMoves);
        Assert.Equal(["speed:outOfRange"], (await world.Http.PostAsync(camera.Url + "/imaging/focus", new { speed = 2 }, 400)).FieldCodes());
        Assert.Equal(["speed:required"], (await world.Http.PostAsync(camera.Url + "/imaging/focus", new { }, 400)).FieldCodes());
        Assert.Equal(1, (await world.AuditAsync("focus.moved", camera.Id)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_lens_that_nobody_stops_is_stopped_after_ten_seconds()
    {
        await using var camera = await world.OnboardAsync();
        var clock = new ManualTimeProvider();
        using var watch = new FocusWatch(world.Control.Services.GetRequiredService<CameraDevices>(), clock, NullLogger<FocusWatch>.Instance);
        watch.Moved(camera.Id);
        clock.Advance(TimeSpan.FromSeconds(9));
        watch.Moved(camera.Id);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(camera.Device.Imaging.FocusMoves);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => camera.Device.Imaging.FocusMoves is ["stop"]);
        clock.Advance(FocusWatch.Longest);
        watch.Moved(camera.Id);
        watch.Stopped(camera.Id);
        clock.Advance(FocusWatch.Longest);
        Assert.Single(camera.Device.Imaging.FocusMoves);
    }

    [Fact]
    public async Task A_device_without_the_service_says_so()
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.MissingServices.Add("http://www.onvif.org/ver20/imaging/wsdl"));
        Assert.Equal("imagingNotSupported", (await world.Http.GetJsonAsync(camera.Url + "/imaging", 409)).Text("code"));
        Assert.False((await world.Http.GetJsonAsync(camera.Url + "/device")).Dig("can.imaging").GetBoolean());
    }

    [Fact]
    public async Task Whoever_sees_a_camera_sees_how_its_picture_is_set_and_does_not_set_it()
    {
        await using var camera = await world.OnboardAsync();
        using var viewer = world.Control.AsRole("viewer");
        await viewer.GetJsonAsync(camera.Url + "/imaging");
        JsonElement refused = await viewer.PatchAsync(camera.Url + "/imaging", """{"brightness":40}""", 403);
        Assert.Equal("forbidden", refused.Text("code"));
    }
}
