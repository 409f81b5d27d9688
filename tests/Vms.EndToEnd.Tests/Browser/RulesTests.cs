using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>An operator makes a rule and a webhook in the browser; the events are another program's.</summary>
public sealed class RulesTests
{
    [Fact]
    public async Task A_rule_is_tried_on_what_happened_and_then_does_it()
    {
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartAsync(directory);
        var now = DateTimeOffset.UtcNow;
        foreach (var (id, leaf, minutes) in new[] { ("a", "left", 90), ("b", "right", 60), ("c", "left", 30) })
            await product.Api.PostAsync("/api/events", new { type = "door.forcedOpen", id, at = now.AddMinutes(-minutes), data = new { leaf } });
        await Eventually.TrueAsync(
            async () => (await product.Api.GetAsync("/api/events?type=door.forcedOpen"))["items"]!.AsArray().Count == 3, TimeSpan.FromSeconds(60));
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);

        await page.GotoAsync(product.Url + "/settings/rules");
        await page.GetByText("“Camera is away for long” is reported").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Add rule" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new Regex("^Empty rule") }).ClickAsync();
        await page.GetByLabel("What the rule is called").FillAsync("Left leaf forced");
        await page.GetByLabel("Another type of event").FillAsync("door.forcedOpen");
        await page.GetByLabel("Another type of event").PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Expression" }).ClickAsync();
        var expression = page.GetByRole(AriaRole.Textbox, new PageGetByRoleOptions { Name = "Expression" });
        await expression.FillAsync("data.leaf == 'left' !");
        await page.GetByLabel("Not more often than").SelectOptionAsync("0");
        await page.GetByLabel("Add an action…").SelectOptionAsync("alarm");
        await page.GetByLabel("How serious").SelectOptionAsync("critical");
        var sentence = page.GetByTestId("sentence");
        await Assertions.Expect(sentence).ToHaveTextAsync("When “Door forced open” is reported, if data.leaf == 'left' ! → raise a critical alarm");

        // Tried as it stands: what is wrong is said at its field, and then how often it would have been.
        var tryIt = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Try it" });
        await tryIt.ClickAsync();
        await page.GetByText("'!' cannot stand there").WaitForAsync();
        await expression.FillAsync("data.leaf == 'left'");
        await tryIt.ClickAsync();
        await Assertions.Expect(page.GetByTestId("fired")).ToHaveTextAsync("It would have fired twice");
        await page.GetByText("1 of 3 events of these types were left out").WaitForAsync();
        await page.GetByText("The expression was not true").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add rule" }).ClickAsync();

        // It does nothing for what was before, and raises its alarm for the next.
        var line = page.GetByRole(AriaRole.Listitem).Filter(new LocatorFilterOptions { HasText = "Left leaf forced" });
        await Assertions.Expect(line).ToContainTextAsync("Never yet");
        await product.Api.PostAsync("/api/events", new { type = "door.forcedOpen", data = new { leaf = "right" } });
        await product.Api.PostAsync("/api/events", new { type = "door.forcedOpen", data = new { leaf = "left" } });
        JsonArray alarms = [];
        await Eventually.TrueAsync(
            async () => (alarms = (await product.Api.GetAsync("/api/alarms"))["items"]!.AsArray()).Any(a => a!["ruleName"]!.GetValue<string>() == "Left leaf forced"), TimeSpan.FromSeconds(60));
        var alarm = Assert.Single(alarms, a => a!["ruleName"]!.GetValue<string>() == "Left leaf forced")!;
        Assert.Equal(("Left leaf forced", "critical", "open"), (alarm["title"]!.GetValue<string>(), alarm["severity"]!.GetValue<string>(), alarm["state"]!.GetValue<string>()));
        await page.ReloadAsync();
        await Assertions.Expect(line).ToContainTextAsync("once in 7 days");

        // Switched off where it stands.
        await line.GetByRole(AriaRole.Switch).ClickAsync();
        await Assertions.Expect(line).ToContainTextAsync("Off");
        await Eventually.TrueAsync(
            async () => (await product.Api.GetAsync("/api/rules"))["items"]!.AsArray().Single(r => r!["name"]!.GetValue<string>() == "Left leaf forced")!["enabled"]!.GetValue<bool>() == false,
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_webhook_is_added_and_tested_against_its_receiver()
    {
        using var directory = new TestDirectory();
        await using var receiver = new HookReceiver();
        await using var product = await ProductRun.StartAsync(directory, ("VMS_OUTGOING_NETWORKS", "127.0.0.0/8"));
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);

        await page.GotoAsync(product.Url + "/settings/integrations");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add webhook" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync("Gate control");
        await dialog.GetByLabel("Address").FillAsync(receiver.Url);
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Add webhook" }).ClickAsync();
        var secret = await page.GetByTestId("webhook-secret").InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "I have kept it" }).ClickAsync();
        await Assertions.Expect(page.GetByText(secret)).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Test", Exact = true }).ClickAsync();
        await page.GetByText("The receiver took the test message").WaitForAsync();
        await page.GetByText(HookReceiver.Answer).WaitForAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.Equal("webhook.test", JsonNode.Parse(await receiver.NextGenuineAsync(secret, patience.Token))!["type"]!.GetValue<string>());
        chromium.AssertNoErrors();
    }
}
