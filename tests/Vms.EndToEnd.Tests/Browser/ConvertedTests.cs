using System.Security.Cryptography;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>An H.265 camera in a browser that plays no H.265: converted live and in playback, while the recording stays what the camera sent.</summary>
public sealed class ConvertedTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task An_H265_camera_is_seen_live_and_in_playback_and_what_is_recorded_stays_H265()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p", "h265");
        await using var product = await ProductRun.StartAsync(directory, ("VMS_TRANSCODES", "2"));
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);

        await page.Locator("video[data-state=playing][data-converted=true]").WaitForAsync();
        Assert.Equal("Converted from H.265", await page.GetByTestId("converted").InnerTextAsync());
        await chromium.CountFramesAsync(id);
        await Eventually.TrueAsync(async () => (await chromium.NumbersSeenAsync()).Count(n => n >= 0) >= 25, s_deadline);
        await ScreenshotAsync(page, "converted-live");

        // A file that is complete before anybody plays it back.
        await Eventually.TrueAsync(() => RecordedFrames.SegmentsOf(product.DataDirectory, id).Count >= 2, s_deadline);
        var segment = RecordedFrames.SegmentsOf(product.DataDirectory, id)[0];
        var before = SHA256.HashData(await File.ReadAllBytesAsync(segment));

        await page.GotoAsync($"{product.Url}/playback?camera={id}&at={DateTimeOffset.UtcNow.AddSeconds(-8):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        await page.Locator("video[data-state=ready]").WaitForAsync();
        Assert.Equal("Converted from H.265", await page.GetByTestId("converted").InnerTextAsync());
        await chromium.CountFramesAsync(id);
        await Eventually.TrueAsync(async () => (await chromium.NumbersSeenAsync()).Count(n => n >= 0) >= 25, s_deadline);
        await ScreenshotAsync(page, "converted-playback");

        // Nor does it decode the samples: backwards is by seeks of the converted video.
        await chromium.WatchPicturesAsync(id);
        await page.Keyboard.PressAsync("j");
        await page.Locator("[data-pictures=seeks]").WaitForAsync();
        await chromium.TakeWatchedAsync();
        var seen = new List<Chromium.Watched>();
        await Eventually.TrueAsync(async () =>
        {
            seen.AddRange(await chromium.TakeWatchedAsync());
            return seen.Select(s => s.Number).Distinct().Count() >= 10;
        }, s_deadline);
        Assert.All(seen, s => Assert.False(s.Decoded));

        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(segment)));
        var judged = await FfProbe.InspectAsync(segment);
        Assert.Equal(("hevc", ""), (judged.Codec, judged.Warnings));
        RecordedFrames.AssertEachExactlyOnce(RecordedFrames.In([segment]), 1);
        // The recorder has one stream of this camera, and that is not the converted one.
        Assert.All(RecordedFrames.SegmentsOf(product.DataDirectory, id), file => Assert.DoesNotContain("h264", Path.GetRelativePath(product.DataDirectory, file), StringComparison.Ordinal));
    }

    private static async Task ScreenshotAsync(IPage page, string name)
    {
        var folder = Path.Combine(TestPaths.Artifacts, "test", "screenshots");
        Directory.CreateDirectory(folder);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
    }
}
