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
        await Accessibility.AssertAsync(page);
        await SetPasswordAsync(page, Password);

        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("Entrance");
        await page.GetByLabel("Stream address").FillAsync(cameras.UrlOf(1));
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Locator("video[data-state=playing]").WaitForAsync();

        // A still of it stands in the list.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('li img')].some((i) => i.naturalWidth === 256)");

        foreach (string path in (string[])["/live", "/playback", "/clips", "/exports", "/cameras?edit=new", "/system", "/settings", "/nowhere"])
        {
            await page.GotoAsync(product.Url + path);
            await page.GetByText("Entrance").Or(page.GetByRole(AriaRole.Heading)).First.WaitForAsync();
            await Accessibility.AssertAsync(page);
        }

        // The link has done its work.
        await using var second = await Chromium.StartAsync(serviceWorkers: ServiceWorkerPolicy.Allow);
        await second.Page.GotoAsync(link);
        await SetPasswordAsync(second.Page, Password);
        await second.Page.GetByText("has an administrator already").WaitForAsync();

        await AssertSignInIsThereWithoutServerAsync(second.Page, product.Url);
    }

    /// <summary>In the language that was chosen; and nothing that the server said was kept for it.</summary>
    private static async Task AssertSignInIsThereWithoutServerAsync(IPage page, string url)
    {
        await page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => undefined)");
        await page.GotoAsync(url + "/login");
        await page.GetByLabel("Language").SelectOptionAsync("Deutsch");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Anmelden" }).WaitForAsync();

        await page.Context.SetOfflineAsync(true);
        await page.GotoAsync(url + "/playback");
        await page.WaitForURLAsync("**/login*");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Anmelden" }).WaitForAsync();
        Assert.Equal("de", await page.EvaluateAsync<string>("() => document.documentElement.lang"));
        string[] kept = await page.EvaluateAsync<string[]>(
            """
            async () => {
              const caches = await Promise.all((await self.caches.keys()).map((name) => self.caches.open(name)));
              const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat();
              return requests.map(({ url }) => new URL(url).pathname);
            }
            """);
        Assert.Contains("/", kept);
        Assert.DoesNotContain(kept, path => path.StartsWith("/api", StringComparison.Ordinal) || path.StartsWith("/health", StringComparison.Ordinal));
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
