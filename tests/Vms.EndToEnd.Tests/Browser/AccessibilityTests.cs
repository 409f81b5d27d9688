using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Every page of the web client with something on it, in both themes.</summary>
public sealed partial class AccessibilityTests
{
    [Fact]
    public async Task Every_page_in_either_theme_keeps_the_rules_of_WCAG_2_1_AA()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(3, "360p");
        await using var recorder = await Furniture.StartRecorderAsync(cameras);
        await using var product = await ProductRun.StartAsync(directory);
        var there = await Furniture.MoveInAsync(product, cameras, recorder);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await Accessibility.StandStillAsync(page);
        var faults = new List<string>();
        var looked = new HashSet<string>();

        await LookAtAsync("/login", "/login");
        await LookAtAsync("/setup", "/setup#token=spent");
        await chromium.SignInAsync(product);
        await LookAtAsync("/live", "/live", () => page.Locator("video[data-state=playing]").First.WaitForAsync());
        await LookAtAsync("/live", $"/live?view={there.LayoutId}", () => page.Locator("video[data-state=playing]").First.WaitForAsync());
        await LookAtAsync("/playback", $"/playback?camera={there.CameraId}", () => page.Locator("video[data-state=ready]").First.WaitForAsync());
        await LookAtAsync("/events", "/events", () => page.Locator("li[data-event]").First.WaitForAsync());
        await page.Locator("li[data-type='door.opened'] a").ClickAsync();
        await page.Locator("video[data-state=ready]").First.WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "an event"));
        await LookAtAsync("/events/alarms", "/events/alarms", () => page.GetByText("The door is open").First.WaitForAsync());
        await page.Locator("li[data-alarm] a").Filter(new LocatorFilterOptions { HasText = "The door is open" }).ClickAsync();
        await page.Locator("video[data-state=ready]").First.WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "an alarm"));
        await LookAtAsync("/events/monitoring", "/events/monitoring", () => page.Locator("aside li").First.WaitForAsync());
        await LookAtAsync("/search", "/search", () => page.GetByRole(AriaRole.Search).WaitForAsync());
        await LookAtAsync("/search", "/search?kind=motion", () => page.Locator("[data-own-gestures]").WaitForAsync());
        await LookAtAsync("/search/detections", "/search/detections", () => page.GetByRole(AriaRole.Search).WaitForAsync());
        await LookAtAsync("/search/counts", "/search/counts", () => page.GetByRole(AriaRole.Search).WaitForAsync());
        await LookAtAsync("/clips", "/clips", () => page.GetByText("The ring").First.WaitForAsync());
        await LookAtAsync("/exports", "/exports", () => page.GetByText("For the insurance").First.WaitForAsync());
        await LookAtAsync("/cameras", "/cameras", () => page.Locator("li[data-state=online]").First.WaitForAsync());
        await LookAtAsync("/cameras", "/cameras?edit=new", () => page.GetByRole(AriaRole.Dialog).WaitForAsync());
        await LookAtAsync("/cameras/find", "/cameras/find?subnet=127.0.0.1/32");
        await LookAtAsync("/cameras/devices", "/cameras/devices", () => page.Locator("tbody tr").First.WaitForAsync());
        await LookAtAsync("/cameras/others/:server/:id", "/cameras/others/nowhere/nothing");
        await LookAtAsync("/cameras/recorders", "/cameras/recorders", () => page.GetByText("Cellar").First.WaitForAsync());
        await LookAtAsync("/cameras/recorders/:id", $"/cameras/recorders/{there.RecorderId}", () => page.Locator("main li").First.WaitForAsync());
        await LookAtAsync("/cameras/:id", $"/cameras/{there.CameraId}", () => page.GetByText("640 × 360").First.WaitForAsync());
        await LookAtAsync("/cameras/:id/analytics", $"/cameras/{there.CameraId}/analytics", () => page.Locator("video[data-state=playing]").WaitForAsync());
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Zone" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Put one in the middle" }).ClickAsync();
        await page.Locator("[data-point]").First.WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "a zone that is drawn"));
        await LookAtAsync("/sites", "/sites", () => page.GetByText("Warehouse").First.WaitForAsync());
        await LookAtAsync("/system", "/system");
        await LookAtAsync("/settings", "/settings");
        foreach (var section in (string[])["account", "notifications", "users", "groups", "roles", "sessions", "api-keys", "audit", "plate-lists", "servers", "servers/events", "tenants"])
            await LookAtAsync(section, $"/settings/{section}");
        await LookAtAsync("plate-lists", "/settings/plate-lists?list=new", () => page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).WaitForAsync());
        await LookAtAsync("rules", "/settings/rules", () => page.GetByText("Camera offline").First.WaitForAsync());
        await LookAtAsync("rules/:id", "/settings/rules/new");
        await LookAtAsync("rules/:id", "/settings/rules/new?template=personAtNight", () => page.GetByTestId("sentence").WaitForAsync());
        await LookAtAsync("integrations", "/settings/integrations", () => page.GetByText("Everything has been delivered.").WaitForAsync());
        await LookAtAsync("integrations", "/settings/integrations?set=mqtt", () => page.GetByRole(AriaRole.Dialog).WaitForAsync());
        await LookAtAsync("*", "/nowhere");

        // What lies over a page.
        await LookAtAsync("/cameras", "/cameras");
        await page.Keyboard.PressAsync("?");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "the map of keys"));
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = new Regex("^Long work") }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("done").First.WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "the tray of jobs"));

        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = new Regex("^Account: admin") }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new PageGetByRoleOptions { NameRegex = new Regex("^Notifications") }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        faults.AddRange(await Accessibility.FaultsAsync(page, "the notification centre"));

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(Routes().Except(looked));

        async Task LookAtAsync(string route, string path, Func<Task>? ready = null)
        {
            looked.Add(route);
            await page.GotoAsync(product.Url + path);
            await Accessibility.AwaitReadyAsync(page);
            if (ready is not null)
                await ready();
            faults.AddRange(await Accessibility.FaultsAsync(page, path));
            Soak.Measured($"{path}: {faults.Count}\n{string.Join('\n', faults)}");
        }
    }

    /// <summary>As the client names them: a new page is looked at here, or this fails.</summary>
    private static IEnumerable<string> Routes() =>
        RoutePath().Matches(File.ReadAllText(Path.Combine(TestPaths.Repository, "web", "src", "app", "routes.tsx"))).Select(m => m.Groups[1].Value);

    [GeneratedRegex("path: \"([^\"]+)\"")]
    private static partial Regex RoutePath();
}
