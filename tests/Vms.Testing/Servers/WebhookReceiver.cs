using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>webhook-receiver.mjs as a process: somebody else's program that gets webhooks and checks their signatures.</summary>
public sealed partial class WebhookReceiver : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http = new();

    private WebhookReceiver(ChildProcess process, int port)
    {
        _process = process;
        Address = $"http://127.0.0.1:{port}";
    }

    public string Address { get; }

    public string Url => Address + "/hook";

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<JsonElement> Received =>
        [.. _process.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var process = await ChildProcess.StartAsync("node", [Path.Combine(TestPaths.Repository, "tests", "Vms.Testing", "Servers", "webhook-receiver.mjs")]);
        await process.WaitForOutputAsync(o => Listening().IsMatch(o), TimeSpan.FromSeconds(60));
        return new WebhookReceiver(process, int.Parse(Listening().Match(process.Output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>What it checks with, and what it answers to what is genuine, from now on.</summary>
    public async Task SetAsync(string? secret = null, int? status = null)
    {
        using var response = await _http.PostAsJsonAsync(Address + "/control", new { secret, status });
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.KillAsync();
        await _process.DisposeAsync();
    }

    [GeneratedRegex(@"listening (\d+)")]
    private static partial Regex Listening();
}
