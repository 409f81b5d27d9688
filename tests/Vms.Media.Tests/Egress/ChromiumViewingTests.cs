using System.Text.Json;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>What Debian's Chromium makes of us. Few, because each starts a browser.</summary>
public sealed class ChromiumViewingTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Chromium_shows_a_stream_by_WHEP_without_a_lost_packet()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await Chromium.OpenAsync(Page(host, "whep.html", "seconds=4&delete=1&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);

        Assert.Equal(201, result.GetProperty("status").GetInt32());
        Assert.Equal("SRTP_AEAD_AES_128_GCM", result.GetProperty("srtp").GetString());
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.Equal(0, result.GetProperty("plis").GetInt32());
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
        // Four seconds of live and what came before since the keyframe.
        Assert.InRange(result.GetProperty("decoded").GetInt32(), 75, 150);
        await Eventually.TrueAsync(() => !host.Egress.WebRtc!.Sessions.Any());
    }

    [Fact]
    public async Task Chromium_falls_back_to_TCP()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await Chromium.OpenAsync(Page(host, "whep.html", "seconds=3&tcp=1&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.InRange(result.GetProperty("decoded").GetInt32(), 50, 150);
    }

    [Fact]
    public async Task Chromium_answers_our_offer()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await Chromium.OpenAsync(new Uri(host.Url, "/pages/whep.html?seconds=3&signal=1"));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.InRange(result.GetProperty("decoded").GetInt32(), 50, 150);
    }

    [Fact]
    public async Task Chromium_plays_a_stream_by_MSE()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await Chromium.OpenAsync(Page(host, "mse.html", "seconds=4&mse=", host.Mse("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);

        Assert.Equal(JsonValueKind.Null, result.GetProperty("error").ValueKind);
        Assert.StartsWith("video/mp4; codecs=\"avc1.", result.GetProperty("mimes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, result.GetProperty("ranges").GetInt32());
        Assert.InRange(result.GetProperty("frames").GetInt32(), 60, 150);
        Assert.InRange(result.GetProperty("behind").GetDouble(), 0, 1.5);
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
    }

    [Fact]
    public async Task Hls_js_plays_low_latency_HLS_and_goes_on_after_the_camera_restarted()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await Chromium.OpenAsync(Page(host, "hls.html", "seconds=14&url=", host.Hls("1")));
        await Eventually.TrueAsync(() => host.Egress.SegmentViewers.Present.Sum(v => v.Requests) > 20, s_deadline);
        camera.Reconnect();
        await Eventually.TrueAsync(() => host.Egress.SegmentViewers.Present.Sum(v => v.Requests) > 40, s_deadline);
        await camera.SwitchAsync(FootageSpec.Pattern("wide", 320, 180) with { Profile = "baseline" });
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        ReportAges(result);

        Assert.Equal(JsonValueKind.Null, result.GetProperty("fatal").ValueKind);
        Assert.True(result.GetProperty("parts").GetInt32() > 30);
        Assert.Equal(2, result.GetProperty("discontinuities").GetInt32());
        Assert.Equal(320, result.GetProperty("width").GetInt32());
        Assert.InRange(result.GetProperty("frames").GetInt32(), 200, 400);
        Assert.InRange(result.GetProperty("lastGap").GetDouble(), 0, 1000);
    }

    [Fact]
    public async Task Dash_js_plays_low_latency_DASH()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(25 * 8);
        camera.Run();
        await using var browser = await Chromium.OpenAsync(Page(host, "dash.html", "seconds=10&url=", host.Dash("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        ReportAges(result);

        Assert.Empty(result.GetProperty("errors").EnumerateArray());
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
        Assert.InRange(result.GetProperty("frames").GetInt32(), 120, 300);
        Assert.InRange(result.GetProperty("lastGap").GetDouble(), 0, 1000);
    }

    private void ReportAges(JsonElement result)
    {
        var ages = result.GetProperty("ages").EnumerateArray().Select(a => a.GetDouble()).Order().ToList();
        output.WriteLine(ages.Count > 0 ? $"capture to shown ms: p50 {ages[ages.Count / 2]:F0}, max {ages[^1]:F0}" : "no ages");
    }

    private void Report(EgressHost host, JsonElement result)
    {
        output.WriteLine(result.ToString());
        foreach (var line in host.Log.Lines)
            output.WriteLine(line);
        Assert.Empty(host.Log.Errors);
    }

    private static Uri Page(EgressHost host, string page, string query, Uri endpoint) =>
        new(host.Url, $"/pages/{page}?{query}{Uri.EscapeDataString(endpoint.AbsoluteUri)}");
}
