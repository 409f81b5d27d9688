using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>People walk through the picture of a camera: what is found is seen over it, and a zone is drawn on it.</summary>
public sealed class AnalyticsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    /// <summary>Boxes hang behind the picture by what analysis takes; with more they would lie beside whoever walks.</summary>
    private const double MostBehindMs = 1000;

    [Fact]
    public async Task What_is_found_is_drawn_over_the_live_picture_and_a_zone_drawn_with_the_mouse_is_saved()
    {
        using var directory = new TestDirectory();
        var clips = Directory.CreateDirectory(directory["clips"]).FullName;
        File.CreateSymbolicLink(Path.Combine(clips, "vtest.avi"), Path.Combine(TestPaths.Artifacts, "opencv-examples", "vtest.avi"));
        await using var cameras = await SimulatedCameras.StartAsync(1, "demo", "h264", "--clips", clips);
        await using var product = await ProductRun.StartAsync(directory);
        var added = await product.Api.PostAsync("/api/cameras", new
        {
            name = "Yard",
            mainUrl = cameras.UrlOf(1),
            transport = "tcp",
            recording = new { mode = "off" },
            analytics = new { enabled = true, minConfidence = 0.5, trackConfidence = 0.3 },
        });
        var id = added["id"]!.GetValue<string>();

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        await page.Locator("video[data-state=playing]").WaitForAsync();
        Assert.Equal(0, await page.Locator("canvas[data-found]").CountAsync());
        await page.Keyboard.PressAsync("b");
        await AwaitBoxesAsync(page);
        Assert.InRange(await BehindMsAsync(page), 0, MostBehindMs);

        // It is kept, and off again for whoever wants to see the picture alone.
        await page.ReloadAsync();
        await AwaitBoxesAsync(page);
        await page.Keyboard.PressAsync("b");
        await page.Locator("canvas[data-found]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        await page.GotoAsync($"{product.Url}/cameras/{id}/analytics");
        await page.Locator("video[data-state=playing]").WaitForAsync();
        await AwaitBoxesAsync(page);
        var tools = page.GetByRole(AriaRole.Toolbar, new PageGetByRoleOptions { Name = "Draw" });
        await tools.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Zone" }).ClickAsync();
        var shapes = page.Locator("svg[data-drawing=zone]");
        await shapes.WaitForAsync();
        var picture = await shapes.BoundingBoxAsync();
        Assert.NotNull(picture);
        (float X, float Y)[] corners = [(0.25f, 0.25f), (0.75f, 0.25f), (0.75f, 0.75f), (0.25f, 0.75f)];
        foreach (var (x, y) in (IEnumerable<(float X, float Y)>)[.. corners, corners[0]])
            await page.Mouse.ClickAsync(picture.X + (x * picture.Width), picture.Y + (y * picture.Height));

        // The corner below on the right is dragged further out.
        await page.Locator("[data-point='2']").HoverAsync();
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(picture.X + (0.85f * picture.Width), picture.Y + (0.85f * picture.Height), new MouseMoveOptions { Steps = 4 });
        await page.Mouse.UpAsync();
        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("Crossing");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Save" }).ClickAsync();
        await page.GetByText("Not saved yet.").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        var saved = await product.Api.GetAsync($"/api/cameras/{id}");
        var zone = Assert.Single(saved["analytics"]!["zones"]!.AsArray());
        Assert.Equal("Crossing", zone!["name"]!.GetValue<string>());
        var polygon = zone["polygon"]!.AsArray().Select(p => (X: p![0]!.GetValue<double>(), Y: p[1]!.GetValue<double>())).ToList();
        Assert.Equal(4, polygon.Count);
        Assert.All(polygon.Zip([(0.25, 0.25), (0.75, 0.25), (0.85, 0.85), (0.25, 0.75)]), p =>
        {
            Assert.Equal(p.Second.Item1, p.First.X, 0.01);
            Assert.Equal(p.Second.Item2, p.First.Y, 0.01);
        });
        chromium.AssertNoErrors();
    }

    /// <summary>Something is told to be drawn, and there is something on the canvas.</summary>
    private static async Task AwaitBoxesAsync(IPage page) => await Eventually.TrueAsync(
        () => page.EvaluateAsync<bool>(
            """
            () => {
              const canvas = document.querySelector("canvas[data-found]");
              if (!canvas || !(Number(canvas.dataset.boxes) > 0)) return false;
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return data.some((value, i) => i % 4 === 3 && value > 200);
            }
            """),
        s_deadline);

    /// <summary>How much older than the picture is what is drawn over it: in the middle of what is seen in a while.</summary>
    private static async Task<double> BehindMsAsync(IPage page)
    {
        var behind = await page.EvaluateAsync<double[]>(
            """
            () => new Promise((done) => {
              const seen = [];
              const timer = setInterval(() => {
                const { boxes, behindMs } = document.querySelector("canvas[data-found]").dataset;
                if (Number(boxes) > 0) seen.push(Number(behindMs));
                if (seen.length === 50) { clearInterval(timer); done(seen.sort((a, b) => a - b)); }
              }, 100);
            })
            """);
        Soak.Measured($"boxes are behind the picture by {behind[25]:f0} ms in the middle, {behind[47]:f0} ms at the worst but for one in twenty");
        return behind[25];
    }
}
