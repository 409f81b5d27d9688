using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The first five minutes of an administrator: the link from the log, an account, the room for recordings, a camera that is found in the network, when it
/// records.</summary>
public sealed partial class FirstRunTests
{
    private const string Password = "a calm blue door";

    /// <summary>Devices listen there, and nowhere else.</summary>
    private const int DiscoveryPort = 3702;

    [Fact]
    public async Task An_administrator_sets_up_a_new_installation_with_the_link_from_the_log_and_a_camera_from_the_network()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Profiles = [new FakeProfile("profile_1", "main", "source_1", "H264", 640, 360, cameras.UrlOf(1))] });
        await using var discovery = FakeDiscovery.Start(device.Options.Address, DiscoveryPort, multicast: false, device);
        await using var product = await ProductRun.StartUnconfiguredAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        string link = Link().Match(product.Log).Groups[1].Value;

        await page.GotoAsync(link);
        await SetPasswordAsync(page, "short");
        await page.GetByText("Use at least").WaitForAsync();
        await SetPasswordAsync(page, Password);

        await page.GetByText("Recording all the time, this holds about").WaitForAsync();
        await ButtonAsync(page, "Next");

        await page.GetByText("A range of addresses").ClickAsync();
        await page.GetByLabel("Range of addresses", new PageGetByLabelOptions { Exact = true }).FillAsync("127.0.0.1/32");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = Search() }).ClickAsync();
        var card = page.Locator("[data-device]");
        await card.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByLabel("Camera user").FillAsync(device.Options.User);
        await page.GetByLabel("Camera password").FillAsync("wrong");
        await ButtonAsync(page, "Add 1 camera");
        await card.GetByText("It refuses this user name or password").WaitForAsync();
        Assert.Equal(1, device.WrongPasswords);
        await card.GetByLabel("Password").FillAsync(device.Options.Password);
        await card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Try again" }).ClickAsync();
        await card.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Open Fake & Sons" }).WaitForAsync();

        // Left in the middle, it goes on where it was.
        await page.GotoAsync(product.Url + "/setup");
        await page.GetByText("1 camera is there").WaitForAsync();
        await ButtonAsync(page, "Next");
        await page.GetByText("For your camera.").WaitForAsync();
        await page.GetByRole(AriaRole.Radio, new PageGetByRoleOptions { NameRegex = Always() }).CheckAsync();
        await ButtonAsync(page, "Finish and watch live");
        await page.Locator("video[data-state=playing]").WaitForAsync();

        // A still of it stands in the list, and the camera has a page.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('li img')].some((i) => i.naturalWidth === 256)");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = device.Options.Model, Exact = false }).ClickAsync();
        await page.GetByText("640 × 360").WaitForAsync();
        await page.Locator("video[data-state=playing]").WaitForAsync();

        // The link has done its work.
        await using var second = await Chromium.StartAsync();
        await second.Page.GotoAsync(link);
        await SetPasswordAsync(second.Page, Password);
        await second.Page.GetByText("has an administrator already").WaitForAsync();
    }

    private static Task ButtonAsync(IPage page, string name) =>
        page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true }).ClickAsync();

    private static async Task SetPasswordAsync(IPage page, string password)
    {
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(password);
        await page.GetByLabel("Password again").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Create administrator" }).ClickAsync();
    }

    [GeneratedRegex("setup link: (http[^ \r\n]+)")]
    private static partial Regex Link();

    [GeneratedRegex("^Search")]
    private static partial Regex Search();

    [GeneratedRegex("^Always")]
    private static partial Regex Always();
}
