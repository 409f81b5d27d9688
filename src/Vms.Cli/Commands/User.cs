using System.ComponentModel.DataAnnotations;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Vms.Cli.Infrastructure;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>
/// vms user: lists and changes users over control's local socket, which this installation's user alone can open. A password is read from the terminal
/// without showing it, or from the first line of the standard input; never from the arguments, which every process of the machine can read.
/// With --server it is another machine's users, over its API. Exit code 0, 1 when control refuses, 2 when it does not answer.
/// </summary>
internal static class User
{
    private const int RefusedExitCode = 1;
    private const int NoAnswerExitCode = 2;
    private const int UsageExitCode = 64;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private sealed record Listed(string Username, string TenantId, bool Enabled, bool TwoFactor, IReadOnlyList<string> Roles);

    public static async Task<int> RunAsync(string[] args, TextReader input, TextWriter output, TextWriter errors)
    {
        RemoteServer? server;
        try
        {
            server = RemoteServer.Take(ref args);
        }
        catch (ValidationException e)
        {
            await errors.WriteLineAsync($"vms: {e.Message}");
            return UsageExitCode;
        }

        using var other = server;
        var rest = new List<string>();
        var words = new List<string>();
        string? role = null;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--role" && i + 1 < args.Length)
                role = args[++i];
            else if (args[i].StartsWith('-'))
                rest.AddRange(i + 1 < args.Length ? [args[i], args[++i]] : [args[i]]);
            else
                words.Add(args[i]);
        }

        if (CommandLineArguments.Parse([.. rest]) is not ({ } configuration, false))
            return UsageExitCode;
        try
        {
            if (other is not null)
                return await RemoteAsync(new RemoteUsers(other, output, errors), words, role, () => ReadPassword(input, errors), errors);
            using var control = Control(PlaneOptions.From(configuration));
            return words switch
            {
                ["list"] => await ListAsync(control, output),
                ["add", var name] => await PostAsync(control, "local/users", new { username = name, password = ReadPassword(input, errors), role }, errors),
                ["password", var name] => await PostAsync(control, PathOf(name, "password"), new { password = ReadPassword(input, errors) }, errors),
                [("enable" or "disable" or "reset-totp") and var verb, var name] => await PostAsync(control, PathOf(name, verb), null, errors),
                _ => await UsageAsync(errors),
            };
        }
        catch (Exception e) when (other is not null && (e is HttpRequestException or TaskCanceledException or JsonException))
        {
            await errors.WriteLineAsync($"vms: {other!.Explain(e)}");
            return NoAnswerExitCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or ValidationException)
        {
            await errors.WriteLineAsync($"vms: control does not answer: {e.Message}");
            return NoAnswerExitCode;
        }
    }

    private static Task<int> RemoteAsync(RemoteUsers users, List<string> words, string? role, Func<string> readPassword, TextWriter errors) => words switch
    {
        ["list"] => users.ListAsync(),
        ["add", var name] => users.AddAsync(name, readPassword(), role),
        ["password", var name] => users.SetPasswordAsync(name, readPassword()),
        [("enable" or "disable") and var verb, var name] => users.EnableAsync(name, verb == "enable"),
        ["reset-totp", var name] => users.ResetTotpAsync(name),
        _ => UsageAsync(errors),
    };

    private static async Task<int> ListAsync(HttpClient control, TextWriter output)
    {
        foreach (var user in await control.GetFromJsonAsync<List<Listed>>("local/users") ?? [])
        {
            await output.WriteLineAsync(
                $"{user.Username,-24} {(user.Enabled ? "on " : "off")} {(user.TwoFactor ? "2nd factor" : "password  ")} {string.Join(", ", user.Roles)}");
        }

        return 0;
    }

    private static async Task<int> PostAsync(HttpClient control, string path, object? body, TextWriter errors)
    {
        using var answer = await control.PostAsJsonAsync(path, body ?? new { });
        if (answer.IsSuccessStatusCode)
            return 0;
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var detail = problem.TryGetProperty("detail", out var said) ? said.GetString() : null;
        await errors.WriteLineAsync($"vms: {problem.GetProperty("title").GetString()}{(detail is null ? "" : ". " + detail)}");
        return RefusedExitCode;
    }

    private static async Task<int> UsageAsync(TextWriter errors)
    {
        await errors.WriteLineAsync("vms: use vms user list, or vms user add|password|enable|disable|reset-totp NAME");
        return UsageExitCode;
    }

    private static string PathOf(string name, string verb) => $"local/users/{Uri.EscapeDataString(name)}/{verb}";

    private static string ReadPassword(TextReader input, TextWriter errors)
    {
        if (input != Console.In || Console.IsInputRedirected)
            return input.ReadLine() ?? "";
        errors.Write("Password: ");
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0)
                typed.Length--;
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        errors.WriteLine();
        return typed.ToString();
    }

    private static HttpClient Control(PlaneOptions options)
    {
        var client = LocalHttp.Client(options.SocketOf("control", "http"));
        client.Timeout = s_timeout;
        return client;
    }
}
