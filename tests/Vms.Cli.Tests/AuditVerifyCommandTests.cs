using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Vms.Cli.Commands;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary>vms audit verify against something that answers on control's local socket as control does.</summary>
public sealed class AuditVerifyCommandTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly List<string> _asked = [];
    private WebApplication _control = null!;
    private IResult _answer = Results.Json(new { @sealed = 12, waiting = 0, newestAt = "2026-11-21T09:30:00.123Z", keyId = "a1b2", findings = Array.Empty<object>() });

    public async ValueTask InitializeAsync()
    {
        var run = RunDirectories.For(_directory.Path);
        RunDirectories.Create(run);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.Combine(run, "planes", "control.http.sock")));
        _control = builder.Build();
        _control.Map("/{**path}", (HttpRequest request) =>
        {
            _asked.Add($"{request.Method} {request.Path}");
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
    public async Task A_log_that_is_as_it_was_written_is_0_and_one_line()
    {
        Assert.Equal(0, await VerifyAsync());
        Assert.Equal("12 entries sealed up to 2026-11-21 09:30:00Z, 0 waiting, key a1b2: as they were written\n", _output.ToString());
        Assert.Equal(("", "POST /local/audit/verify"), (_errors.ToString(), Assert.Single(_asked)));
    }

    [Fact]
    public async Task A_log_that_is_empty_names_no_time()
    {
        _answer = Results.Json(new { @sealed = 0, waiting = 3, newestAt = (string?)null, keyId = "a1b2", findings = Array.Empty<object>() });
        Assert.Equal(0, await VerifyAsync());
        Assert.Equal("0 entries sealed, 3 waiting, key a1b2: as they were written\n", _output.ToString());
    }

    [Fact]
    public async Task A_finding_is_a_line_and_1()
    {
        _answer = Results.Json(new
        {
            @sealed = 12,
            waiting = 1,
            newestAt = "2026-11-21T09:30:00Z",
            keyId = "a1b2",
            findings = new object[]
            {
                new { kind = "altered", seq = 3, at = "2026-11-20T08:00:00.5Z", entry = "admin camera.deleted cam1", message = "its content is not what was sealed" },
                new { kind = "missing", seq = (long?)null, at = (string?)null, entry = (string?)null, message = "2 entries are missing at the end" },
            },
        });
        Assert.Equal(1, await VerifyAsync());
        Assert.Equal(
            [
                "altered: entry 3 2026-11-20 08:00:00.500Z admin camera.deleted cam1: its content is not what was sealed", "missing: entry ? : 2 entries are missing at the end",
                "12 entries sealed up to 2026-11-21 09:30:00Z, 1 waiting, key a1b2: not as they were written",
            ],
            _output.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task What_could_not_be_verified_is_2_and_says_why()
    {
        _answer = Problems.Of(503, "databaseUnavailable", "The database is not available", "Try again in a moment.");
        Assert.Equal(2, await VerifyAsync());
        Assert.Equal("vms: could not verify: The database is not available. Try again in a moment.\n", _errors.ToString());
        _answer = Results.Text("<html>", "text/html");
        Assert.Equal(2, await VerifyAsync());

        await _control.StopAsync();
        Assert.Equal(2, await VerifyAsync());
        Assert.Contains("control does not answer", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public async Task What_is_not_understood_is_64_and_asks_nothing()
    {
        foreach (var args in (string[][])[["--deep"], ["--data"], ["--demo"], ["--server"], ["--server", "http://nvr:8080"], ["--server", "nvr"], ["--certificate-sha256", new('a', 64)]])
            Assert.Equal(64, await AuditVerify.RunAsync(args, _output, _errors));
        Assert.Empty(_asked);
    }

    private Task<int> VerifyAsync() => AuditVerify.RunAsync(["--data", _directory.Path], _output, _errors);
}
