using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>Several devices are added at once: the server does it, and the page may be left.</summary>
public sealed class AddingManyTests
{
    [Fact]
    public async Task Many_cameras_are_added_as_long_work_that_goes_on_without_the_page_and_says_what_came_of_it()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(3, "360p");
        var devices = new List<FakeDevice>();
        try
        {
            for (var i = 1; i <= 3; i++)
            {
                devices.Add(await FakeDevice.StartAsync(new FakeDeviceOptions
                {
                    Password = i == 3 ? "its own" : "secret",
                    Profiles = [new FakeProfile("profile_1", "main", "source_1", "H264", 640, 360, cameras.UrlOf(i))],
                }));
            }

            await using var product = await ProductRun.StartAsync(directory);
            await using var chromium = await Chromium.StartAsync();
            var page = chromium.Page;
            await chromium.SignInAsync(product);
            await page.GotoAsync(product.Url + "/cameras/find?subnet=127.0.0.9/32");
            await page.GetByText("Add by address").ClickAsync();
            foreach (var device in devices)
            {
                await page.GetByLabel("Address of a device").FillAsync($"{device.Options.Address}:{device.Port}");
                await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "To the list" }).ClickAsync();
            }

            await page.GetByLabel("Camera user").FillAsync("admin");
            await page.GetByLabel("Camera password").FillAsync("secret");
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Add 3 cameras" }).ClickAsync();
            await page.GetByText("It refuses this user name or password").WaitForAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new Regex("^Open ") })).ToHaveCountAsync(2);
            Assert.Equal([0, 0, 1], devices.Select(d => d.WrongPasswords));

            // What is under way is seen beside every page.
            await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Health" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { NameRegex = new Regex("^Long work") }).ClickAsync();
            var job = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem).Filter(new LocatorFilterOptions { HasText = "Adding cameras" });
            await Assertions.Expect(job).ToContainTextAsync("2 added");
            var added = (await product.Api.GetAsync("/api/jobs"))["items"]!.AsArray().Single(one => one!["kind"]!.GetValue<string>() == "onboard")!;
            Assert.Equal(("done", 3), (added["state"]!.GetValue<string>(), added["done"]!.GetValue<int>()));
            chromium.AssertNoErrors();
        }
        finally
        {
            foreach (var device in devices)
                await device.DisposeAsync();
        }
    }
}
