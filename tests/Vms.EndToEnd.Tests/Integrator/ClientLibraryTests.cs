using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Integrator;

/// <summary>The client libraries as they are packed, installed where nothing else is, against the whole product with a camera that records.</summary>
public sealed class ClientLibraryTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly string s_here = Path.Combine(TestPaths.Repository, "tests", "Vms.EndToEnd.Tests", "Integrator");

    [Fact]
    public async Task The_packed_clients_add_a_camera_watch_it_and_take_its_footage_out_of_the_running_product()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var environment = new Dictionary<string, string?> { ["VMS_URL"] = product.Url, ["VMS_PASSWORD"] = ProductRun.AdminPassword, ["CAMERA_URL"] = cameras.UrlOf(1) };
        await RunAsync("node", [Path.Combine(TestPaths.Repository, "sdk", "tools", "build.mjs"), directory["sdk"]]);

        Directory.CreateDirectory(directory["app"]);
        await File.WriteAllTextAsync(directory["app/package.json"], """{"name":"app","private":true,"type":"module"}""");
        await RunAsync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", "--prefix", directory["app"], Directory.GetFiles(directory["sdk"], "vms-client-*.tgz").Single()]);
        File.Copy(Path.Combine(s_here, "client.mjs"), directory["app/client.mjs"]);
        Assert.Contains("typescript: done", await RunAsync("node", ["--experimental-websocket", "--no-warnings", directory["app/client.mjs"]], environment), StringComparison.Ordinal);

        await RunAsync("/usr/bin/python3", ["-m", "venv", directory["venv"]]);
        await RunAsync(directory["venv/bin/pip"], ["install", "--quiet", "--no-index", "--disable-pip-version-check", Directory.GetFiles(directory["sdk"], "vms_client-*.whl").Single()]);
        Assert.Contains("python: done", await RunAsync(directory["venv/bin/python"], ["-W", "error", Path.Combine(s_here, "client.py")], environment), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        await using var child = await ChildProcess.StartAsync(program, arguments, environment);
        await child.WaitForExitAsync(s_patience);
        Assert.True(child.ExitCode == 0, $"{program} ended with {child.ExitCode}:\n{child.Output}");
        return child.Output;
    }
}
