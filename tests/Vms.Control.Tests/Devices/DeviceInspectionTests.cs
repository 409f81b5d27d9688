using Vms.Control.Devices.Onvif;
using Vms.Onvif.Imaging;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Devices;

public sealed class DeviceInspectionTests
{
    private static readonly OnvifCredentials s_right = new("admin", "secret");

    [Fact]
    public async Task Everything_that_is_needed_to_add_a_camera_is_read()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.ClockOffset = TimeSpan.FromMinutes(-5);
        device.Quirks.ToldHost = "10.0.0.9";
        using var client = NewClient(device);
        var read = await DeviceInspection.ReadAsync(client, TestContext.Current.CancellationToken);
        var inspection = read.Value!;
        Assert.Equal(("Fake & Sons", "FD-1 <dome>", "1.0.7", "0123456789"), (inspection.Information.Manufacturer, inspection.Information.Model, inspection.Information.Firmware, inspection.Information.SerialNumber));
        Assert.Equal(-5, inspection.ClockOffset!.Value.TotalMinutes, 0.1);
        Assert.Equal(["00:1A:2B:3C:4D:5E"], inspection.Macs);
        Assert.True(inspection.AreCredentialsProven);
        var camera = Assert.Single(inspection.Cameras);
        Assert.Equal(("profile_1", "profile_2"), (camera.Choice.Main.Token, camera.Choice.Sub!.Token));
        Assert.Equal("rtsp://127.0.0.1/profile_1?channel=1&subtype=0", camera.Main.OriginalString);
        Assert.Equal("rtsp://127.0.0.1/profile_2?channel=1&subtype=0", camera.Sub!.OriginalString);
        Assert.Equal(new Uri(device.Service, "/onvif/snapshot"), camera.Snapshot);
    }

    [Fact]
    public async Task Media_2_that_is_refused_and_devices_without_GetServices_are_read_by_the_older_ways()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.RefusesMedia2 = true;
        using (var client = NewClient(device))
            Assert.Equal("profile_1", (await DeviceInspection.ReadAsync(client, default)).Value!.Cameras[0].Choice.Main.Token);
        Assert.Contains(device.Requests, request => request == "GetProfiles");

        device.Quirks.HasOnlyCapabilities = true;
        using (var client = NewClient(device))
        {
            var inspection = (await DeviceInspection.ReadAsync(client, default)).Value!;
            Assert.Equal("profile_2", inspection.Cameras[0].Choice.Sub!.Token);
            Assert.False(inspection.Services.Has(OnvifService.Media2));
            Assert.True(inspection.Services.Has(OnvifService.Ptz));
        }
    }

    [Fact]
    public async Task Only_media_2_knows_H265_and_a_recorder_has_a_camera_for_each_source()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions
        {
            Profiles =
            [
                new("1m", "ch1", "1", "H265", 3840, 2160), new("1s", "ch1 sub", "1", "H264", 640, 360), new("4m", "ch4", "4", "H264", 1280, 720, "rtsp://10.0.0.9:1554/ch4"), new("4b", "events", "4", "", 0, 0),
            ],
        });
        using var client = NewClient(device);
        var cameras = (await DeviceInspection.ReadAsync(client, default)).Value!.Cameras;
        Assert.Equal([("1m", "H265", "1s"), ("4m", "H264", null)], cameras.Select(camera => (camera.Choice.Main.Token, camera.Choice.Main.Video!.Codec, camera.Choice.Sub?.Token)));
        Assert.Equal("rtsp://127.0.0.1:1554/ch4", cameras[1].Main.OriginalString);
    }

    [Theory]
    [InlineData("guess", OnvifFailureKind.BadCredentials)]
    [InlineData(null, OnvifFailureKind.BadCredentials)]
    public async Task Wrong_and_missing_credentials_are_said_so_after_one_try(string? password, object kind)
    {
        await using var device = await FakeDevice.StartAsync();
        using var client = new OnvifClient(device.Service, password is null ? null : new OnvifCredentials("admin", password), new OnvifClientOptions(), TimeProvider.System);
        Assert.Equal((OnvifFailureKind)kind, (await DeviceInspection.ReadAsync(client, default)).Kind);
        Assert.Equal(password is null ? 0 : 1, device.LoginAttempts);
    }

    [Fact]
    public async Task A_device_without_pictures_has_no_cameras()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Profiles = [new("a", "door", "1", "", 0, 0)] });
        using var client = NewClient(device);
        Assert.Empty((await DeviceInspection.ReadAsync(client, default)).Value!.Cameras);
    }

    [Fact]
    public async Task Mechanics_are_moved_in_numbers_that_are_the_same_for_all()
    {
        await using var device = await FakeDevice.StartAsync();
        using var client = NewClient(device);
        await client.ConnectAsync(default);
        var drive = new PtzDrive(client, "profile_1", (await client.CallAsync(PtzNode.GetAll, default)).Value![0].Spaces);
        Assert.True((await drive.MoveAsync(0.5, -1, 0.25, TimeSpan.FromSeconds(5), default)).IsSuccess);
        Assert.True((await client.CallAsync(PtzStatus.Get("profile_1"), default)).Value!.IsMoving);
        Assert.True((await drive.StopAsync(default)).IsSuccess);
        Assert.True((await drive.MoveByAsync(0.1, 0, 0, default)).IsSuccess);
        Assert.True((await drive.CentreAsync(-0.5, 0.5, default)).IsSuccess);
        Assert.True((await drive.MoveToAsync(0.75, 0.5, 1, default)).IsSuccess);
        Assert.Equal(["continuous 0.5 -1 0.25", "stop", "relative 0.1 0 0", "relative -0.5 0.5 0", "absolute 0.5 0 1"], device.Ptz.Moves);
        Assert.Equal((0.5, 0.0, 1.0), (device.Ptz.Pan, device.Ptz.Tilt, device.Ptz.Zoom));

        Assert.Equal("3", (await client.CallAsync(PtzPreset.Set("profile_1", null, "Tor & Hof"), default)).Value);
        Assert.Equal([new PtzPreset("1", "Door"), new PtzPreset("2", "Gate"), new PtzPreset("3", "Tor & Hof")], (await client.CallAsync(PtzPreset.GetAll("profile_1"), default)).Value!);
        Assert.True((await client.CallAsync(PtzPreset.Go("profile_1", "3"), default)).IsSuccess);
        Assert.True((await client.CallAsync(PtzPreset.Remove("profile_1", "3"), default)).IsSuccess);
        Assert.Equal(OnvifFailureKind.Refused, (await client.CallAsync(PtzPreset.Go("profile_1", "3"), default)).Kind);
        Assert.True((await client.CallAsync(PtzPreset.SetHome("profile_1"), default)).IsSuccess);
        Assert.True((await client.CallAsync(PtzPreset.GoHome("profile_1"), default)).IsSuccess);
        Assert.Equal(["preset 3", "home set", "home"], device.Ptz.Moves.Skip(5));
    }

    [Fact]
    public async Task Degrees_no_zoom_no_status_and_a_bare_stop_are_borne()
    {
        await using var device = await FakeDevice.StartAsync();
        (device.Quirks.Degrees, device.Quirks.HasNoZoom, device.Quirks.StopsOnlyBare, device.Quirks.HasNoPtzStatus) = (true, true, true, true);
        using var client = NewClient(device);
        await client.ConnectAsync(default);
        var drive = new PtzDrive(client, "profile_1", (await client.CallAsync(PtzNode.GetAll, default)).Value![0].Spaces);
        Assert.True((await drive.MoveToAsync(0.25, 1, 0.5, default)).IsSuccess);
        Assert.Equal((90.0, 20.0), (device.Ptz.Pan, device.Ptz.Tilt));
        Assert.True((await drive.MoveAsync(0.5, 0, 1, TimeSpan.FromSeconds(5), default)).IsSuccess);
        Assert.True((await drive.StopAsync(default)).IsSuccess);
        Assert.True((await drive.StopAsync(default)).IsSuccess);
        Assert.Equal(3, device.Requests.Count(request => request == "Stop"));        // the refused way is not tried again
        Assert.False(device.Ptz.IsMoving);
        Assert.Equal(OnvifFailureKind.Unsupported, (await drive.MoveToAsync(null, null, 1, default)).Kind);
        Assert.Equal(OnvifFailureKind.Unsupported, (await client.CallAsync(PtzStatus.Get("profile_1"), default)).Kind);
    }

    [Fact]
    public async Task Pictures_are_set_and_focus_is_moved()
    {
        await using var device = await FakeDevice.StartAsync();
        using var client = NewClient(device);
        await client.ConnectAsync(default);
        var options = (await client.CallAsync(ImagingOptions.Get("source_1"), default)).Value!;
        Assert.Equal(new ImagingRange(0, 100), options.Brightness);
        Assert.Null(options.Sharpness);
        Assert.True(options is { HasManualFocus: true, HasWideDynamicRange: true, HasBacklightCompensation: true });
        var wanted = ImagingSettings.None with { Brightness = 62.5, IrCutFilter = IrCutFilter.On, WideDynamicRange = true, WideDynamicRangeLevel = 30, BacklightCompensation = true, AutoFocus = false };
        Assert.Empty(options.Refuses(wanted));
        Assert.True((await client.CallAsync(wanted.Set("source_1"), default)).IsSuccess);
        Assert.Equal(wanted with { Contrast = 50, Saturation = 50 }, (await client.CallAsync(ImagingSettings.Get("source_1"), default)).Value);
        Assert.Equal(OnvifFailureKind.Refused, (await client.CallAsync((ImagingSettings.None with { Sharpness = 1 }).Set("source_1"), default)).Kind);

        Assert.True((await client.CallAsync(FocusMoves.Continuous("source_1", -0.5), default)).IsSuccess);
        Assert.True((await client.CallAsync(FocusMoves.Stop("source_1"), default)).IsSuccess);
        Assert.Equal(["-0.5", "stop"], device.Imaging.FocusMoves);
    }

    private static OnvifClient NewClient(FakeDevice device) => new(device.Service, s_right, new OnvifClientOptions(), TimeProvider.System);
}
