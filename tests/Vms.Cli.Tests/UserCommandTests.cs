using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Vms.Cli.Commands;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary>vms user against something that answers on control's local socket as control does.</summary>
public sealed class UserCommandTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly List<string> _asked = [];
    private WebApplication _control = null!;
    private IResult _answer = Results.NoContent();

    public async ValueTask InitializeAsync()
    {
        var run = RunDirectories.For(_directory.Path);
        RunDirectories.Create(run);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.Combine(run, "planes", "control.http.sock")));
        _control = builder.Build();
        _control.Map("/{**path}", async (HttpRequest request) =>
        {
            using var body = new StreamReader(request.Body);
            _asked.Add($"{request.Method} {request.Path} {await body.ReadToEndAsync()}".TrimEnd());
            return _answer;
        });
        await _control.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        Directory.Delete(RunDirectories.For(_directory.Path), recursive: true);
        _directory.Dispose();
    }

    [Fact]
    public async Task Each_verb_is_one_request_and_passwords_come_from_the_input()
    {
        Assert.Equal(0, await RunAsync("secret words\nmore", "add", "bert", "--role", "operator"));
        Assert.Equal(0, await RunAsync("new words", "password", "bert"));
        Assert.Equal(0, await RunAsync("", "disable", "a/../b"));
        Assert.Equal(0, await RunAsync("", "enable", "bert"));
        Assert.Equal(0, await RunAsync("", "reset-totp", "bert"));
        Assert.Equal(
            [
                """POST /local/users {"username":"bert","password":"secret words","role":"operator"}""", """POST /local/users/bert/password {"password":"new words"}""",
                "POST /local/users/a%2F..%2Fb/disable {}", "POST /local/users/bert/enable {}", "POST /local/users/bert/reset-totp {}",
            ],
            _asked);
    }

    [Fact]
    public async Task Users_are_listed_a_line_each()
    {
        _answer = Results.Json(new[]
        {
            new { username = "admin", tenantId = "default", enabled = true, twoFactor = true, roles = new[] { "Administrator" } },
            new { username = "bert", tenantId = "default", enabled = false, twoFactor = false, roles = new[] { "Viewer (site harbour)", "Operator" } },
        });
        Assert.Equal(0, await RunAsync("", "list"));
        Assert.Equal(
            ["admin                    on  2nd factor Administrator", "bert                     off password   Viewer (site harbour), Operator"],
            _output.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_refusal_is_said_in_words()
    {
        _answer = Problems.Fields(new FieldProblem("password", "tooShort", "Use at least 10 characters"));
        Assert.Equal(1, await RunAsync("short", "add", "bert"));
        Assert.Equal("vms: The input is not valid. password: Use at least 10 characters.", _errors.ToString().Trim());
    }

    [Fact]
    public async Task What_is_not_understood_asks_nothing()
    {
        foreach (var args in (string[][])[[], ["add"], ["befriend", "bert"], ["list", "--colour", "red"], ["list", "too", "much"]])
            Assert.Equal(64, await RunAsync("", args));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Without_control_it_says_so()
    {
        await _control.StopAsync();
        Assert.Equal(2, await RunAsync("", "list"));
        Assert.Contains("control does not answer", _errors.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(string input, params string[] args) =>
        User.RunAsync([.. args, "--data", _directory.Path], new StringReader(input), _output, _errors);
}
