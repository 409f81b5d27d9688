using Vms.EndToEnd.Tests.Browser;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Analysis;

/// <summary>When events came to a page, by the clock of this machine.</summary>
public sealed class EventArrivals
{
    private readonly Chromium _chromium;

    private EventArrivals(Chromium chromium) => _chromium = chromium;

    /// <summary>Opens a page that listens. Signed in.</summary>
    public static async Task<EventArrivals> WatchAsync(Chromium chromium, ProductRun product)
    {
        await chromium.Page.AddInitScriptAsync(
            """
            window.__arrivals = {};
            const NativeSocket = window.WebSocket;
            window.WebSocket = class extends NativeSocket {
              constructor(...rest) {
                super(...rest);
                this.addEventListener("message", ({ data }) => {
                  const said = JSON.parse(data);
                  if (said.type === "event") window.__arrivals[said.event.id] ??= Date.now();
                });
              }
            };
            """);
        await chromium.SignInAsync(product);
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
