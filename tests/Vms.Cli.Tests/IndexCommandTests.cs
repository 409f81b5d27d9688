using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Vms.Cli.Commands;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Rpc;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary>vms index against something that answers as the recorder does.</summary>
public sealed class IndexCommandTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly List<IndexCheckReport> _reports = [];
    private WebApplication _recorder = null!;
    private CheckIndexRequest? _asked;
    private RpcException? _failure;

    public async ValueTask InitializeAsync()
    {
        var run = RunDirectories.For(_directory.Path);
        RunDirectories.Create(run);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
            Path.Combine(run, "planes", "recorder.rpc.sock"), listener => listener.Protocols = HttpProtocols.Http2));
        _recorder = builder.Build();
        _recorder.MapServerStreaming<CheckIndexRequest, IndexCheckReport>(
            "vms.recorder.v1.RecorderPlane/CheckIndex", CheckIndexRequest.Parser, (request, _) => CheckAsync(request));
        _recorder.MapUnary(
            "vms.recorder.v1.RecorderPlane/RebuildIndex", RebuildIndexRequest.Parser,
            (request, _) => Task.FromResult(new RebuildIndexReply { Added = 3, Corrected = request.EveryFile ? 2 : 0, Unreadable = request.EveryFile ? 1 : 0 }));
        await _recorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        Directory.Delete(RunDirectories.For(_directory.Path), recursive: true);
        _directory.Dispose();
    }

    [Fact]
    public async Task A_clean_index_is_0_and_one_line()
    {
        _reports.Add(new IndexCheckReport { Summary = new IndexCheckSummary { Segments = 12, Files = 12 } });
        Assert.Equal(0, await CheckAsync());
        Assert.Equal("12 segments in the index, 12 files: 0 findings\n", _output.ToString());
        Assert.Equal(("size", ""), (_asked!.Level, _asked.CameraId));
    }

    [Fact]
    public async Task A_finding_is_a_line_and_1()
    {
        _reports.Add(new IndexCheckReport
        {
            Finding = new IndexFinding
            {
                CameraId = "cam1",
                Stream = "main",
                FromUnixMs = 1_772_366_400_000,
                Path = "cam1/main/2026-03-01/120000-0.mp4",
                Problem = "damaged",
                Detail = "1 of 10",
            },
        });
        _reports.Add(new IndexCheckReport { Summary = new IndexCheckSummary { Segments = 1, Files = 1, Fragments = 10, Findings = 1 } });
        Assert.Equal(1, await CheckAsync("--level", "hash", "--camera", "cam1"));
        Assert.Equal(
            "cam1 main 2026-03-01T12:00:00Z cam1/main/2026-03-01/120000-0.mp4: damaged (1 of 10)\n1 segments in the index, 1 files, 10 fragments read: 1 findings\n",
            _output.ToString());
        Assert.Equal(("hash", "cam1"), (_asked!.Level, _asked.CameraId));
    }

    [Fact]
    public async Task What_could_not_be_checked_is_2_and_says_why()
    {
        _failure = new RpcException(RpcStatus.Unavailable, "the archive index is not available");
        Assert.Equal(2, await CheckAsync());
        Assert.Contains("the archive index is not available", _errors.ToString(), StringComparison.Ordinal);

        await _recorder.StopAsync();
        Assert.Equal(2, await CheckAsync());
    }

    [Fact]
    public async Task A_check_that_ends_before_its_end_is_2() => Assert.Equal(2, await CheckAsync());

    [Fact]
    public async Task A_level_there_is_not_is_64()
    {
        _failure = new RpcException(RpcStatus.InvalidArgument, "level 'deep'");
        Assert.Equal(64, await CheckAsync("--level", "deep"));
        Assert.Equal(64, await CheckAsync("--deep"));
    }

    [Fact]
    public async Task A_rebuild_says_what_it_changed_and_whether_anything_could_not_be_read()
    {
        Assert.Equal(0, await IndexRebuild.RunAsync(["--data", _directory.Path], _output, _errors));
        Assert.Equal(1, await IndexRebuild.RunAsync(["--all", "--data", _directory.Path], _output, _errors));
        Assert.Equal("3 added, 0 closed, 0 corrected, 0 removed, 0 unreadable\n3 added, 0 closed, 2 corrected, 0 removed, 1 unreadable\n", _output.ToString());
        await _recorder.StopAsync();
        Assert.Equal(2, await IndexRebuild.RunAsync(["--data", _directory.Path], _output, _errors));
    }

    private Task<int> CheckAsync(params string[] args) => IndexCheck.RunAsync([.. args, "--data", _directory.Path], _output, _errors);

    private async IAsyncEnumerable<IndexCheckReport> CheckAsync(CheckIndexRequest request)
    {
        _asked = request;
        if (_failure is not null)
            throw _failure;
        foreach (var report in _reports)
            yield return report;
        await Task.CompletedTask;
    }
}
