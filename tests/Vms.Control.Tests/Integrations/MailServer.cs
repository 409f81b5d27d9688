using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Control.Tests.Integrations;

/// <summary>npm's smtp-server as a process.</summary>
internal sealed partial class MailServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private MailServer(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public IReadOnlyList<JsonElement> Received => [.. _process.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)];

    /// <param name="settings">secure, cert and key (PEM), username and password.</param>
    public static async Task<MailServer> StartAsync(object settings)
    {
        var folder = Path.Combine(TestPaths.Repository, "tests", "Vms.Control.Tests", "Integrations", "MailServer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "smtp-server")))
            throw new InvalidOperationException($"The mail server is not installed: run './dev setup', or 'npm ci' in {folder}.");
        var process = await ChildProcess.StartAsync("node", ["server.mjs", JsonSerializer.Serialize(settings)], workingDirectory: folder);
        await process.WaitForOutputAsync(o => Listening().IsMatch(o), TimeSpan.FromSeconds(60));
        return new MailServer(process, int.Parse(Listening().Match(process.Output).Groups[1].Value, CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        await _process.DisposeAsync();
    }

    [GeneratedRegex(@"listening (\d+)")]
    private static partial Regex Listening();
}
