using System.Text.Json;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Viewers;

namespace Vms.Media.Tests.Egress;

/// <summary>What parsers of others say of a playlist.</summary>
internal static class LivePlayers
{
    /// <summary>Has two parsers read a media playlist; what they complain of fails the test.</summary>
    public static async Task<JsonElement> ValidateAsync(string playlist)
    {
        using var directory = new TestDirectory();
        await File.WriteAllTextAsync(directory["live.m3u8"], playlist);
        var output = await ChildProcess.RunAsync("node", [Path.Combine(Players.Folder, "validate.cjs"), directory["live.m3u8"]]);
        return JsonDocument.Parse(output).RootElement;
    }
}
