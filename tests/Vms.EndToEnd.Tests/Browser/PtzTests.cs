using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>From a hand on the screen to the mechanics of a device, through the whole product.</summary>
public sealed class PtzTests
{
    [Fact]
    public async Task A_camera_turns_while_the_stick_is_pulled_or_a_key_is_held_and_goes_to_presets_that_have_names()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions
        {
            Profiles = [new FakeProfile("profile_1", "main", "source_1", "H264", 640, 360, cameras.UrlOf(1))],
        });
        await using var product = await ProductRun.StartAsync(directory);
        var id = (await product.Api.PostAsync("/api/cameras/onboard", new { ip = "127.0.0.1", port = device.Port, username = device.Options.User, password = device.Options.Password }))["id"];
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);
        await page.GotoAsync($"{product.Url}/cameras/{id}");
        var panel = page.GetByTestId("ptz");

        // The stick: the further, the faster; let go, it stands.
        var stick = panel.GetByTestId("joystick");
        await stick.ScrollIntoViewIfNeededAsync();
        var box = (await stick.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width - 1, box.Y + (box.Height / 2), new MouseMoveOptions { Steps = 4 });
        await Eventually.TrueAsync(() => device.Ptz.Moves.Any(m => m.StartsWith("continuous 0.9", StringComparison.Ordinal) || m.StartsWith("continuous 1 ", StringComparison.Ordinal)));
        // Longer than a move lasts that nobody confirms.
        int before = device.Ptz.Moves.Count;
        await Eventually.TrueAsync(() => device.Ptz.Moves.Count >= before + 3);
        Assert.DoesNotContain("stop", device.Ptz.Moves);
        await page.Mouse.UpAsync();
        await StandsAsync(device, stops: 1);

        // Keys, two at a time.
        await panel.FocusAsync();
        await page.Keyboard.DownAsync("ArrowLeft");
        await Eventually.TrueAsync(() => device.Ptz.Moves[^1] == "continuous -0.5 0 0");
        await page.Keyboard.DownAsync("ArrowUp");
        await Eventually.TrueAsync(() => device.Ptz.Moves[^1] == "continuous -0.5 0.5 0");
        await page.Keyboard.UpAsync("ArrowLeft");
        await page.Keyboard.UpAsync("ArrowUp");
        await StandsAsync(device, stops: 2);

        // Somebody who leaves lets go.
        await page.Keyboard.DownAsync("+");
        await Eventually.TrueAsync(() => device.Ptz.Moves[^1] == "continuous 0 0 0.5");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).First.ClickAsync();
        await StandsAsync(device, stops: 3);
        await page.Keyboard.UpAsync("+");

        await page.GotoAsync($"{product.Url}/cameras/{id}");
        await panel.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Door" }).First.ClickAsync();
        await Eventually.TrueAsync(() => device.Ptz.Moves[^1] == "preset 1");
        await page.Keyboard.PressAsync("2");
        await Eventually.TrueAsync(() => device.Ptz.Moves[^1] == "preset 2");

        // Another name moves nothing, neither the camera nor the place.
        int moves = device.Ptz.Moves.Count;
        await panel.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Actions for Door" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new PageGetByRoleOptions { Name = "Rename" }).ClickAsync();
        await Assertions.Expect(panel.GetByLabel("New name of Door")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Front door");
        await page.Keyboard.PressAsync("Enter");
        await panel.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Actions for Front door" }).WaitForAsync();
        await Assertions.Expect(panel.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Front door" }).First).ToBeFocusedAsync();
        Assert.Equal(("Door", moves), (device.Ptz.Presets["1"], device.Ptz.Moves.Count));
        Assert.DoesNotContain("SetPreset", device.Requests);
        chromium.AssertNoErrors();
    }

    private static Task StandsAsync(FakeDevice device, int stops) =>
        Eventually.TrueAsync(() => !device.Ptz.IsMoving && device.Ptz.Moves[^1] == "stop" && device.Ptz.Moves.Count(m => m == "stop") >= stops);
}
