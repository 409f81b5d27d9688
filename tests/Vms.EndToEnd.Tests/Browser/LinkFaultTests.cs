using System.Net;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.NetworkEmulator;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>A viewer at the end of a bad line: the packets between Chromium and the server go through a relay with seeded faults.</summary>
public sealed class LinkFaultTests
{
    private static readonly TimeSpan s_watch = Soak.Length(seconds: 5, soakSeconds: 60);

    [Fact]
    public async Task The_picture_goes_on_over_a_bad_line_and_is_back_two_seconds_after_a_dead_one()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        await using var relay = new UdpRelay(new IPEndPoint(IPAddress.Loopback, product.WebRtcPort), seed: 20);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        // The server is behind the relay, by UDP alone. And the browser does not learn that the network is back: most do not, when a switch dies.
        await chromium.Page.AddInitScriptAsync(
            $$"""
            const one = "a=candidate:1 1 udp 2130706431 127.0.0.1 {{relay.Port}} typ host\r\n";
            window.RTCPeerConnection = class extends window.RTCPeerConnection {
              setRemoteDescription(d) {
                let sdp = d.sdp.replace(/a=candidate:.*\r\n/gi, "").replace(/(m=video[^]*?c=IN[^\r]*\r\n)/, "$1" + one);
                return super.setRemoteDescription({ type: d.type, sdp });
              }
            };
            window.addEventListener("online", (e) => e.stopImmediatePropagation(), true);
            """);
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing][data-transport=webrtc][data-way=udp]").WaitForAsync();
        await chromium.CountFramesAsync(id);

        await AssertGoesOnAsync("1 % loss", network => network.Loss = 0.01);
        await AssertGoesOnAsync("5 % loss", network => network.Loss = 0.05);
        await AssertGoesOnAsync("5 % of the packets overtaken by three", network => network.Reordering = 0.05);
        await AssertGoesOnAsync("200 ms jitter", network => network.Jitter = TimeSpan.FromMilliseconds(200));

        var down = Soak.Length(seconds: 8, soakSeconds: 20);
        relay.IsDown = true;
        await chromium.Page.Context.SetOfflineAsync(true);
        await Soak.RunForAsync(down);
        relay.IsDown = false;
        await chromium.Page.Context.SetOfflineAsync(false);
        var back = await chromium.Page.EvaluateAsync<double>(
            "() => new Promise((resolve) => { const t = performance.now(); document.querySelector('video').requestVideoFrameCallback((now) => resolve(now - t)); })");
        Soak.Measured($"viewer's line dead for {down.TotalSeconds:0} s: picture {back:0} ms after it came back, by {await chromium.Page.Locator("video").GetAttributeAsync("data-transport")}");
        Assert.InRange(back, 0, 2000);

        async Task AssertGoesOnAsync(string fault, Action<PacketImpairment> spoil)
        {
            spoil(relay.ToClient);
            spoil(relay.ToServer);
            await chromium.TakeShownAsync();
            var before = await chromium.FramesSeenAsync();
            await Soak.RunForAsync(s_watch);
            var frames = await chromium.FramesSeenAsync() - before;
            var pause = await chromium.LongestPauseMsAsync();
            foreach (var network in (PacketImpairment[])[relay.ToClient, relay.ToServer])
                (network.Loss, network.Reordering, network.Jitter) = (0, 0, TimeSpan.Zero);
            Soak.Measured($"viewer's line with {fault}: {frames} frames in {s_watch.TotalSeconds:0} s, longest pause {pause:0} ms");
            Assert.InRange(pause, 0, 2000);
            Assert.True(frames >= s_watch.TotalSeconds * 25 * 0.6, $"{frames} frames");
            Assert.Equal("webrtc", await chromium.Page.Locator("video").GetAttributeAsync("data-transport"));
        }
    }
}
