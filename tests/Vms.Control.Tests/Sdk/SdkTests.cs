using System.Text.RegularExpressions;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Sdk;

/// <summary>The client libraries as they are packed, installed where nothing else is, against a running control plane.</summary>
public sealed partial class SdkTests(SdkTests.Packed packed) : IClassFixture<SdkTests.Packed>
{
    private static readonly string s_here = Path.Combine(TestPaths.Repository, "tests", "Vms.Control.Tests", "Sdk");

    [Fact]
    public async Task The_TypeScript_client_does_what_programs_need_and_the_guide_s_example_runs()
    {
        using var directory = new TestDirectory();
        await using var world = await ControlWorld.StartAsync();
        await InstallTypeScriptAsync(directory);
        File.Copy(Path.Combine(s_here, "client.ts"), directory["app/client.ts"]);
        await File.WriteAllTextAsync(directory["app/example.ts"], await ExampleAsync("ts"), TestContext.Current.CancellationToken);
        await SdkTools.RunAsync("node", [Path.Combine(SdkTools.Folder, "node_modules", "typescript", "bin", "tsc"), "-p", "."], folder: directory["app"]);
        Assert.Contains("typescript: done", await RunAsync("client.js"), StringComparison.Ordinal);
        var said = await RunAsync("example.js");
        Assert.Contains("Front door", said, StringComparison.Ordinal);
        Assert.Contains("409 cameraDisabled", said, StringComparison.Ordinal);

        Task<string> RunAsync(string program) => SdkTools.RunAsync("node", ["--experimental-websocket", "--no-warnings", program], folder: directory["app"], environment: Environment(world));
    }

    [Fact]
    public async Task The_Python_client_does_what_programs_need_and_the_guide_s_example_runs()
    {
        using var directory = new TestDirectory();
        await using var world = await ControlWorld.StartAsync();
        await SdkTools.RunAsync("/usr/bin/python3", ["-m", "venv", directory["venv"]]);
        await SdkTools.RunAsync(directory["venv/bin/pip"], ["install", "--quiet", "--no-index", "--disable-pip-version-check", packed.Wheel]);
        await File.WriteAllTextAsync(directory["example.py"], await ExampleAsync("python"), TestContext.Current.CancellationToken);
        Assert.Contains("python: done", await RunAsync(Path.Combine(s_here, "client.py")), StringComparison.Ordinal);
        var said = await RunAsync(directory["example.py"]);
        Assert.Contains("Back door", said, StringComparison.Ordinal);
        Assert.Contains("409 cameraDisabled", said, StringComparison.Ordinal);

        Task<string> RunAsync(string program) => SdkTools.RunAsync(directory["venv/bin/python"], ["-W", "error", program], environment: Environment(world));
    }

    [Fact]
    public async Task Packed_twice_the_wheel_has_the_same_bytes()
    {
        using var directory = new TestDirectory();
        await SdkTools.RunAsync("python3", [Path.Combine(packed.Folder, "work", "python", "pack.py"), packed.Version, directory.Path]);
        var name = Path.GetFileName(packed.Wheel);
        Assert.Equal(await File.ReadAllBytesAsync(packed.Wheel, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(directory[name], TestContext.Current.CancellationToken));
    }

    /// <summary>The compiler and Node's types are tools of the build; the package itself needs nothing.</summary>
    private async Task InstallTypeScriptAsync(TestDirectory directory)
    {
        Directory.CreateDirectory(directory["app"]);
        await File.WriteAllTextAsync(directory["app/package.json"], """{"name":"app","private":true,"type":"module"}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            directory["app/tsconfig.json"],
            $$$"""
            {"compilerOptions":{"target":"ES2022","module":"nodenext","strict":true,"lib":["ES2022","DOM","DOM.AsyncIterable"],"typeRoots":["{{{SdkTools.Folder}}}/node_modules/@types"],"types":["node"]}}
            """,
            TestContext.Current.CancellationToken);
        await SdkTools.RunAsync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", packed.Tarball], folder: directory["app"]);
    }

    private static Dictionary<string, string> Environment(ControlWorld world) =>
        new() { ["VMS_URL"] = world.Address.ToString().TrimEnd('/'), ["VMS_PASSWORD"] = ControlWorld.AdminPassword };

    private static async Task<string> ExampleAsync(string language)
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(TestPaths.Repository, "docs", "guide", "api.md"), TestContext.Current.CancellationToken);
        return Fence().Matches(guide).Single(m => m.Groups["language"].Value == language).Groups["text"].Value;
    }

    [GeneratedRegex("^```(?<language>\\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>Both libraries, packed once for these tests.</summary>
    public sealed class Packed : IAsyncLifetime
    {
        private readonly TestDirectory _directory = new();

        public string Folder => _directory.Path;

        public string Tarball { get; private set; } = "";

        public string Wheel { get; private set; } = "";

        public string Version { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await SdkTools.RunAsync("node", ["tools/build.mjs", Folder]);
            Tarball = Directory.GetFiles(Folder, "vms-client-*.tgz").Single();
            Wheel = Directory.GetFiles(Folder, "vms_client-*-py3-none-any.whl").Single();
            Version = Path.GetFileName(Wheel).Split('-')[1];
        }

        public ValueTask DisposeAsync()
        {
            _directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
