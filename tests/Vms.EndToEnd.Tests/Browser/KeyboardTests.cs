using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Somebody without a mouse: Tab, Enter, arrows and letters.</summary>
public sealed class KeyboardTests
{
    /// <summary>Further than this nobody presses Tab.</summary>
    private const int MostTabs = 90;

    [Fact]
    public async Task Every_page_is_reached_and_the_main_ways_are_gone_by_keyboard_alone()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;

        await page.GotoAsync(product.Url + "/login");
        await Assertions.Expect(page.GetByLabel("User name")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("admin");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(ProductRun.AdminPassword);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/live*");

        // A camera is added, from the page that says there is none.
        await TabToAsync(page, Link(page, "Add camera"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Entrance");
        await TabToAsync(page, page.GetByLabel("Stream address"));
        await page.Keyboard.TypeAsync(cameras.UrlOf(1));
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("li[data-state=online]").WaitForAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        foreach (var (name, path) in new[]
        {
            ("Playback", "/playback"), ("Clips", "/clips"), ("Exports", "/exports"), ("Cameras", "/cameras"), ("Sites", "/sites"), ("Health", "/system"), ("Live", "/live"),
        })
        {
            await TabToAsync(page, page.GetByRole(AriaRole.Navigation).First.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = name, Exact = true }));
            await page.Keyboard.PressAsync("Enter");
            await page.WaitForURLAsync($"**{path}*");
            await Accessibility.AwaitReadyAsync(page);
        }

        // A tile is made large and small again.
        await page.Locator("video[data-state=playing]").WaitForAsync();
        var tile = page.Locator("[data-tile]").First;
        await TabToAsync(page, tile);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**camera=*");
        await page.Keyboard.PressAsync("Escape");

        await TabToAsync(page, Link(page, "Settings"));
        await page.Keyboard.PressAsync("Enter");
        foreach (var (name, path) in new[]
        {
            ("Users", "users"), ("Groups of users", "groups"), ("Roles", "roles"), ("Sign-ins", "sessions"), ("API keys", "api-keys"), ("Audit log", "audit"), ("Servers", "servers"),
        })
        {
            await TabToAsync(page, Link(page, name));
            await page.Keyboard.PressAsync("Enter");
            await page.WaitForURLAsync($"**/settings/{path}*");
        }

        // A dialog keeps the focus to itself, and gives it back.
        await TabToAsync(page, Link(page, "Users"));
        await page.Keyboard.PressAsync("Enter");
        var add = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add user" });
        await TabToAsync(page, add);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        for (var i = 0; i < 30; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.closest('[role=dialog]') !== null"));
        }

        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(add).ToBeFocusedAsync();

        // Menus by arrows, and the way out.
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Account: admin" }));
        await page.Keyboard.PressAsync("Enter");
        var signOut = page.GetByRole(AriaRole.Menuitem, new PageGetByRoleOptions { Name = "Sign out" });
        await signOut.WaitForAsync();
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(signOut).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/login*");
        chromium.AssertNoErrors();
    }

    private static ILocator Link(IPage page, string name) => page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true }).First;

    /// <summary>Presses Tab until the focus is there. On the way it never rests on something that nobody sees.</summary>
    private static async Task TabToAsync(IPage page, ILocator target)
    {
        await target.WaitForAsync();
        var passed = new List<string>();
        for (var i = 0; i < MostTabs; i++)
        {
            if (await target.EvaluateAsync<bool>("e => e === document.activeElement"))
                return;
            await page.Keyboard.PressAsync("Tab");
            var stop = await page.EvaluateAsync<string>(
                """
                () => {
                  const e = document.activeElement;
                  const { width, height } = e.getBoundingClientRect();
                  return `${e.tagName} ${e.getAttribute("aria-label") ?? e.textContent.slice(0, 40)} ${Math.round(width)}x${Math.round(height)}`;
                }
                """);
            Assert.False(stop.EndsWith(" 0x0", StringComparison.Ordinal), $"the focus rests on something invisible: {stop}");
            passed.Add(stop);
        }

        Assert.Fail($"Tab does not lead to {target}; it passed:\n{string.Join('\n', passed)}");
    }
}
