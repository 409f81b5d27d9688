using System.IO.Compression;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>An export as an investigator takes it home: from the page, as a ZIP, verified by the command and by the page in it, with the network off.</summary>
public sealed class ExportTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task What_is_exported_survives_a_killed_recorder_and_proves_itself_without_the_server()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Gate", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await Eventually.TrueAsync(
            () => Directory.Exists(Path.Combine(product.DataDirectory, "recordings", id)) && RecordedFrames.SegmentsOf(product.DataDirectory, id).Count >= 3, s_deadline);
        var to = DateTimeOffset.UtcNow.AddSeconds(-12);
        var export = (await product.Api.PostAsync("/api/exports", new { cameras = new[] { id }, from = to.AddSeconds(-12), to, format = "mp4", note = "case 17" }))["id"]!.GetValue<string>();
        await product.KillAndAwaitRestartAsync("recorder");
        await Eventually.TrueAsync(async () => (await product.Api.GetAsync($"/api/exports/{export}"))["state"]!.GetValue<string>() == "done", s_deadline);

        await using var chromium = await Chromium.StartAsync();
        var page = chromium.Page;
        await chromium.SignInAsync(product);
        await page.GotoAsync(product.Url + "/exports");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Download" }).First.ClickAsync());
        var zip = directory["export.zip"];
        await download.SaveAsAsync(zip);
        chromium.AssertNoErrors();
        var vms = Path.Combine(TestPaths.Artifacts, "vms", "vms");
        var key = Path.Combine(product.DataDirectory, "keys", "integrity.pub");
        Assert.Contains("good: all of it", await ChildProcess.RunAsync(vms, ["verify", zip, "--key", key]), StringComparison.Ordinal);

        var folder = directory.Create("taken");
        await ZipFile.ExtractToDirectoryAsync(zip, folder);
        var movie = Directory.GetFiles(folder, "Gate_*.mp4").Single();
        Assert.Equal("", (await FfProbe.InspectAsync(movie)).Warnings);
        await page.Context.SetOfflineAsync(true);
        Assert.Contains("The export is consistent in itself.", await VerdictAsync(page, folder, [zip]), StringComparison.Ordinal);
        Assert.Contains("that is the key you gave", await VerdictAsync(page, folder, [zip, key]), StringComparison.Ordinal);

        var bytes = await File.ReadAllBytesAsync(movie);
        bytes[bytes.AsSpan(bytes.Length / 2).IndexOf("mdat"u8) + (bytes.Length / 2) + 40] ^= 1;
        await File.WriteAllBytesAsync(movie, bytes);
        Assert.Contains("Something was changed.", await VerdictAsync(page, folder, Directory.GetFiles(folder)), StringComparison.Ordinal);
        Assert.Equal(1, await page.Locator(".bar .altered").CountAsync());
        Assert.NotEqual(0, await page.Locator(".bar .good").CountAsync());
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => ChildProcess.RunAsync(vms, ["verify", folder, "--key", key]));
        Assert.Contains("exited with 1", failed.Message, StringComparison.Ordinal);
        chromium.AssertNoErrors();
    }

    private static async Task<string> VerdictAsync(IPage page, string folder, string[] files)
    {
        await page.GotoAsync(new Uri(Path.Combine(folder, "verify.html")).AbsoluteUri);
        await page.SetInputFilesAsync("#files", files);
        await page.Locator(".verdict").WaitForAsync();
        return await page.Locator(".verdict").InnerTextAsync();
    }
}
