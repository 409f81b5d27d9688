using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Cli.Infrastructure;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>
/// vms audit verify: asks control, of this machine or of another, whether its audit log is what was written. A line per finding, then how far it is sealed. Exit code 0 when nothing was found, 1 when
/// something was, 2 when it could not be verified.
/// </summary>
internal static class AuditVerify
{
    private const int FindingsExitCode = 1;
    private const int NotVerifiedExitCode = 2;
    private const int UsageExitCode = 64;

    /// <summary>For the log of many years.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(30);

    private sealed record Verdict(long Sealed, long Waiting, DateTimeOffset? NewestAt, string KeyId, IReadOnlyList<Finding> Findings);

    private sealed record Finding(string Kind, long? Seq, DateTimeOffset? At, string? Entry, string Message);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        RemoteServer? server = null;
        try
        {
            server = RemoteServer.Take(ref args);
            if (CommandLineArguments.Parse(args) is not ({ } configuration, false))
                return UsageExitCode;
            using var control = server?.Http ?? LocalHttp.Client(PlaneOptions.From(configuration).SocketOf("control", "http"));
            control.Timeout = s_patience;
            return await RunAsync(control, server is null ? "local/audit/verify" : "api/audit/verify", output, errors);
        }
        catch (ValidationException e)
        {
            await errors.WriteLineAsync($"vms: {e.Message}");
            return UsageExitCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            await errors.WriteLineAsync($"vms: could not verify: {server?.Explain(e) ?? $"control does not answer ({(e.InnerException ?? e).Message})"}");
            return NotVerifiedExitCode;
        }
        finally
        {
            server?.Dispose();
        }
    }

    private static async Task<int> RunAsync(HttpClient control, string path, TextWriter output, TextWriter errors)
    {
        using var response = await control.PostAsync(path, null);
        if (!response.IsSuccessStatusCode)
        {
            await errors.WriteLineAsync($"vms: could not verify: {await RemoteServer.RefusalAsync(response)}");
            return NotVerifiedExitCode;
        }

        var verdict = (await response.Content.ReadFromJsonAsync<Verdict>())!;
        foreach (var finding in verdict.Findings)
        {
            var place = finding.At is { } at ? string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z ") : "";
            await output.WriteLineAsync($"{finding.Kind}: entry {finding.Seq?.ToString(CultureInfo.InvariantCulture) ?? "?"} {place}{finding.Entry}: {finding.Message}");
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict.Sealed} entries sealed{(verdict.NewestAt is { } newest ? $" up to {newest.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "")}, {verdict.Waiting} waiting, key {verdict.KeyId}: {(verdict.Findings.Count == 0 ? "as they were written" : "not as they were written")}"));
        return verdict.Findings.Count == 0 ? 0 : FindingsExitCode;
    }
}
