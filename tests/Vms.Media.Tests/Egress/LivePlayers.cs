using System.Text.Json;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress;

/// <summary>Players and parsers of others, from npm: Egress/Players.</summary>
internal static class LivePlayers
{
    public static string Folder { get; } = Installed(Path.Combine(TestPaths.Repository, "tests", "Vms.Media.Tests", "Egress", "Players"));

    /// <summary>Has two parsers read a media playlist; what they complain of fails the test.</summary>
    public static async Task<JsonElement> ValidateAsync(string playlist)
    {
        using var directory = new TestDirectory();
        await File.WriteAllTextAsync(directory["live.m3u8"], playlist);
        var output = await ChildProcess.RunAsync("node", [Path.Combine(Folder, "validate.cjs"), directory["live.m3u8"]]);
        return JsonDocument.Parse(output).RootElement;
    }

    private static string Installed(string folder) => Directory.Exists(Path.Combine(folder, "node_modules", "hls.js"))
        ? folder
        : throw new InvalidOperationException("The players are not installed: run './dev setup', or 'npm ci' in tests/Vms.Media.Tests/Egress/Players.");
}
