using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Cli.Infrastructure;
using Vms.Cli.Supervision;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms status: asks every plane of a data directory, or of another machine, how it is. Exit code 0 when all are ready, 1 when one is not, 2 when the other machine could not
/// be asked.</summary>
internal static class Status
{
    private const int NotReadyExitCode = 1;
    private const int UsageExitCode = 64;

    private sealed record Health(string? Status, bool Ready, IReadOnlyDictionary<string, string>? Reasons);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        try
        {
            using var server = RemoteServer.Take(ref args);
            if (CommandLineArguments.Parse(args) is not ({ } configuration, false))
                return UsageExitCode;
            return server is null ? await LocalAsync(PlaneOptions.From(configuration), output) : await RemoteAsync(server, output, errors);
        }
        catch (ValidationException e)
        {
            await errors.WriteLineAsync($"vms: {e.Message}");
            return UsageExitCode;
        }
    }

    private static async Task<int> LocalAsync(PlaneOptions options, TextWriter output)
    {
        var allReady = true;
        foreach (var plane in PlaneProcesses.Names)
        {
            using var probe = new PlaneProbe(options.SocketOf(plane, "http"));
            var answer = await probe.AskAsync("/health/ready", CancellationToken.None);
            allReady &= answer.Ok;
            await output.WriteLineAsync($"{plane,-9} {(answer.Ok ? "ready" : answer.Text)}");
        }

        return allReady ? 0 : NotReadyExitCode;
    }

    private static async Task<int> RemoteAsync(RemoteServer server, TextWriter output, TextWriter errors)
    {
        var allReady = true;
        try
        {
            foreach (var plane in PlaneProcesses.Names)
            {
                using var answer = await server.Http.GetAsync($"health/planes/{plane}");
                // One that is away is an answer, too.
                if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
                {
                    await errors.WriteLineAsync($"vms: {server.Http.BaseAddress!.Authority} does not tell: {await RemoteServer.RefusalAsync(answer)}");
                    return RemoteServer.NoAnswerExitCode;
                }

                var health = (await answer.Content.ReadFromJsonAsync<Health>())!;
                var isReady = health is { Status: "ok", Ready: true };
                allReady &= isReady;
                var reasons = string.Join(", ", (health.Reasons ?? new Dictionary<string, string>()).Select(r => $"{r.Key}: {r.Value}"));
                await output.WriteLineAsync($"{plane,-9} {(isReady ? "ready" : $"{(health.Status is null or "ok" ? "not ready" : health.Status)} {reasons}".TrimEnd())}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            await errors.WriteLineAsync($"vms: {server.Explain(e)}");
            return RemoteServer.NoAnswerExitCode;
        }

        return allReady ? 0 : NotReadyExitCode;
    }
}
