using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>What the operator sees: sign in, add a camera, live pictures, playback; and what of it survives a crash.</summary>
public sealed class LiveTests
{
    [Fact]
    public async Task An_operator_signs_in_adds_a_camera_watches_it_and_plays_it_back()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Add camera" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Entrance");
        await page.GetByLabel("Stream address").FillAsync(cameras.UrlOf(1));
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Add camera" }).ClickAsync();
        await page.Locator("li[data-state=online]").WaitForAsync();

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Live" }).ClickAsync();
        await page.Locator("video[data-state=playing]").WaitForAsync();
        var id = await page.Locator("video").GetAttributeAsync("data-camera-id");
        await chromium.CountFramesAsync(id!);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 50);
        Assert.All((await chromium.NumbersSeenAsync()).Skip(1), n => Assert.NotEqual(-1, n));

        await product.Api.AwaitRecordingAsync(id!);
        await Soak.RunForAsync(TimeSpan.FromSeconds(6));
        await page.GotoAsync($"{product.Url}/playback?camera={id}&at={DateTimeOffset.UtcNow.AddSeconds(-6):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        await page.Locator("video[data-state=ready]").WaitForAsync();
        await chromium.CountFramesAsync(id!);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25);
        Assert.Contains(await chromium.NumbersSeenAsync(), n => n >= 0);
        chromium.AssertNoErrors();
    }

    [Fact]
    public async Task A_session_that_a_page_leaves_is_ended_once()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(2, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        foreach (var number in (int[])[1, 2])
            await product.Api.AwaitRecordingAsync(await product.Api.AddCameraAsync($"Camera {number}", cameras.UrlOf(number)));
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        var ended = new ConcurrentQueue<int>();
        page.Response += (_, response) =>
        {
            if (response.Request.Method == "DELETE" && response.Url.Contains("/webrtc/", StringComparison.Ordinal))
                ended.Enqueue(response.Status);
        };
        await chromium.SignInAsync(product);

        const int visits = 10;
        for (var i = 1; i <= visits; i++)
        {
            await Assertions.Expect(page.Locator("video[data-state=playing][data-transport=webrtc]")).ToHaveCountAsync(2);
            await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
            await Eventually.TrueAsync(() => ended.Count == 2 * i);
            await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Live" }).ClickAsync();
        }

        Assert.All(ended, status => Assert.Equal(200, status));
        // Nothing that was left goes on in the browser.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
        await page.WaitForFunctionAsync("() => window.__peers.every((peer) => peer.connectionState === 'closed')");
        chromium.AssertNoErrors();
    }

    [Fact]
    public async Task The_first_live_picture_comes_within_300_ms_of_the_click()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);

        // The first one also loads the page's script: not what an operator at the wall waits for.
        await FirstPictureAsync(page);
        // How long six frames of an idle page take (100 ms) says whether the machine had other things to do.
        var (p95, idle95, all) = await FirstPicturesAsync(page, tries: 20);
        Soak.Measured($"first live picture in Chromium after the click: p95 {p95:0} ms of {all} (WebRTC); six frames of an idle page: p95 {idle95:0} ms");
        Assert.Equal("webrtc", await page.Locator("video").GetAttributeAsync("data-transport"));
        Assert.True(p95 <= 300, $"p95 {p95:0} ms");
    }

    [Fact]
    public async Task A_frame_is_shown_within_100_ms_of_the_camera_sending_it()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing][data-transport=webrtc]").WaitForAsync();
        await chromium.CountFramesAsync(id);
        // What the page does first is not what its viewer sees for hours.
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 50);
        await chromium.TakeShownAsync();
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 250);

        var ages = (await chromium.TakeShownAsync()).Where(f => f.Number >= 0)
            .Select(f => (f.ShownNs - cameras.SentNs(1, f.Number, f.ShownNs)) / 1e6).Order().ToList();
        var p95 = ages[(int)Math.Ceiling(ages.Count * 0.95) - 1];
        Soak.Measured($"from the camera's write to Chromium's screen by WebRTC: p50 {ages[ages.Count / 2]:0} p95 {p95:0} ms of {ages.Count} frames");
        Assert.True(ages.Count >= 150, $"{ages.Count} frames could be read");
        Assert.InRange(p95, 0, 100);

        // What the tile says of it: the server's idea of capture is when the frame arrived, and its clock is asked for by HTTP.
        var said = double.Parse(await chromium.Page.Locator("video").GetAttributeAsync("data-age-ms") ?? "", CultureInfo.InvariantCulture);
        Soak.Measured($"the tile says {said:0} ms");
        Assert.InRange(said, 1, p95 + 100);
    }

    private static async Task<(double P95, double FramesP95, string All)> FirstPicturesAsync(IPage page, int tries)
    {
        var times = new List<double>();
        var frames = new List<double>();
        for (var i = 0; i < tries; i++)
        {
            var (time, idle) = await FirstPictureAsync(page);
            times.Add(time);
            frames.Add(idle);
        }

        return (P95(times), P95(frames), string.Join(' ', times.Order().Select(t => t.ToString("0"))));

        static double P95(List<double> values) => values.Order().ElementAt((int)Math.Ceiling(values.Count * 0.95) - 1);
    }

    /// <summary>From the click itself to the first frame that the browser shows; and before it, how long six frames of the page took.</summary>
    private static async Task<(double Time, double SixFrames)> FirstPictureAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cameras" }).ClickAsync();
        await page.Locator("li[data-state=online]").WaitForAsync();
        var values = await page.EvaluateAsync<double[]>(
            """
            async () => {
              const before = performance.now();
              for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame);
              const start = performance.now();
              const shown = new Promise((resolve) => {
                const watch = new MutationObserver(() => {
                  const video = document.querySelector("video");
                  if (!video) return;
                  watch.disconnect();
                  video.requestVideoFrameCallback(resolve);
                });
                watch.observe(document.body, { childList: true, subtree: true });
              });
              document.querySelector('a[href="/live"]').click();
              return [(await shown) - start, start - before];
            }
            """);
        return (values[0], values[1]);
    }

    [Fact]
    public async Task WebRtc_viewers_lose_no_frame_when_control_recorder_and_ai_are_killed()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing][data-transport=webrtc]").WaitForAsync();
        await chromium.CountFramesAsync(id);
        var first = await FullestAsync(chromium);

        foreach (var victim in (string[])["control", "recorder", "ai"])
        {
            var before = await chromium.FramesSeenAsync();
            await product.KillAndAwaitRestartAsync(victim);
            await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= before + 25);
        }

        // What arrived, not what a busy compositor chose to paint. Frames may come late, and then all at once; what is lost never comes.
        var last = await FullestAsync(chromium);
        var frames = last.FramesReceived - first.FramesReceived;
        var seconds = last.Seconds - first.Seconds;
        Soak.Measured($"WebRTC viewer while control, recorder and ai were killed: {frames} frames in {seconds:0.0} s, {last.PacketsLost} packets lost, "
            + $"{last.FramesDropped - first.FramesDropped} frames dropped, longest pause {await chromium.LongestPauseMsAsync():0} ms");
        Assert.Equal("webrtc", await chromium.Page.Locator("video").GetAttributeAsync("data-transport"));
        Assert.Equal(1, last.Peers);
        Assert.Equal(0, last.PacketsLost);
        Assert.InRange(frames, (seconds * 25) - 3, (seconds * 25) + 3);
    }

    /// <summary>Of fifty looks the one with the most frames for its time: the one with the fewest on their way.</summary>
    private static async Task<Chromium.Received> FullestAsync(Chromium chromium)
    {
        var fullest = await chromium.ReceivedAsync();
        for (var i = 0; i < 50; i++)
        {
            await Soak.RunForAsync(TimeSpan.FromMilliseconds(40));
            var next = await chromium.ReceivedAsync();
            if (next.FramesReceived - fullest.FramesReceived > (next.Seconds - fullest.Seconds) * 25)
                fullest = next;
        }

        return fullest;
    }

    [Fact]
    public async Task Mse_viewers_resume_by_themselves_within_two_seconds_after_control_is_killed()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        // No WebRTC, and media's own port cannot be reached (the recorder's stands in for it, which the page's policy forbids): the front door is left.
        await chromium.Page.AddInitScriptAsync(
            $$"""
            delete window.RTCPeerConnection;
            const Native = window.WebSocket;
            window.WebSocket = class extends Native {
              constructor(url, ...rest) { super(String(url).replace(":{{product.MediaPort}}/", ":{{product.PlaybackPort}}/"), ...rest); }
            };
            """);
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing][data-transport=mse]").WaitForAsync();
        await chromium.CountFramesAsync(id);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25);

        var away = await product.KillAndAwaitRestartAsync("control");
        var before = await chromium.FramesSeenAsync();
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= before + 50);
        var pause = await chromium.LongestPauseMsAsync();
        Soak.Measured($"MSE viewer through the front door while control was killed: longest pause {pause:0} ms; control was away for {away.TotalMilliseconds:0} ms");
        Assert.InRange(pause, 0, 2000);
    }
}
