using Vms.Media.Streams;
using Vms.Media.Tests.Egress;
using Vms.Media.Tests.Egress.Rtsp;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Streams;

/// <summary>A viewer may come before the pipeline: the plane has just started, or the camera has just been added.</summary>
public sealed class StreamOnItsWayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_asks_for_a_stream_that_is_on_its_way_gets_it_and_nobody_else()
    {
        using var directory = new TestDirectory();
        var registry = new StreamRegistry();
        var logs = new StreamLogDirectory(directory.Path);
        var main = new LiveStream("1", "main", logs, TimeProvider.System);
        var asked = registry.FindAsync("1", "main", Ct).AsTask();
        var other = registry.FindAsync("2", "main", Ct).AsTask();
        registry.Add(new LiveStream("1", "sub", logs, TimeProvider.System));
        Assert.False(asked.IsCompleted);
        registry.Add(main);
        Assert.Same(main, await asked);
        Assert.Same(main, await registry.FindAsync("1", "main", Ct));
        Assert.Null(await registry.FindAsync("1", "other", Ct));
        Assert.Null(await other);
    }

    [Fact]
    public async Task Viewers_of_every_kind_see_the_picture_of_a_camera_that_is_added_after_they_asked()
    {
        await using var host = await EgressHost.StartAsync();
        await using var rtsp = await RtspPeer.ConnectAsync(host);
        var described = rtsp.AskAsync("DESCRIBE", host.Rtsp("1"));
        var webRtc = WebRtcPeer.JoinAsync(host, "1");
        var hls = HlsViewer.OpenAsync(host);
        var snapshot = host.Http.GetAsync(host.Snapshot("1"), Ct);
        using var mse = new System.Net.WebSockets.ClientWebSocket();
        var opened = mse.ConnectAsync(host.Mse("1"), Ct);
        await Eventually.TrueAsync(() => host.Requests == 4 && host.Egress.Rtsp!.Connections.Any(c => c.User is not null));

        await host.AddRunningCameraAsync(FootageSpec.Small);
        Assert.Equal(200, (await described).StatusCode);
        using var peer = await webRtc;
        await peer.Playing.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        Assert.StartsWith("#EXTM3U", await (await hls).ReloadAsync(), StringComparison.Ordinal);
        Assert.False((await snapshot).Headers.Contains("X-Vms-Placeholder"));
        await opened;
        Assert.Empty(host.Log.Errors);
    }
}
