using System.Globalization;
using Microsoft.Playwright;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The player's whole way down in the whole product: UDP → TCP → TURN → MSE → HLS, each step with the ones before it blocked, and up again.</summary>
public sealed class FallbackTests
{
    /// <summary>No candidate of the server's gets through by UDP.</summary>
    private const string NoUdp =
        """
        window.RTCPeerConnection = class extends window.RTCPeerConnection {
          setRemoteDescription(d) { return super.setRemoteDescription({ type: d.type, sdp: d.sdp.replace(/a=candidate:\S+ \d+ udp .*\r\n/gi, "") }); }
        };
        """;

    /// <summary>Only what comes through a relay counts.</summary>
    private const string OnlyRelay =
        """
        window.RTCPeerConnection = class extends window.RTCPeerConnection {
          constructor(c) { super({ ...c, iceTransportPolicy: "relay" }); }
        };
        """;

    private const string NoWebRtc = "delete window.RTCPeerConnection;";

    /// <summary>A proxy that knows nothing of WebSockets: the picture's are refused, the page's own feed is not the question here.</summary>
    private const string NoPictureSockets =
        """
        window.WebSocket = class extends window.WebSocket {
          constructor(url, ...rest) { super(String(url).replace("/mse/", "/no/"), ...rest); }
        };
        """;

    [Fact]
    public async Task The_picture_comes_by_the_best_way_that_is_open_and_says_why_it_is_not_the_first()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var turn = await Coturn.StartAsync();
        await using var product = await ProductRun.StartAsync(directory, ("VMS_ICE_SERVERS", turn.Url("udp")), ("VMS_TURN_SECRET", Coturn.Secret));
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);

        await AssertComesAsync(product, id, "webrtc", "udp", "");
        await AssertComesAsync(product, id, "webrtc", "tcp", "UDP does not get through to the server.", NoUdp);
        await AssertComesAsync(product, id, "webrtc", "relay", "There is no direct way to the server.", OnlyRelay);
        await turn.DisposeAsync();
        await AssertComesAsync(product, id, "mse", null, "WebRTC: No way to the server was found.", OnlyRelay);
        await AssertComesAsync(product, id, "hls", null, "MSE: The server cannot be reached.", NoWebRtc, NoPictureSockets);
    }

    [Fact]
    public async Task A_viewer_whose_network_lets_UDP_through_again_gets_WebRTC_back_without_asking()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await using var chromium = await Chromium.StartAsync();
        await chromium.Page.AddInitScriptAsync(
            """
            window.RTCPeerConnection = class extends window.RTCPeerConnection {
              setRemoteDescription(d) { return super.setRemoteDescription({ type: d.type, sdp: window.__open ? d.sdp : d.sdp.replace(/a=candidate:.*\r\n/gi, "") }); }
            };
            """);
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing][data-transport=mse]").WaitForAsync();
        await chromium.Page.EvaluateAsync("() => { window.__open = true; }");
        await chromium.CountFramesAsync(id);
        await chromium.Page.Locator("video[data-state=playing][data-transport=webrtc][data-way=udp]").WaitForAsync();
        var seen = await chromium.FramesSeenAsync();
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= seen + 25);
        Soak.Measured($"from MSE back to WebRTC: longest pause {await chromium.LongestPauseMsAsync():0} ms");
        Assert.InRange(await chromium.LongestPauseMsAsync(), 0, 1000);
        Assert.Equal("", await chromium.Page.Locator("video").GetAttributeAsync("data-reason"));
    }

    private static async Task AssertComesAsync(ProductRun product, string id, string transport, string? way, string reason, params string[] blocked)
    {
        await using var chromium = await Chromium.StartAsync();
        foreach (var script in blocked)
            await chromium.Page.AddInitScriptAsync(script);
        await chromium.SignInAsync(product);
        var video = chromium.Page.Locator("video");
        await chromium.Page.Locator($"video[data-state=playing][data-transport={transport}]{(way is null ? "" : $"[data-way={way}]")}").WaitForAsync();
        await chromium.CountFramesAsync(id);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 50);
        Assert.Equal(transport, await video.GetAttributeAsync("data-transport"));
        Assert.Equal(reason, await video.GetAttributeAsync("data-reason"));
        await AssertAgeAsync(video, transport);
        await chromium.Page.Locator("[data-tile]").HoverAsync();
        Assert.Contains(reason, await chromium.Page.GetByTestId("transport").TextContentAsync() ?? "", StringComparison.Ordinal);
    }

    /// <summary>How old the tile says its picture is, from capture: at each way no less than nothing and no more than that way buffers.</summary>
    private static async Task AssertAgeAsync(ILocator video, string transport)
    {
        var (least, most) = transport switch { "webrtc" => (1, 1000), "mse" => (1, 2000), _ => (100, 4000) };
        double age = -1;
        await Eventually.TrueAsync(async () =>
            double.TryParse(await video.GetAttributeAsync("data-age-ms"), NumberStyles.Float, CultureInfo.InvariantCulture, out age) && age >= least && age < most);
        Soak.Measured($"age of the picture by {transport}: {age:0} ms");
    }
}
