using System.Text.Json;
using Microsoft.Playwright;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>What axe-core finds wrong with a page as it is shown now: WCAG 2.2 A and AA, and its own good practice.</summary>
internal static class Accessibility
{
    private static readonly string s_axe = File.ReadAllText(Path.Combine(TestPaths.Repository, "web", "node_modules", "axe-core", "axe.min.js"));

    /// <summary>In the dark theme and in the light one.</summary>
    public static async Task AssertAsync(IPage page)
    {
        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await page.WaitForFunctionAsync(
                "(theme) => document.documentElement.dataset.theme === theme", scheme == ColorScheme.Dark ? "dark" : "light");
            await page.EvaluateAsync(s_axe);
            var found = await page.EvaluateAsync<JsonElement>(
                """
                async () => {
                  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
                  const { violations } = await axe.run(document, { runOnly: tags });
                  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join(", ")}`);
                }
                """);
            Assert.True(found.GetArrayLength() == 0, $"{page.Url}, {scheme}: {found}");
        }
    }
}
