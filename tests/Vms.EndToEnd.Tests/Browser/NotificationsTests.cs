using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>A rule wants to be heard and tells somebody: in the page that is open, and by web push where none is.</summary>
public sealed class NotificationsTests
{
    /// <summary>Notes down each tone that the page plays: nobody listens here.</summary>
    private const string Listen =
        """
        window.__tones = [];
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...at) { window.__tones.push(this.type); return start.apply(this, at); };
        """;

    [Fact]
    public async Task A_rule_that_tells_and_sounds_reaches_the_open_page_once_and_stays_in_its_list()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync(serviceWorkers: ServiceWorkerPolicy.Allow);
        var page = chromium.Page;
        await page.AddInitScriptAsync(Listen);
        await page.Context.GrantPermissionsAsync(["notifications"]);
        await chromium.SignInAsync(product);
        await page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => undefined)");
        await page.GotoAsync(product.Url + "/settings/notifications");
        await page.GetByText("Allowed", new PageGetByTextOptions { Exact = true }).WaitForAsync();
        await using var second = await OpenSecondAsync(page, product);

        await product.Api.PostAsync("/api/rules", new
        {
            name = "Gate",
            when = new { types = new[] { "door.opened" } },
            actions = new object[] { new { type = "sound", sound = "siren" }, new { type = "push", title = "The gate is open" } },
        });
        await product.Api.PostAsync("/api/events", new { type = "door.opened" });

        // The desktop shows it, once for both windows.
        await Eventually.TrueAsync(async () => (await ShownAsync(page)) is ["The gate is open"]);
        var marked = new PageGetByRoleOptions { Name = "Account: admin. Notifications, 1 new" };
        await page.GetByRole(AriaRole.Button, marked).WaitForAsync();
        await second.Page.GetByRole(AriaRole.Button, marked).WaitForAsync();
        // A siren has six tones: both have heard of it, and one plays them.
        await Eventually.TrueAsync(async () => await TonesAsync(page) + await TonesAsync(second.Page) == 6);

        // It is in the list, which a reload does not lose.
        Assert.Equal(0, Math.Min(await TonesAsync(page), await TonesAsync(second.Page)));
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Button, marked).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new PageGetByRoleOptions { Name = "Notifications, 1 new" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("The gate is open").WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Account: admin", Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task Quiet_hours_that_are_set_in_the_page_hold_but_for_what_breaks_through()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);
        await page.GotoAsync(product.Url + "/settings/notifications");
        await page.GetByLabel("Tell me nothing at certain hours").CheckAsync();
        await page.GetByLabel("From").FillAsync("00:00");
        await page.GetByLabel("To", new PageGetByLabelOptions { Exact = true }).FillAsync("23:59");
        await page.GetByText("Every day from 00:00 to 23:59").WaitForAsync();
        await page.GetByLabel("Number plates").CheckAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByText("Saved", new PageGetByTextOptions { Exact = true }).WaitForAsync();

        var saved = await product.Api.GetAsync("/api/notifications/preferences");
        Assert.Equal(("00:00", "23:59", "plate.*"), (saved["quiet"]!["from"]!.GetValue<string>(), saved["quiet"]!["to"]!.GetValue<string>(), saved["through"]![0]!.GetValue<string>()));

        // Whoever tries it is told in any case; without permission the page itself shows it.
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Send a test" }).ClickAsync();
        await page.GetByRole(AriaRole.Listitem).GetByText("This is a test.").WaitForAsync();
    }

    [Fact]
    public async Task What_is_pushed_is_shown_without_a_page_that_listens()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync(serviceWorkers: ServiceWorkerPolicy.Allow);
        var page = chromium.Page;
        await page.Context.GrantPermissionsAsync(["notifications"]);
        await page.GotoAsync(product.Url + "/login");
        await page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => undefined)");

        await PushAsync(page, product, """{"id":"e1","title":"Gate","text":"first","url":"/live"}""");
        await Eventually.TrueAsync(async () => (await ShownAsync(page)) is ["Gate"]);
        // The same event again takes its place.
        await PushAsync(page, product, """{"id":"e1","title":"Gate, still","text":"second","url":"/live"}""");
        await Eventually.TrueAsync(async () => (await ShownAsync(page)) is ["Gate, still"]);
    }

    /// <summary>Another window of the same browser, signed in as the first.</summary>
    private static async Task<SecondWindow> OpenSecondAsync(IPage page, ProductRun product)
    {
        var window = await page.Context.NewPageAsync();
        await window.AddInitScriptAsync(Listen);
        await window.GotoAsync(product.Url + "/settings/notifications");
        await window.GetByText("Allowed", new PageGetByTextOptions { Exact = true }).WaitForAsync();
        return new SecondWindow(window);
    }

    private sealed record SecondWindow(IPage Page) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Page.CloseAsync();
    }

    private static Task<int> TonesAsync(IPage page) => page.EvaluateAsync<int>("() => window.__tones.length");

    /// <summary>Titles of what the service worker shows now.</summary>
    private static Task<string[]> ShownAsync(IPage page) => page.EvaluateAsync<string[]>(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => n.title)");

    /// <summary>As the push service of the browser's maker delivers it, which nothing here can reach.</summary>
    private static async Task PushAsync(IPage page, ProductRun product, string data)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        var known = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        devtools.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, told) =>
        {
            if (told?.GetProperty("registrations").EnumerateArray().FirstOrDefault() is { ValueKind: System.Text.Json.JsonValueKind.Object } registration)
                known.TrySetResult(registration.GetProperty("registrationId").GetString()!);
        };
        await devtools.SendAsync("ServiceWorker.enable");
        await devtools.SendAsync("ServiceWorker.deliverPushMessage", new Dictionary<string, object>
        {
            ["origin"] = product.Url,
            ["registrationId"] = await known.Task.WaitAsync(TimeSpan.FromSeconds(30)),
            ["data"] = data,
        });
        await devtools.DetachAsync();
    }
}
