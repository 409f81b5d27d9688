using Microsoft.Extensions.Logging.Abstractions;
using Vms.Contracts.Media;
using Vms.Hosting.Decoding;
using Vms.Media.Pipelines;
using Vms.Media.Snapshots;
using Vms.Media.Tests.Ingest;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.FakeCamera;

namespace Vms.Media.Tests.Pipelines;

/// <summary>Looking at a stream before it is a camera's, with cameras over real sockets.</summary>
public sealed class StreamProbesTests : IAsyncDisposable
{
    private const int Patience = 20_000;

    private readonly IngestRig _rig = new();
    private readonly PictureDecoding _decoding = new("vms-media", TimeProvider.System, NullLogger<PictureDecoding>.Instance);
    private readonly StreamProbes _probes;

    public StreamProbesTests()
    {
        var shared = _rig.Shared;
        _probes = new StreamProbes(
            shared.Logs, shared.Loop, shared.Options, shared.Admission, shared.LogMemory, new SnapshotStore(_decoding, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_tells_what_it_is_and_shows_a_picture_and_leaves_nothing_behind()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = RtspAuthentication.DigestMd5 });
        var probed = await ProbeAsync(server.UrlOf(1), "secret");
        Assert.Equal(("online", "H264", 640, 360), (probed.Status.State, probed.Status.Codec, probed.Status.Width, probed.Status.Height));
        Assert.Equal([0xFF, 0xD8], probed.Jpeg.Span[..2].ToArray());
        await Eventually.TrueAsync(() => server.Camera(1).Viewers == 0);
        Assert.Empty(_rig.Shared.Streams.All);
        Assert.Equal(0, _rig.Shared.LogMemory.UsedBytes);
        Assert.Empty(_rig.Shared.Logs.Names());
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = RtspAuthentication.DigestMd5 });
        var probed = await ProbeAsync(server.UrlOf(1), "guess");
        Assert.Equal(("unauthorized", "badCredentials"), (probed.Status.State, probed.Status.Reason));
        Assert.True(probed.Jpeg.IsEmpty);
        Assert.Equal(1, server.Camera(1).WrongPasswords);
    }

    [Fact]
    public async Task Nobody_there_and_no_such_stream_are_told_apart_at_once()
    {
        await using var server = await IngestRig.CameraAsync();
        Assert.Equal("unreachable", (await ProbeAsync($"rtsp://127.0.0.1:{FreePort.Tcp()}/x", "secret")).Status.Reason);
        Assert.Equal("noSuchPath", (await ProbeAsync(server.UrlOf(99), "secret")).Status.Reason);
    }

    [Fact]
    public async Task A_stream_that_does_not_come_ends_with_the_patience()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.StopSending = true;
        var probed = await _probes.ProbeAsync(new ProbeStreamRequest { Spec = IngestRig.Spec(server.UrlOf(1)), PatienceMs = 500 }, Token);
        Assert.NotEqual("online", probed.Status.State);
    }

    [Fact]
    public async Task What_cannot_be_pulled_is_refused()
    {
        foreach (string url in (string[])["push:", "http://10.0.0.1/x", ""])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => ProbeAsync(url, "secret"));
            Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _probes.Dispose();
        _decoding.Dispose();
        await _rig.DisposeAsync();
    }

    private Task<ProbedStream> ProbeAsync(string url, string password) =>
        _probes.ProbeAsync(new ProbeStreamRequest { Spec = IngestRig.Spec(url, change: s => s.Password = password), PatienceMs = Patience, MaxWidth = 320 }, Token);
}
