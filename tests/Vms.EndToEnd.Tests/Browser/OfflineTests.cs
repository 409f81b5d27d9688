using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The client is installed, and the server is away: its pages say so and come back by themselves.</summary>
public sealed class OfflineTests
{
    [Fact]
    public async Task Without_the_server_the_client_says_so_up_to_the_sign_in_and_is_back_by_itself_as_soon_as_the_server_is()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync(serviceWorkers: ServiceWorkerPolicy.Allow);
        await using var nobody = await Chromium.StartAsync(serviceWorkers: ServiceWorkerPolicy.Allow);
        await InstallAsync(nobody.Page, product);
        await nobody.Page.GetByLabel("Language").SelectOptionAsync("Deutsch");
        await nobody.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Anmelden" }).WaitForAsync();
        var page = chromium.Page;
        await InstallAsync(page, product);
        await chromium.SignInAsync(product);
        await Accessibility.AwaitReadyAsync(page);

        // Pages that were never open before: nothing of them is here but what the service worker has kept.
        await product.StopAsync();
        await page.GotoAsync(product.Url + "/settings/users");
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "The server does not answer" }).WaitForAsync();
        Assert.Empty(await Accessibility.FaultsAsync(page, "the page without the server"));
        Assert.Empty(await KeptOfServerAsync(page));

        // Whoever is signed in nowhere has the sign-in, in the language that was chosen.
        await nobody.Page.GotoAsync(product.Url + "/playback");
        await nobody.Page.WaitForURLAsync("**/login*");
        var note = nobody.Page.GetByText("Der Server antwortet nicht.");
        await note.WaitForAsync();
        await nobody.Page.EvaluateAsync("() => { window.__same = true; }");

        // Nobody touches anything, and both are back: the page by loading itself, the sign-in as it stands.
        await product.UpAsync();
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Users" }).First.WaitForAsync();
        await page.GetByText("admin").First.WaitForAsync();
        await note.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        Assert.True(await nobody.Page.EvaluateAsync<bool>("() => window.__same"));
        await nobody.Page.GetByLabel("Benutzername").FillAsync("admin");
        await nobody.Page.GetByLabel("Passwort").FillAsync(ProductRun.AdminPassword);
        await nobody.Page.Keyboard.PressAsync("Enter");
        await nobody.Page.WaitForURLAsync("**/playback*");
    }

    /// <summary>The service worker has what it keeps.</summary>
    private static async Task InstallAsync(IPage page, ProductRun product)
    {
        await page.GotoAsync(product.Url + "/login");
        await page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => undefined)");
    }

    /// <summary>What of the server's own words was kept for later: nothing may be.</summary>
    private static Task<string[]> KeptOfServerAsync(IPage page) => page.EvaluateAsync<string[]>(
        """
        async () => {
          const caches = await Promise.all((await self.caches.keys()).map((name) => self.caches.open(name)));
          const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat();
          return requests.map(({ url }) => new URL(url).pathname).filter((path) => /^\/(api|health|hls|webrtc|mse)/.test(path));
        }
        """);
}
