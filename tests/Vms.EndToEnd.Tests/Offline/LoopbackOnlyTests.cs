using Vms.EndToEnd.Tests.Browser;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Offline;

/// <summary>The demo and the browser in a network namespace that has nothing but loopback: no call leaves the machine.</summary>
public sealed class LoopbackOnlyTests
{
    /// <summary>Set in the process that runs inside the namespace.</summary>
    private const string InsideVariable = "VMS_TEST_LOOPBACK_ONLY";

    [Fact]
    public Task The_demo_shows_live_and_recorded_video_without_any_network() =>
        Environment.GetEnvironmentVariable(InsideVariable) == "1" ? WatchTheDemoAsync() : RunInsideAsync();

    private static async Task RunInsideAsync()
    {
        string[] unshare = Environment.IsPrivilegedProcess ? ["--net"] : ["--user", "--map-current-user", "--keep-caps", "--net"];
        await using var inside = await ChildProcess.StartAsync(
            "unshare",
            [
                .. unshare, "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
                Environment.ProcessPath!, "-method", $"*{nameof(The_demo_shows_live_and_recorded_video_without_any_network)}",
            ],
            new Dictionary<string, string?> { [InsideVariable] = "1" });
        await inside.WaitForExitAsync(TimeSpan.FromMinutes(8));
        Assert.True(inside.ExitCode == 0, inside.Output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0", inside.Output, StringComparison.Ordinal);
    }

    private static async Task WatchTheDemoAsync()
    {
        Assert.Equal(["lo"], System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().Select(n => n.Name));
        using var directory = new TestDirectory();
        await using var product = await ProductRun.StartDemoAsync(directory);
        await using var chromium = await Chromium.StartAsync();
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing]").Nth(3).WaitForAsync();

        var camera = (await product.Api.GetAsync("/api/cameras"))["items"]![0]!["id"]!.GetValue<string>();
        await product.Api.AwaitRecordingAsync(camera);
        await Soak.RunForAsync(TimeSpan.FromSeconds(6));
        await chromium.Page.GotoAsync($"{product.Url}/playback?camera={camera}&at={DateTimeOffset.UtcNow.AddSeconds(-5):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        await chromium.Page.Locator("video[data-state=ready]").WaitForAsync();
        await chromium.CountFramesAsync(camera);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25);
        chromium.AssertNoErrors();
        await product.StopAsync();
    }
}
