using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Two installations side by side: one shows the cameras and events of the other, and the pictures come straight from there.</summary>
public sealed partial class ServersTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_camera_of_another_server_is_watched_played_and_found_by_its_events()
    {
        using var homeDirectory = new TestDirectory();
        using var harbourDirectory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var home = await ProductRun.StartAsync(homeDirectory);
        await using var harbour = await ProductRun.StartAsync(harbourDirectory, ("VMS_ALLOWED_ORIGINS", home.Url));
        var quay = await harbour.Api.AddCameraAsync("Quay", cameras.UrlOf(1));
        await harbour.Api.AwaitRecordingAsync(quay);
        var key = await harbour.Api.PostAsync("/api/api-keys", new { name = "Head office", grants = new[] { new { roleId = "viewer", scope = "tenant" } } });
        await home.Api.PostAsync("/api/servers", new { name = "Harbour", address = harbour.Url, apiKey = key["key"]!.GetValue<string>() });

        await using var chromium = await Chromium.StartAsync();
        chromium.Page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(home);
        await chromium.Page.GotoAsync(home.Url + "/settings/servers");
        await chromium.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = NameOfQuay() }).ClickAsync();
        await chromium.Page.Locator("video[data-state=playing]").WaitForAsync();
        await chromium.CountFramesAsync(quay);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25, s_deadline);
        Assert.True(await IsWatchedAsync(home, quay));
        chromium.AssertNoErrors();

        await chromium.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Recordings" }).ClickAsync();
        await chromium.Page.Locator("video[data-state=ready]").WaitForAsync();
        await chromium.CountFramesAsync(quay);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25, s_deadline);

        await harbour.Api.PostAsync("/api/events", new { type = "door.opened", cameraId = quay });
        // It is stored a moment after it was taken, and the page asks once.
        await Eventually.TrueAsync(async () => (await harbour.Api.GetAsync("/api/events?type=door.opened"))["items"]!.AsArray().Count > 0, s_deadline);
        await chromium.Page.GotoAsync(home.Url + "/settings/servers/events");
        await chromium.Page.Locator("ol li", new PageLocatorOptions { HasText = "Harbour" }).First.WaitForAsync();
        await harbour.StopAsync();
        await chromium.Page.ReloadAsync();
        await chromium.Page.GetByRole(AriaRole.Status).Filter(new LocatorFilterOptions { HasText = "Harbour is missing" }).WaitForAsync();
    }

    /// <summary>Who was given the way there stands in the audit log of the server that was asked.</summary>
    private static async Task<bool> IsWatchedAsync(ProductRun home, string camera) =>
        (await home.Api.GetAsync("/api/audit?action=server.liveStarted"))["items"]!.AsArray().Any(e => e!["subject"]!.GetValue<string>().EndsWith(camera, StringComparison.Ordinal));

    [GeneratedRegex("^Quay")]
    private static partial Regex NameOfQuay();
}
