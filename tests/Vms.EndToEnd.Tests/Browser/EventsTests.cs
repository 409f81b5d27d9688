using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>What another program reports is in an open page at once, plays its moment, and the alarm that a rule makes of it is acknowledged there.</summary>
public sealed partial class EventsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_reported_event_comes_into_an_open_page_plays_its_moment_and_its_alarm_is_acknowledged()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        string camera = await product.Api.AddCameraAsync("Yard", cameras.UrlOf(1), segmentSeconds: 4);
        await product.Api.AwaitRecordingAsync(camera);
        await product.Api.PostAsync("/api/rules", new
        {
            name = "Door forced",
            when = new { types = new[] { "door.forced" }, cameraIds = new[] { camera } },
            actions = new[] { new { type = "alarm", severity = "critical", title = "Somebody forced the door" } },
        });
        var key = (await product.Api.PostAsync("/api/api-keys", new { name = "Door control", grants = new[] { new { roleId = "sensor", scope = "tenant" } } }))["key"]!.GetValue<string>();
        // What led to it is recorded by then.
        await Soak.RunForAsync(TimeSpan.FromSeconds(8));

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        await page.GotoAsync(product.Url + "/events?type=door.forced");
        await page.GetByText("Nothing like this happened").WaitForAsync();

        var at = TimeProvider.System.GetUtcNow();
        var id = await ReportAsync(product, key, new { type = "door.forced", cameraId = camera, at, data = new { @class = "person" } });
        await ReportAsync(product, key, new { type = "door.opened", cameraId = camera });

        // Live, and only what is looked for.
        var item = page.Locator($"li[data-event='{id}']");
        await item.WaitForAsync();
        Assert.Equal(("door.forced", "recorded"), (await item.GetAttributeAsync("data-type"), await item.GetAttributeAsync("data-snapshot")));
        await page.GetByText("Door forced").First.WaitForAsync();
        Assert.Equal(1, await page.Locator("li[data-event]").CountAsync());

        // By keys alone: the moment plays from before it happened.
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        var video = page.Locator($"video[data-camera-id='{camera}'][data-state=ready]");
        await video.WaitForAsync();
        await Eventually.TrueAsync(async () => await video.EvaluateAsync<bool>("v => v.currentTime > 0 && v.videoWidth > 0"), s_deadline);
        var opened = page.Url;
        Assert.Contains("event=", opened, StringComparison.Ordinal);

        // The link is the moment: whoever opens it sees the same.
        await page.GotoAsync("about:blank");
        await page.GotoAsync(opened);
        await video.WaitForAsync();

        // The rule's alarm is at the bell, one click from the event.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = OpenAlarms() }).WaitForAsync();
        await page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Alarms of this event" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Acknowledge", Exact = true }).ClickAsync();
        await page.Locator("li[data-alarm][data-state=acknowledged]").WaitForAsync();
        var history = page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "What was done" });
        await history.GetByText("acknowledged it").WaitForAsync();
        await page.GetByLabel("Write something down").FillAsync("It was the wind");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add comment" }).ClickAsync();
        await history.GetByText("It was the wind").Last.WaitForAsync();

        var alarm = (await product.Api.GetAsync("/api/alarms"))["items"]!.AsArray().Single(a => a!["eventId"]!.GetValue<string>() == id)!;
        Assert.Equal(("acknowledged", "admin"), (alarm["state"]!.GetValue<string>(), alarm["acknowledgedBy"]!.GetValue<string>()));
        Assert.Equal("It was the wind", alarm["comments"]![0]!["text"]!.GetValue<string>());
        // A machine that is busy may have raised others of its own.
        var others = (await product.Api.GetAsync("/api/alarms?state=open"))["items"]!.AsArray().Count;
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = others == 0 ? "Alarms: none is open" : $"Alarms: {others} open" }).WaitForAsync();
    }

    [Fact]
    public async Task Somebody_who_reads_further_down_is_not_moved_by_what_happens()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        string camera = await product.Api.AddCameraAsync("Yard", "rtsp://127.0.0.1:9/nobody");
        var begin = TimeProvider.System.GetUtcNow().AddHours(-1);
        for (var i = 0; i < 40; i++)
            await product.Api.PostAsync("/api/events", new { type = "door.opened", cameraId = camera, at = begin.AddSeconds(i) });

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        page.SetDefaultTimeout((float)s_deadline.TotalMilliseconds);
        await chromium.SignInAsync(product);
        await page.GotoAsync(product.Url + "/events?type=door.opened");
        var items = page.Locator("li[data-event]");
        await Eventually.TrueAsync(async () => await items.CountAsync() == 40, s_deadline);
        var read = items.Nth(30);
        await read.ScrollIntoViewIfNeededAsync();
        var before = await read.BoundingBoxAsync();
        var id = await read.GetAttributeAsync("data-event");

        for (var i = 0; i < 3; i++)
            await product.Api.PostAsync("/api/events", new { type = "door.opened", cameraId = camera });
        var pill = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "3 new" });
        await pill.WaitForAsync();
        Assert.Equal(40, await items.CountAsync());
        var after = await page.Locator($"li[data-event='{id}']").BoundingBoxAsync();
        Assert.Equal(before!.Y, after!.Y, 0.5);

        await pill.ClickAsync();
        await Eventually.TrueAsync(async () => await items.CountAsync() == 43, s_deadline);
        await pill.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    /// <returns>As GET /api/events has it.</returns>
    private static async Task<string> ReportAsync(ProductRun product, string key, object report)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = JsonContent.Create(report) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await product.Api.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!["id"]!.GetValue<string>();
    }

    [GeneratedRegex(@"^Alarms: \d+ open$")]
    private static partial Regex OpenAlarms();
}
