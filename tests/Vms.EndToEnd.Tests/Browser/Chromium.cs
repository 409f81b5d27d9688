using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Debian's Chromium, headless, with a page that fails the test on an unexpected error in its console.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _errors = [];

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page)
    {
        _playwright = playwright;
        _browser = browser;
        Page = page;
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _errors.Add($"{message.Text} ({message.Location})");
        };
    }

    public IPage Page { get; }

    /// <summary>The page has complained about nothing. Not after a server was killed on purpose: the browser logs failed requests.</summary>
    public void AssertNoErrors() => Assert.True(_errors.Count == 0, string.Join('\n', _errors));

    /// <param name="serviceWorkers">Without them nothing stands between the page and the server that is tested.</param>
    /// <param name="anyCertificate">As somebody who has told his browser to trust a certificate that nobody has signed.</param>
    public static async Task<Chromium> StartAsync(
        int width = 1440, int height = 900, ServiceWorkerPolicy serviceWorkers = ServiceWorkerPolicy.Block, bool anyCertificate = false)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = true,
            Args = s_arguments,
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            // The tests find what they click by its English words, whatever the machine speaks.
            Locale = "en-US",
            ServiceWorkers = serviceWorkers,
            IgnoreHTTPSErrors = anyCertificate,
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        await page.AddInitScriptAsync(
            """
            window.__peers = [];
            const NativePeer = window.RTCPeerConnection;
            window.RTCPeerConnection = class extends NativePeer {
              constructor(...rest) { super(...rest); window.__peers.push(this); }
            };
            const canvas = document.createElement("canvas");
            const context = canvas.getContext("2d", { willReadFrequently: true });
            // The number burnt into a picture; null where it cannot be read.
            window.__numberIn = (picture, width) => {
              const block = width / 40;
              canvas.width = width; canvas.height = 1;
              context.drawImage(picture, 0, Math.round(1.5 * block), width, 1, 0, 0, width, 1);
              const row = context.getImageData(0, 0, width, 1).data;
              const bits = Array.from({ length: 20 }, (_, i) => (row[4 * Math.round((i + 1.5) * block)] > 127 ? 1 : 0));
              const valid = bits[0] === 1 && bits[1] === 0 && bits[19] === 1 && bits.slice(2, 19).reduce((a, b) => a ^ b, 0) === 0;
              return valid ? bits.slice(2, 18).reduce((n, bit) => 2 * n + bit, 0) : null;
            };
            """);
        return new Chromium(playwright, browser, page);
    }

    /// <param name="url">Where the product's pages are fetched; null for its plain port.</param>
    public async Task SignInAsync(ProductRun product, string? url = null)
    {
        await Page.GotoAsync((url ?? product.Url) + "/login");
        await Page.GetByLabel("User name").FillAsync("admin");
        await Page.GetByLabel("Password").FillAsync(ProductRun.AdminPassword);
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync("**/live*");
    }

    /// <summary>Counts frames as they are shown, and reads the number burnt into each from its pixels.</summary>
    public Task CountFramesAsync(string cameraId) => Page.EvaluateAsync(
        """
        (id) => {
          const video = document.querySelector(`video[data-camera-id="${id}"]`);
          const seen = (window.__seen = { frames: 0, numbers: [], shownMs: [], maxGapMs: 0 });
          let last = 0;
          const onFrame = (now, metadata) => {
            seen.frames++;
            if (last) seen.maxGapMs = Math.max(seen.maxGapMs, now - last);
            last = now;
            seen.numbers.push(window.__numberIn(video, video.videoWidth));
            seen.shownMs.push(metadata.expectedDisplayTime);
            video.requestVideoFrameCallback(onFrame);
          };
          video.requestVideoFrameCallback(onFrame);
        }
        """, cameraId);

    /// <summary>Notes down each picture of a playback tile as it is seen, be it the video or a decoded picture over it, and when keys are pressed.</summary>
    public Task WatchPicturesAsync(string cameraId) => Page.EvaluateAsync(
        """
        (id) => {
          const video = document.querySelector(`video[data-camera-id="${id}"]`);
          const single = document.querySelector(`canvas[data-camera-id="${id}"]`);
          const watched = (window.__watched = []);
          let pressed = 0, last = null;
          window.addEventListener("keydown", () => { pressed = performance.now(); }, true);
          const look = () => {
            const decoded = !single.hidden;
            const [picture, width] = decoded ? [single, single.width] : [video, video.videoWidth];
            const number = width > 0 ? (window.__numberIn(picture, width) ?? -1) : -1;
            if (number !== last?.number || decoded !== last.decoded) {
              const now = performance.now();
              watched.push((last = { number, decoded, now, sinceKeyMs: pressed ? now - pressed : -1 }));
              pressed = 0;
            }
            requestAnimationFrame(look);
          };
          look();
        }
        """, cameraId);

    /// <summary>What was seen since the last call; the picture that is seen now comes again as the first of the next.</summary>
    public async Task<IReadOnlyList<Watched>> TakeWatchedAsync()
    {
        var values = await Page.EvaluateAsync<double[]>(
            "() => { const w = window.__watched; const all = w.flatMap((p) => [p.number, p.decoded ? 1 : 0, p.now, p.sinceKeyMs]); w.splice(0, w.length - 1); return all; }");
        return [.. values.Chunk(4).Select(v => new Watched((int)v[0], v[1] == 1, v[2], v[3]))];
    }

    /// <param name="Number">Burnt into the picture; -1 where it could not be read.</param>
    /// <param name="Decoded">A picture that the page decoded; else the video.</param>
    /// <param name="AtMs">By the page's clock.</param>
    /// <param name="SinceKeyMs">Since a key was pressed, of which it is the first consequence; else -1.</param>
    public sealed record Watched(int Number, bool Decoded, double AtMs, double SinceKeyMs);

    public Task<int> FramesSeenAsync() => Page.EvaluateAsync<int>("() => window.__seen.frames");

    /// <summary>Frame numbers read from the pixels, in the order shown; -1 where a picture had none.</summary>
    public Task<int[]> NumbersSeenAsync() => Page.EvaluateAsync<int[]>("() => window.__seen.numbers.map((n) => n ?? -1)");

    public Task<double> LongestPauseMsAsync() => Page.EvaluateAsync<double>("() => window.__seen.maxGapMs");

    /// <summary>What was shown since the counting began or the last call: burnt-in number, or -1 where it could not be read, and when, by
    /// <see cref="FrameStamp.NowNs"/>.</summary>
    public async Task<IReadOnlyList<(int Number, long ShownNs)>> TakeShownAsync()
    {
        var (page, here) = await ClocksAsync();
        var frames = await Page.EvaluateAsync<double[]>(
            "() => { const s = window.__seen; const all = s.numbers.flatMap((n, i) => [n ?? -1, s.shownMs[i]]); s.numbers = []; s.shownMs = []; s.maxGapMs = 0; return all; }");
        return [.. frames.Chunk(2).Select(f => ((int)f[0], here + (long)((f[1] - page) * 1e6)))];
    }

    /// <summary>The page's clock and ours at one moment: of ten readings the one with the shortest way.</summary>
    private async Task<(double PageMs, long HereNs)> ClocksAsync()
    {
        var best = (PageMs: 0d, HereNs: 0L, Way: long.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            var before = FrameStamp.NowNs;
            var page = await Page.EvaluateAsync<double>("() => performance.now()");
            var way = FrameStamp.NowNs - before;
            if (way < best.Way)
                best = (page, before + (way / 2), way);
        }

        return (best.PageMs, best.HereNs);
    }

    /// <summary>What WebRTC has received since the page was opened.</summary>
    public async Task<Received> ReceivedAsync()
    {
        var values = await Page.EvaluateAsync<double[]>(
            """
            async () => {
              let video;
              // A connection that has just been made has no figures yet.
              for (let tries = 0; !video && tries < 100; tries++) {
                if (tries > 0) await new Promise((later) => setTimeout(later, 50));
                video = [...(await window.__peers.at(-1).getStats()).values()].find((s) => s.type === "inbound-rtp" && s.kind === "video");
              }
              return [window.__peers.length, video.timestamp / 1000, video.framesReceived, video.framesDropped, video.packetsLost];
            }
            """);
        return new Received((int)values[0], values[1], (long)values[2], (long)values[3], (long)values[4]);
    }

    /// <param name="Peers">Connections made so far: one more is a reconnect.</param>
    /// <param name="Seconds">When the numbers were taken, on the browser's clock.</param>
    public sealed record Received(int Peers, double Seconds, long FramesReceived, long FramesDropped, long PacketsLost);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
