using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>Something on every page: cameras that play and record, a recorder, people, kept footage, an export, a layout, an event and its alarm.</summary>
/// <param name="CameraId">One that records.</param>
/// <param name="RecorderId">A device with two channels.</param>
/// <param name="LayoutId">Shared, with the camera and empty places.</param>
public sealed record Furniture(string CameraId, string RecorderId, string LayoutId)
{
    /// <param name="cameras">At least three, of which the last two are the recorder's.</param>
    public static async Task<Furniture> MoveInAsync(ProductRun product, SimulatedCameras cameras, FakeDevice recorder)
    {
        var api = product.Api;
        var camera = await api.AddCameraAsync("Entrance", cameras.UrlOf(1), segmentSeconds: 4);
        await api.AddCameraAsync("Yard", "rtsp://127.0.0.1:9/nobody");
        var nvr = await api.PostAsync("/api/nvr/connect", new
        {
            ip = recorder.Options.Address.ToString(),
            port = recorder.Port,
            username = recorder.Options.User,
            password = recorder.Options.Password,
            vendor = "onvif",
            name = "Cellar",
        });

        await api.PostAsync("/api/sites", new { name = "Warehouse" });
        await api.PostAsync("/api/roles", new { name = "Night shift", permissions = new[] { "cameras.read", "live.view" } });
        var guard = await api.PostAsync("/api/users", new
        {
            username = "guard",
            password = "a calm blue door",
            displayName = "Gerda Guard",
            grants = new[] { new { roleId = "viewer", scope = "camera", scopeId = camera } },
        });
        await api.PostAsync("/api/user-groups", new { name = "Guards", memberIds = new[] { guard["id"]!.GetValue<string>() } });
        await api.PostAsync("/api/api-keys", new { name = "Door control", grants = new[] { new { roleId = "viewer", scope = "tenant" } } });
        var layout = await api.PostAsync("/api/layouts", new { name = "Doors", grid = "4", shared = true, cells = new[] { new { x = 0, y = 0, cameraId = camera } } });

        await api.AwaitRecordingAsync(camera);
        var begin = TimeProvider.System.GetUtcNow();
        await Soak.RunForAsync(TimeSpan.FromSeconds(6));        // so much there is to keep
        var end = begin.AddSeconds(5);
        await api.PostAsync("/api/rules", new { name = "Door", when = new { types = new[] { "door.opened" } }, actions = new[] { new { type = "alarm", title = "The door is open" } } });
        await api.PostAsync("/api/events", new { type = "door.opened", cameraId = camera, at = begin.AddSeconds(2), data = new { plate = "B AB 123", line = "Gate", direction = "in" } });
        await api.PostAsync("/api/bookmarks", new { cameraId = camera, at = begin.AddSeconds(1), title = "Somebody rings", tags = new[] { "door" } });
        await api.PostAsync("/api/clips", new { name = "The ring", cameraIds = new[] { camera }, from = begin, to = end, note = "Twice" });
        await api.PostAsync("/api/holds", new { reason = "Case 7", cameraIds = new[] { camera }, from = begin, to = end });
        var export = (await api.PostAsync("/api/exports", new { cameras = new[] { camera }, from = begin, to = end, note = "For the insurance" }))["id"]!.GetValue<string>();
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/exports/{export}"))["state"]!.GetValue<string>() == "done");
        return new Furniture(camera, nvr["nvrId"]!.GetValue<string>(), layout["id"]!.GetValue<string>());
    }

    /// <summary>A recorder whose channels are these cameras.</summary>
    public static Task<FakeDevice> StartRecorderAsync(SimulatedCameras cameras) => FakeDevice.StartAsync(new FakeDeviceOptions
    {
        Profiles =
        [
            new FakeProfile("channel_1", "Ramp", "source_1", "H264", 640, 360, cameras.UrlOf(2)),
            new FakeProfile("channel_2", "Stairs", "source_2", "H264", 640, 360, cameras.UrlOf(3)),
        ],
    });
}
