using System.Globalization;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Small pictures of the past where somebody looks for something: above the pointer on the timeline, and on clips.</summary>
public sealed class PreviewTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_pointer_on_the_timeline_shows_its_time_and_a_clip_shows_how_it_begins()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory, ("VMS_PREVIEW_SECONDS", "2"));
        string id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await Eventually.TrueAsync(() => RecordedFrames.SegmentsOf(product.DataDirectory, id).Count >= 2, s_deadline);
        string closed = RecordedFrames.SegmentsOf(product.DataDirectory, id)[0];
        await Eventually.TrueAsync(() => File.Exists(Path.ChangeExtension(closed, ".previews")), s_deadline);

        var from = TimeProvider.System.GetUtcNow().AddSeconds(-8);
        await product.Api.PostAsync("/api/clips", new { name = "Delivery", cameraIds = new[] { id }, from = Text(from), to = Text(from.AddSeconds(5)) });

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        // The wanted time stands in the middle.
        await page.GotoAsync($"{product.Url}/playback?camera={id}&at={Text(from)}&view={Text(from.AddSeconds(-10))},20&paused=1");
        await page.Locator("video[data-state=ready]").WaitForAsync();
        await page.GetByRole(AriaRole.Slider, new PageGetByRoleOptions { Name = "Timeline" }).HoverAsync();
        var picture = page.Locator("img[src*='preview.jpg']");
        await picture.First.WaitForAsync();
        Assert.Equal(320, await picture.First.EvaluateAsync<int>("image => image.naturalWidth"));

        await page.GotoAsync(product.Url + "/clips");
        await Eventually.TrueAsync(async () => await picture.CountAsync() == 1 && await picture.First.EvaluateAsync<int>("image => image.naturalWidth") == 320, s_deadline);
        chromium.AssertNoErrors();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
