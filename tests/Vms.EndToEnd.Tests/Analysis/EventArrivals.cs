using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Browser;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Analysis;

/// <summary>When events came to be seen in the list of events of a browser, by the clock of this machine.</summary>
public sealed class EventArrivals
{
    private readonly Chromium _chromium;

    private EventArrivals(Chromium chromium) => _chromium = chromium;

    /// <summary>Opens the list. Signed in.</summary>
    public static async Task<EventArrivals> WatchAsync(Chromium chromium, ProductRun product)
    {
        await chromium.Page.AddInitScriptAsync(
            """
            window.__arrivals = {};
            new MutationObserver(() => {
              for (const item of document.querySelectorAll("li[data-event]")) window.__arrivals[item.dataset.event] ??= Date.now();
            }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-event"] });
            """);
        await chromium.SignInAsync(product);
        await chromium.Page.GotoAsync(product.Url + "/events");
        await chromium.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Events" }).WaitForAsync();
        return new EventArrivals(chromium);
    }

    /// <summary>Of an event that is stored: it is there, or about to be.</summary>
    public async Task<DateTimeOffset> OfAsync(string eventId)
    {
        double at = 0;
        await Eventually.TrueAsync(async () => (at = await _chromium.Page.EvaluateAsync<double>("(id) => window.__arrivals[id] ?? 0", eventId)) > 0, TimeSpan.FromSeconds(10));
        return DateTimeOffset.FromUnixTimeMilliseconds((long)at);
    }
}
