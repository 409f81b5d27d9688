using System.Globalization;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The archive backwards and by steps: every frame, in its order, where the browser decodes the samples; by seeks where it does not.</summary>
public sealed class ReversePlayTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    /// <summary>A proxy that knows nothing of WebSockets: those of the samples are refused.</summary>
    private const string NoSampleSockets =
        """
        window.WebSocket = class extends window.WebSocket {
          constructor(url, ...rest) { super(String(url).replace("/playback/samples", "/no"), ...rest); }
        };
        """;

    [Fact]
    public async Task Every_frame_is_seen_backwards_and_step_by_step_and_without_a_decoder_seeks_do()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        // Two files that are complete and one that is being written: playing backwards crosses from one to the other.
        await Eventually.TrueAsync(() => RecordedFrames.SegmentsOf(product.DataDirectory, id).Count >= 3, s_deadline);
        var at = TimeProvider.System.GetUtcNow().AddSeconds(-3);

        await using (var chromium = await OpenAsync(product, id, at))
        {
            await StepsAreExactAsync(chromium, cameras.LoopOf(1), 5, "samples");
            await PlaysBackwardsAsync(chromium, cameras.LoopOf(1));
            await PlaysOnForwardsAsync(chromium, cameras.LoopOf(1));
            await PlaysBackwardsFastAsync(chromium, cameras.LoopOf(1));
            chromium.AssertNoErrors();
        }

        await using (var chromium = await OpenAsync(product, id, at, "delete window.VideoDecoder;"))
        {
            await StepsAreExactAsync(chromium, cameras.LoopOf(1), 2, "seeks");
            chromium.AssertNoErrors();
        }

        // The browser says itself in the console that a connection was refused.
        await using (var chromium = await OpenAsync(product, id, at, NoSampleSockets))
            await StepsAreExactAsync(chromium, cameras.LoopOf(1), 2, "seeks");
    }

    private static async Task<Chromium> OpenAsync(ProductRun product, string id, DateTimeOffset at, params string[] scripts)
    {
        var chromium = await Chromium.StartAsync();
        foreach (var script in scripts)
            await chromium.Page.AddInitScriptAsync(script);
        chromium.Page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        var time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        await chromium.Page.GotoAsync($"{product.Url}/playback?camera={id}&at={time}&paused=1");
        await chromium.Page.Locator("video[data-state=ready]").WaitForAsync();
        await chromium.WatchPicturesAsync(id);
        // The frame that is wanted, and not one that the video shows on its way there: nothing new in twenty looks.
        int calm = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                bool isThere = await chromium.Page.EvaluateAsync<bool>("() => { const v = document.querySelector('video[data-state=ready]'); return !v.seeking && v.readyState >= 3; }");
                calm = isThere && await chromium.TakeWatchedAsync() is [{ Number: >= 0 }] ? calm + 1 : 0;
                return calm >= 20;
            },
            s_deadline);
        return chromium;
    }

    /// <summary>So many frames on and back again, one by one: each is the neighbour of the one before.</summary>
    private static async Task StepsAreExactAsync(Chromium chromium, int loop, int steps, string how)
    {
        var shown = (await chromium.TakeWatchedAsync())[^1].Number;
        var first = shown;
        var times = new List<double>();
        foreach (var direction in Enumerable.Repeat(1, steps).Concat(Enumerable.Repeat(-1, steps)))
        {
            await chromium.Page.Keyboard.PressAsync(direction > 0 ? "." : ",");
            IReadOnlyList<Chromium.Watched> seen = [];
            await Eventually.TrueAsync(async () => (seen = [.. seen, .. await chromium.TakeWatchedAsync()])[^1].Number != shown, s_deadline);
            Assert.Equal((shown + direction + loop) % loop, seen[^1].Number);
            Assert.Equal(how == "samples", seen[^1].Decoded);
            times.Add(seen.First(s => s.Number == seen[^1].Number).SinceKeyMs);
            shown = seen[^1].Number;
        }

        Assert.Equal(first, shown);
        Assert.Equal(how, await chromium.Page.Locator("[data-pictures]").GetAttributeAsync("data-pictures"));
        Soak.Measured($"one frame on or back by {how}: first {times[0]:0} ms, then {string.Join(' ', times.Skip(1).Order().Select(t => t.ToString("0", CultureInfo.InvariantCulture)))} ms");
    }

    private static async Task PlaysBackwardsAsync(Chromium chromium, int loop)
    {
        await chromium.TakeWatchedAsync();
        await chromium.Page.Keyboard.PressAsync("j");
        var seen = new List<Chromium.Watched>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen.AddRange((await chromium.TakeWatchedAsync()).Skip(seen.Count == 0 ? 0 : 1));
                return seen[^1].AtMs - seen[0].AtMs > 5_000;
            },
            s_deadline);
        await chromium.Page.Keyboard.PressAsync("k");

        // The first is the one that rested, until the key was pressed.
        seen.RemoveAt(0);
        Assert.All(seen, s => Assert.True(s is { Number: >= 0, Decoded: true }, $"{s}"));
        var backwards = seen.Zip(seen.Skip(1), (a, b) => (a.Number - b.Number + loop) % loop).ToList();
        var perSecond = backwards.Count / ((seen[^1].AtMs - seen[0].AtMs) / 1_000);
        var pause = seen.Zip(seen.Skip(1), (a, b) => b.AtMs - a.AtMs).Max();
        Soak.Measured(
            $"backwards at 1x in Chromium: {perSecond:0.0} frames a second, {backwards.Count(b => b == 1) * 100 / backwards.Count} % next to the one before, longest pause {pause:0} ms");
        // Far from half a loop: each is older than the one before.
        Assert.All(backwards, b => Assert.InRange(b, 1, loop / 4));
        Assert.True(perSecond >= 15, $"{perSecond:0.0} frames a second");
    }

    /// <summary>From the frame at which it stood, without black and without another frame in between.</summary>
    private static async Task PlaysOnForwardsAsync(Chromium chromium, int loop)
    {
        await chromium.Page.Locator("button[aria-label='Play backwards']").WaitForAsync();
        await chromium.TakeWatchedAsync();
        await chromium.Page.Keyboard.PressAsync("l");
        var seen = new List<Chromium.Watched>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen.AddRange((await chromium.TakeWatchedAsync()).Skip(seen.Count == 0 ? 0 : 1));
                return seen.Count(s => !s.Decoded) >= 25;
            },
            s_deadline);
        Assert.All(seen, s => Assert.NotEqual(-1, s.Number));
        Assert.All(seen.Zip(seen.Skip(1), (a, b) => (b.Number - a.Number + loop) % loop), on => Assert.InRange(on, 0, loop / 4));
        var change = seen.FindIndex(s => !s.Decoded);
        Soak.Measured($"from the decoded picture to the video: {(seen[change].Number - seen[0].Number + loop) % loop} frames on, after {seen[change].SinceKeyMs:0} ms");
    }

    /// <summary>At eight times the speed, keyframes are seen.</summary>
    private static async Task PlaysBackwardsFastAsync(Chromium chromium, int loop)
    {
        await chromium.Page.Keyboard.PressAsync("k");
        await chromium.Page.GetByLabel("Speed").SelectOptionAsync("8");
        await chromium.TakeWatchedAsync();
        await chromium.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Play backwards" }).ClickAsync();
        var seen = new List<Chromium.Watched>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen.AddRange((await chromium.TakeWatchedAsync()).Skip(seen.Count == 0 ? 0 : 1).Where(s => s.Decoded));
                return seen.Count >= 6;
            },
            s_deadline);
        Assert.All(seen.Skip(1).Zip(seen.Skip(2), (a, b) => (a.Number - b.Number + loop) % loop), back => Assert.InRange(back, 1, loop / 2));
    }
}
