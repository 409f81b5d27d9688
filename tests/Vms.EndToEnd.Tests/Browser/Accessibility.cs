using System.Text.Json;
using Microsoft.Playwright;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>What axe-core finds wrong with a page: WCAG 2.1, A and AA.</summary>
internal static class Accessibility
{
    private static readonly string s_axe = File.ReadAllText(Path.Combine(TestPaths.Repository, "web", "node_modules", "axe-core", "axe.min.js"));

    /// <summary>Asked again by the clock: with each frame, as Playwright does it by itself, nothing is asked of a page that paints none.</summary>
    private static readonly PageWaitForFunctionOptions s_withoutFrames = new() { PollingInterval = 50 };

    /// <summary>Colours half-way from one to another are nobody's fault. In every page that is opened from now on.</summary>
    public static Task StandStillAsync(IPage page) => page.AddInitScriptAsync(
        """
        const still = new CSSStyleSheet();
        still.replaceSync("*, ::before, ::after { animation: none !important; transition: none !important; caret-color: transparent !important }");
        document.adoptedStyleSheets = [still];
        """);

    /// <summary>Waits until a page shows what it is about: nothing is loading, neither as grey shapes nor in words.</summary>
    public static async Task AwaitReadyAsync(IPage page)
    {
        await page.Locator("main").First.WaitForAsync();
        await page.WaitForFunctionAsync(
            """
            () => document.querySelector("main h1, main h2, [role=dialog] h2") !== null && document.querySelector(".animate-pulse") === null
              && document.fonts.status === "loaded"
            """, options: s_withoutFrames);
    }

    /// <returns>Nothing, or a line for each fault: in which theme, which rule, where and why.</returns>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IPage page, string what)
    {
        var faults = new List<string>();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        foreach (var theme in (string[])["dark", "light"])
        {
            await ChooseThemeAsync(page, theme);
            var found = await LookAsync(page);
            // What comes and goes while somebody looks (a line of a list that is being replaced) is not how the page is.
            if (found.Count > 0)
            {
                await AwaitReadyAsync(page);
                found = [.. found.Intersect(await LookAsync(page))];
            }

            faults.AddRange(found.Select(fault => $"{what}, {theme}: {fault}"));
        }

        return faults;
    }

    /// <summary>As another window of this browser chooses it. Chromium tells a page that the system's theme changed with its next frame, and a page in which nothing moves may wait for that one.</summary>
    private static async Task ChooseThemeAsync(IPage page, string theme)
    {
        await page.EvaluateAsync(
            """
            (theme) => {
              localStorage.setItem("vms.theme", theme);
              dispatchEvent(new StorageEvent("storage", { key: "vms.theme", newValue: theme }));
            }
            """, theme);
        await page.WaitForFunctionAsync("(theme) => document.documentElement.dataset.theme === theme", theme, s_withoutFrames);
    }

    private static async Task<List<string>> LookAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
            await page.EvaluateAsync(s_axe);
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async () => {
              const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"] });
              const why = (n) => [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ");
              return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id} at ${n.target.join(" ")} ${n.html.slice(0, 160)}: ${why(n)}`));
            }
            """);
        return [.. found.EnumerateArray().Select(f => f.GetString()!)];
    }
}
