using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Somebody looks for people in what a camera recorded, and watches one of them.</summary>
public sealed class SearchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    /// <summary>People in a car park (PETS 2009, by way of OpenCV's examples), ten pictures a second, 8 s again and again.</summary>
    private static readonly FootageSpec s_footage = new("vtest", ["-i", Path.Combine(TestPaths.Artifacts, "opencv-examples", "vtest.avi")], "")
    {
        Width = 768,
        Height = 576,
        FrameRate = 10,
        Seconds = 8,
        GopLength = 10,
        BitrateKbps = 2500,
        ShowFrameCounter = false,
    };

    [Fact]
    public async Task People_are_found_as_pictures_on_a_time_axis_and_played_counted_and_judged()
    {
        using var directory = new TestDirectory();
        await using var cameras = FakeCameraServer.Start(new FakeCameraOptions { Cameras = 1, Footage = await VideoFootage.LoadAsync(s_footage) });
        await using var product = await ProductRun.StartAsync(directory);
        var camera = (await product.Api.PostAsync("/api/cameras", new
        {
            name = "Car park",
            mainUrl = cameras.UrlOf(1),
            transport = "tcp",
            recording = new { mode = "continuous", segmentSeconds = 4 },
        }))["id"]!.GetValue<string>();
        // Of what was seen before anything was recorded there is no picture.
        await product.Api.AwaitRecordingAsync(camera);
        await AnalyseAsync(product.Api, camera);
        // One that is gone again: it is recorded from its beginning to its end.
        await Eventually.TrueAsync(
            async () => (await product.Api.GetAsync("/api/detections?class=person&line=Gate"))["items"]!.AsArray().Any(d => d!["endAt"] is not null && d["cropUrl"] is not null), s_deadline);

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        await page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Main" }).GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = new Regex(@"^Person( ?\d+)?$") }).ClickAsync();
        await page.WaitForURLAsync("**class=person*");
        await page.GetByLabel("Line", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("Gate");

        // A picture of somebody, and bars for when they were there.
        var found = page.Locator("li[data-detection]");
        await found.First.WaitForAsync();
        await Eventually.TrueAsync(async () => await found.First.Locator("img").EvaluateAsync<int>("image => image.naturalWidth") > 0, s_deadline);
        Assert.Contains("Person", await found.First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Locator("[data-axis] rect").First.WaitForAsync();

        // The oldest is recorded to its end; its moment plays beside it.
        await found.Last.GetByRole(AriaRole.Button).ClickAsync();
        var panel = page.GetByRole(AriaRole.Complementary, new PageGetByRoleOptions { Name = "What was found" });
        await Eventually.TrueAsync(async () => await panel.Locator("video").EvaluateAsync<double>("video => video.currentTime") > 0.5, s_deadline);
        await panel.Locator("[data-way]").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await panel.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Right" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await product.Api.GetAsync("/api/detections?state=confirmed"))["items"]!.AsArray().Count == 1, s_deadline);

        // What is looked for stands in the address: a reload finds, and plays, the same.
        await page.ReloadAsync();
        await panel.Locator("video").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Counts" }).ClickAsync();
        await page.GetByText("Lines", new PageGetByTextOptions { Exact = true }).ClickAsync();
        var line = page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Gate" });
        await line.WaitForAsync();
        await line.Locator("rect").First.WaitForAsync();
        chromium.AssertNoErrors();
    }

    private static async Task AnalyseAsync(ApiClient api, string camera)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/cameras/{camera}")
        {
            Content = JsonContent.Create(new
            {
                analytics = new
                {
                    enabled = true,
                    source = "server",
                    lines = new[]
                    {
                        new { id = "gate", name = "Gate", direction = "both", classes = new[] { "person" }, points = new[] { new[] { 0.87, 0.48 }, new[] { 0.87, 0.95 } } },
                    },
                },
            }),
        };
        using var response = await api.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
