using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The first five minutes of an administrator: the link from the log, an account, the first camera.</summary>
public sealed partial class FirstRunTests
{
    private const string Password = "a calm blue door";

    [Fact]
    public async Task An_administrator_sets_up_a_new_installation_with_the_link_from_the_log()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartUnconfiguredAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        string link = Link().Match(product.Log).Groups[1].Value;

        await page.GotoAsync(link);
        await SetPasswordAsync(page, "short");
        await page.GetByText("Use at least").WaitForAsync();
        await SetPasswordAsync(page, Password);

        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("Entrance");
        await page.GetByLabel("Stream address").FillAsync(cameras.UrlOf(1));
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Locator("video[data-state=playing]").WaitForAsync();

        // A still of it stands in the list.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('li img')].some((i) => i.naturalWidth === 256)");

        // The link has done its work.
        await using var second = await Chromium.StartAsync();
        await second.Page.GotoAsync(link);
        await SetPasswordAsync(second.Page, Password);
        await second.Page.GetByText("has an administrator already").WaitForAsync();
    }

    private static async Task SetPasswordAsync(IPage page, string password)
    {
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(password);
        await page.GetByLabel("Password again").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Create administrator" }).ClickAsync();
    }

    [GeneratedRegex("setup link: (http[^ \r\n]+)")]
    private static partial Regex Link();
}
