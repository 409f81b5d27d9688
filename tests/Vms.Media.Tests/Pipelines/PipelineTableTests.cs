using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Media.Ingest;
using Vms.Media.Pipelines;
using Vms.Media.Tests.Ingest;
using Vms.Rpc;
using Vms.Testing;

namespace Vms.Media.Tests.Pipelines;

public sealed class PipelineTableTests : IAsyncDisposable
{
    private readonly TestDirectory _data = new();
    private readonly IngestRig _rig = new();
    private readonly PipelineTable _table;

    public PipelineTableTests() => _table = NewTable();

    [Fact]
    public async Task The_same_generation_changes_nothing_and_an_older_one_is_refused()
    {
        await _table.ApplyAsync(Spec(5), CancellationToken.None);
        var applied = _table.All.Single();

        await _table.ApplyAsync(Spec(5), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<RpcException>(() => _table.ApplyAsync(Spec(4), CancellationToken.None));

        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        Assert.Same(applied, _table.All.Single());
        Assert.Equal(5, applied.Spec.Generation);
    }

    [Fact]
    public async Task A_newer_generation_replaces_the_spec_and_keeps_the_stream()
    {
        await _table.ApplyAsync(Spec(1), CancellationToken.None);
        var live = _table.All.Single().Live;

        await _table.ApplyAsync(Spec(2, s => s.Url = "rtsp://127.0.0.1:9/other"), CancellationToken.None);

        Assert.Same(live, _table.All.Single().Live);
        Assert.Equal("rtsp://127.0.0.1:9/other", _table.All.Single().Spec.Url);
    }

    [Fact]
    public async Task Stopping_needs_a_generation_that_is_not_older()
    {
        await _table.ApplyAsync(Spec(3), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<RpcException>(() => _table.RemoveAsync("c1", "main", 2, CancellationToken.None));
        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        await _table.RemoveAsync("c1", "main", 3, CancellationToken.None);
        await _table.RemoveAsync("c1", "main", 3, CancellationToken.None);

        Assert.Empty(_table.All);
    }

    [Theory]
    [InlineData("c1", "third", "rtsp://c/x")]
    [InlineData("c1", "main", "http://c/x")]
    [InlineData("c1", "main", "")]
    [InlineData("../../etc", "main", "rtsp://c/x")]
    [InlineData("", "main", "rtsp://c/x")]
    public async Task A_spec_that_makes_no_sense_is_refused(string camera, string stream, string url)
    {
        var spec = new PipelineSpec { CameraId = camera, Stream = stream, Url = url, Generation = 1 };

        var refused = await Assert.ThrowsAsync<RpcException>(() => _table.ApplyAsync(spec, CancellationToken.None));

        Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
        Assert.Empty(_table.All);
    }

    [Fact]
    public async Task What_was_applied_is_pulled_again_by_the_next_process_and_the_file_hides_passwords()
    {
        await _table.ApplyAsync(Spec(7, s => s.Password = "hunter2"), CancellationToken.None);
        await _table.ApplyAsync(Spec(8, s => s.Stream = "sub"), CancellationToken.None);
        await _table.RemoveAsync("c1", "sub", 8, CancellationToken.None);
        await _table.StopAsync(CancellationToken.None);

        var next = NewTable();
        await next.StartAsync(CancellationToken.None);

        var spec = next.All.Single().Spec;
        Assert.Equal((7, "main", "hunter2"), (spec.Generation, spec.Stream, spec.Password));
        Assert.All(
            Directory.EnumerateFiles(_data.Path, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain("hunter2", File.ReadAllText(file), StringComparison.Ordinal));
        await next.StopAsync(CancellationToken.None);
        next.Dispose();
    }

    [Fact]
    public async Task The_status_says_what_the_stream_is()
    {
        await using var server = await IngestRig.CameraAsync();
        await _table.ApplyAsync(Spec(1, s => s.Url = server.UrlOf(1)), CancellationToken.None);
        var pipeline = _table.All.Single();
        await Eventually.TrueAsync(() => pipeline.State.Kind == PullStateKind.Online && PipelineStatuses.Of(pipeline).Fps is > 20 and < 30);

        var status = PipelineStatuses.Of(pipeline);
        Assert.Equal(("c1", "main", "online", "", "H264", 640, 360), (status.CameraId, status.Stream, status.State, status.Reason, status.Codec, status.Width, status.Height));
        Assert.InRange(status.BitrateBps, 200_000, 2_000_000);
        Assert.Equal((true, 0L), (status.Packets > 0, status.LostPackets));
        Assert.InRange(status.LastPictureUnixMs, status.StateSinceUnixMs - 10_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_refusal_says_why_and_when_the_next_try_is()
    {
        await _table.ApplyAsync(Spec(1), CancellationToken.None);
        var pipeline = _table.All.Single();

        await Eventually.TrueAsync(() => pipeline.State.Kind == PullStateKind.Offline);

        var status = PipelineStatuses.Of(pipeline);
        Assert.Equal(("offline", "unreachable"), (status.State, status.Reason));
        Assert.NotEmpty(status.Detail);
        Assert.True(status.RetryAtUnixMs > 0);
    }

    [Theory]
    [InlineData("rtsp://0.0.0.0/x")]
    [InlineData("rtsp://[::]/x")]
    public async Task An_address_that_no_camera_can_have_is_offline_with_its_reason_and_can_be_corrected(string url)
    {
        await _table.ApplyAsync(Spec(1, s => s.Url = url), CancellationToken.None);
        var pipeline = _table.All.Single();
        await Eventually.TrueAsync(() => pipeline.State is { Kind: PullStateKind.Offline, RetryAt: not null });
        Assert.NotEmpty(pipeline.State.Detail);

        await _table.ApplyAsync(Spec(2), CancellationToken.None);
        Assert.Equal(2, pipeline.Spec.Generation);
        await Eventually.TrueAsync(() => pipeline.State.Detail.Contains("127.0.0.1", StringComparison.Ordinal));
        await _table.RemoveAsync("c1", "main", 3, CancellationToken.None);
    }

    [Theory]
    [InlineData(1, long.MaxValue, "VMS_MAX_STREAMS", "at most 1 streams", "has 1")]
    [InlineData(0, 20 << 20, "VMS_MAX_LOG_BYTES", "may take 20971520 bytes", "take 16777216")]
    public async Task Beyond_a_limit_of_the_node_a_stream_is_refused_and_its_state_says_why(int maxStreams, long maxLogBytes, string setting, string limit, string figure)
    {
        await using var rig = new IngestRig(admission: new() { MaxStreams = maxStreams, MaxLogBytes = maxLogBytes });
        using var table = NewTable(rig);
        int fitting = maxStreams > 0 ? maxStreams : 2;
        for (int n = 1; n <= fitting; n++)
            await table.ApplyAsync(Spec(1, s => s.CameraId = $"c{n}"), CancellationToken.None);
        Assert.Equal(fitting * (8L << 20), rig.Shared.LogMemory.UsedBytes);      // at once: their logs need not be open yet

        var refused = await Assert.ThrowsAsync<RpcException>(() => table.ApplyAsync(Spec(1, s => s.CameraId = "late"), CancellationToken.None));

        Assert.Equal(RpcStatus.ResourceExhausted, refused.Status);
        foreach (string part in (string[])[setting, limit, figure])
            Assert.Contains(part, refused.Detail, StringComparison.Ordinal);
        var status = table.Refused.Single();
        Assert.Equal(("late", "offline", "limitReached", 0L), (status.CameraId, status.State, status.Reason, status.Generation));
        Assert.Equal(refused.Detail, status.Detail);
        Assert.Equal(1, table.Refusals);

        // An edit of a stream that is there needs no more room; one that goes leaves its own.
        await table.ApplyAsync(Spec(2, s => s.CameraId = "c1"), CancellationToken.None);
        await table.RemoveAsync("c1", "main", 3, CancellationToken.None);
        await table.ApplyAsync(Spec(1, s => s.CameraId = "late"), CancellationToken.None);
        Assert.Empty(table.Refused);
        await table.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _table.StopAsync(CancellationToken.None);
        _table.Dispose();
        await _rig.DisposeAsync();
        _data.Dispose();
    }

    private PipelineTable NewTable(IngestRig? rig = null)
    {
        var options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["VMS_DATA"] = _data.Path,
            ["VMS_RUN_DIR"] = _data["run"],
        }).Build());
        Directory.CreateDirectory(options.KeysDirectory);
        return new((rig ?? _rig).Shared, options, NodeKey.LoadOrCreate(options), NullLogger<PipelineTable>.Instance);
    }

    private static PipelineSpec Spec(long generation, Action<PipelineSpec>? change = null)
    {
        var spec = IngestRig.Spec($"rtsp://127.0.0.1:{FreePort.Tcp()}/x", change: change);
        spec.Generation = generation;
        return spec;
    }
}
