using System.Globalization;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Somebody draws a region on a recorded picture and is shown when something moved in it.</summary>
public sealed class MotionSearchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_region_is_drawn_and_what_moved_in_it_is_found_and_played()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        string id = await product.Api.AddCameraAsync("Yard", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        var begin = TimeProvider.System.GetUtcNow();
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow() - begin > TimeSpan.FromSeconds(12), s_deadline);

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        await page.GotoAsync($"{product.Url}/playback?camera={id}&at={Text(begin.AddSeconds(10))}&view={Text(begin)},10&paused=1");
        await page.Locator("video[data-state=ready]").WaitForAsync();
        await page.Keyboard.PressAsync("/");

        // Along the top of the picture a number counts frames: something changes there all the time.
        var picture = await page.Locator("[data-own-gestures]").BoundingBoxAsync();
        Assert.NotNull(picture);
        await page.Mouse.MoveAsync(picture.X + 5, picture.Y + 4);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(picture.X + (picture.Width / 4), picture.Y + (picture.Height / 8));
        await page.Mouse.MoveAsync(picture.X + (picture.Width / 2), picture.Y + (picture.Height / 6));
        await page.Mouse.UpAsync();
        await page.Locator("[data-region]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Search the region" }).ClickAsync();

        var found = page.GetByRole(AriaRole.List, new PageGetByRoleOptions { Name = "Motion found" }).GetByRole(AriaRole.Button);
        await found.First.WaitForAsync();
        await Eventually.TrueAsync(async () => await found.First.Locator("img").EvaluateAsync<int>("image => image.naturalWidth") == 320, s_deadline);
        await found.First.ClickAsync();
        await Eventually.TrueAsync(() => At(page.Url) is { } at && at < begin.AddSeconds(9), s_deadline);

        // The search stands in the address: whoever opens it has it run.
        await Eventually.TrueAsync(() => page.Url.Contains("motion=", StringComparison.Ordinal) && page.Url.Contains("searched=", StringComparison.Ordinal), s_deadline);
        await page.ReloadAsync();
        await found.First.WaitForAsync();
        await page.Locator("[data-region]").WaitForAsync();
        chromium.AssertNoErrors();
    }

    private static DateTimeOffset? At(string url) =>
        System.Web.HttpUtility.ParseQueryString(new Uri(url).Query)["at"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
