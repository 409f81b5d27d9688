using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Browser;

/// <summary>The page in TLS, with the installation's own certificate: everything that plays, plays there, and nothing of it in the clear.</summary>
public sealed class HttpsTests
{
    private const string NoWebRtc = "delete window.RTCPeerConnection;";

    private const string NoPictureSockets =
        """
        window.WebSocket = class extends window.WebSocket {
          constructor(url, ...rest) { super(String(url).replace("/mse/", "/no/"), ...rest); }
        };
        """;

    [Fact]
    public async Task Live_by_every_transport_and_recordings_play_on_a_page_in_TLS()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        string id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);

        foreach (var (transport, scripts) in ((string, string[])[])[("webrtc", []), ("mse", [NoWebRtc]), ("hls", [NoWebRtc, NoPictureSockets])])
        {
            await using var chromium = await Chromium.StartAsync(anyCertificate: true);
            var clear = new List<string>();
            chromium.Page.Request += (_, request) =>
            {
                if (request.Url.StartsWith("http:", StringComparison.Ordinal) || request.Url.StartsWith("ws:", StringComparison.Ordinal))
                    clear.Add(request.Url);
            };
            foreach (string script in scripts)
                await chromium.Page.AddInitScriptAsync(script);
            await chromium.SignInAsync(product, product.SecureUrl);
            await chromium.Page.Locator($"video[data-state=playing][data-transport={transport}]").WaitForAsync();
            await chromium.CountFramesAsync(id);
            await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25);

            if (transport == "webrtc")
            {
                await chromium.Page.GotoAsync($"{product.SecureUrl}/playback?camera={id}&at={DateTimeOffset.UtcNow.AddSeconds(-6):yyyy-MM-dd'T'HH:mm:ss'Z'}");
                await chromium.Page.Locator("video[data-state=ready]").WaitForAsync();
                await chromium.CountFramesAsync(id);
                await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() >= 25);
                chromium.AssertNoErrors();      // the others had something blocked
            }

            Assert.Empty(clear);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        using var metrics = await product.Api.SendAsync(request);
        string text = await metrics.Content.ReadAsStringAsync();
        Assert.Contains("vms_http_requests_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("vms_http_rate_limited_total{", text, StringComparison.Ordinal);
    }
}
