using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>An administrator's way through the settings: somebody who may see one camera, a key for a program, and what the audit log says of both.</summary>
public sealed class PeopleTests
{
    private const string Password = "a calm blue door";

    [Fact]
    public async Task A_new_user_sees_the_one_camera_that_the_role_counts_for_and_the_audit_log_says_who_gave_it()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(2, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        await product.Api.AddCameraAsync("Gate", cameras.UrlOf(1));
        await product.Api.AddCameraAsync("Vault", cameras.UrlOf(2));
        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);

        await AddEvaAsync(page, product);
        await using (var eva = await Chromium.StartAsync())
            await AssertEvaSeesTheGateAloneAsync(eva, product);

        var key = await MakeKeyAsync(page, product);
        using (var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", key) } })
            Assert.Contains("Gate", await http.GetStringAsync(product.Url + "/api/cameras"), StringComparison.Ordinal);

        // Who did what, by the names of people and things.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Audit log" }).ClickAsync();
        var entries = page.GetByRole(AriaRole.List, new PageGetByRoleOptions { Name = "Entries, the newest first" });
        await entries.GetByText("admin made the API key Door control").WaitForAsync();
        await entries.GetByText("eva signed in").WaitForAsync();
        await page.GetByLabel("What", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("user.added");
        await page.WaitForURLAsync("**action=user.added");
        var added = entries.GetByRole(AriaRole.Button);
        await Assertions.Expect(added).ToHaveCountAsync(1);
        await added.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("operator");
        chromium.AssertNoErrors();
    }

    private static async Task AddEvaAsync(IPage page, ProductRun product)
    {
        await page.GotoAsync(product.Url + "/settings/users");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add user" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("User name").FillAsync("eva");
        await dialog.GetByLabel("Password").FillAsync(Password);
        await dialog.GetByLabel("Role").SelectOptionAsync("operator");
        await dialog.GetByLabel("Where it counts").SelectOptionAsync("camera");
        await dialog.GetByLabel("Which camera").SelectOptionAsync(new SelectOptionValue { Label = "Gate" });
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Add user" }).ClickAsync();
        await page.GetByText("Operator on Gate").WaitForAsync();
    }

    private static async Task AssertEvaSeesTheGateAloneAsync(Chromium chromium, ProductRun product)
    {
        var page = chromium.Page;
        await page.GotoAsync(product.Url + "/login?next=/cameras");
        await page.GetByLabel("User name").FillAsync("eva");
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
        await page.GetByText("Gate").First.WaitForAsync();
        await Assertions.Expect(page.GetByText("Vault")).ToHaveCountAsync(0);

        // The operator of one camera is none of the system: neither its state nor its people are offered.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Settings" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Second factor" }).WaitForAsync();
        foreach (var name in new[] { "Health", "Users", "Audit log", "API keys" })
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true })).ToHaveCountAsync(0);
        await page.GotoAsync(product.Url + "/settings/users");
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { NameRegex = new Regex("no permission") }).WaitForAsync();

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Live", Exact = true }).ClickAsync();
        await page.Locator("video[data-state=playing]").WaitForAsync();
        await Assertions.Expect(page.Locator("[data-tile]")).ToHaveCountAsync(1);
        chromium.AssertNoErrors();
    }

    /// <returns>The key, which is shown once.</returns>
    private static async Task<string> MakeKeyAsync(IPage page, ProductRun product)
    {
        await page.GotoAsync(product.Url + "/settings/api-keys");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make a key" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("What it is for").FillAsync("Door control");
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Make a key" }).ClickAsync();
        var key = await page.GetByTestId("api-key").InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "It is in its place" }).ClickAsync();
        await page.GetByText("Never used").WaitForAsync();
        Assert.StartsWith("vms_", key, StringComparison.Ordinal);
        return key;
    }
}
