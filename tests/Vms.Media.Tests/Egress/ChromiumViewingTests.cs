using System.Text.Json;
using Vms.Codecs;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;
using Vms.Testing.Viewers;

namespace Vms.Media.Tests.Egress;

/// <summary>What Debian's Chromium makes of us. Few, because each starts a browser.</summary>
public sealed class ChromiumViewingTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Chromium_shows_a_stream_by_WHEP_without_a_lost_packet()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "whep.html", "frames=100&delete=1&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);

        Assert.Equal(201, result.GetProperty("status").GetInt32());
        Assert.Equal("SRTP_AEAD_AES_128_GCM", result.GetProperty("srtp").GetString());
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.Equal(0, result.GetProperty("plis").GetInt32());
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
        Assert.True(result.GetProperty("decoded").GetInt32() >= 100);
        await Eventually.TrueAsync(() => !host.Egress.WebRtc!.Sessions.Any());
    }

    [Fact]
    public async Task Chromium_hears_an_AAC_camera_by_WHEP()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small, sound: CodecKind.Aac);
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "whep.html", "frames=26&sound=1&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        AssertHeard(result, "audio/opus");
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.True(result.GetProperty("decoded").GetInt32() > 10);
        Assert.NotEqual(0, host.Egress.WebRtc!.SoundCounters.PacketsConverted);
    }

    [Fact]
    public async Task Chromium_falls_back_to_TCP()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "whep.html", "frames=75&tcp=1&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.True(result.GetProperty("decoded").GetInt32() >= 75);
    }

    [Fact]
    public async Task Chromium_answers_our_offer()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small, sound: CodecKind.PcmU);
        await using var browser = await ChromiumPage.OpenAsync(new Uri(host.Url, "/pages/whep.html?frames=75&sound=1&signal=1"));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        AssertHeard(result, "audio/PCMU");
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.True(result.GetProperty("decoded").GetInt32() >= 75);
    }

    [Theory]
    [InlineData("whep")]
    [InlineData("signal")]
    public async Task Chromium_restarts_ICE_and_the_picture_goes_on(string signalling)
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var browser = await ChromiumPage.OpenAsync(signalling == "whep"
            ? Page(host, "whep.html", "seconds=1&restart=1&whep=", host.Whep("1"))
            : new Uri(host.Url, "/pages/whep.html?seconds=1&restart=1&signal=1"));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        Assert.False(result.TryGetProperty("error", out _), result.ToString());
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.True(result.GetProperty("shown").GetInt32() >= 50);
        Assert.Equal(1, host.Egress.WebRtc!.Counters.IceRestarts);
        Assert.Single(host.Log.Lines, l => l.Contains(" plays ", StringComparison.Ordinal));     // one session, one handshake
    }

    [Fact]
    public async Task Chromium_gets_the_picture_through_a_TURN_server()
    {
        await using var turn = await Coturn.StartAsync();
        var servers = EgressHost.IceServersOf(turn.Url("udp"), Coturn.Secret);
        await using var host = await EgressHost.StartAsync(o => o with { IceServers = servers });
        await host.AddRunningCameraAsync(FootageSpec.Small);
        string ice = Uri.EscapeDataString(JsonSerializer.Serialize(servers.For("tester", TimeProvider.System.GetUtcNow()), JsonSerializerOptions.Web));
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "whep.html", $"seconds=4&relay=1&ice={ice}&whep=", host.Whep("1")));
        var result = await host.ResultAsync(s_deadline);
        output.WriteLine(turn.Output);
        Report(host, result);
        Assert.Equal("relay", result.GetProperty("candidate").GetString());
        Assert.Equal(0, result.GetProperty("lost").GetInt32());
        Assert.True(result.GetProperty("decoded").GetInt32() >= 25);
    }

    [Fact]
    public async Task Chromium_plays_a_stream_by_MSE()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small, sound: CodecKind.PcmA);
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "mse.html", "frames=100&mse=", host.Mse("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);

        Assert.Equal(JsonValueKind.Null, result.GetProperty("error").ValueKind);
        Assert.StartsWith("video/mp4; codecs=\"avc1.", result.GetProperty("mimes")[0].GetString(), StringComparison.Ordinal);
        Assert.EndsWith(",flac\"", result.GetProperty("mimes")[0].GetString(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("heardBytes").GetInt64() > 0);
        Assert.Equal(1, result.GetProperty("ranges").GetInt32());
        Assert.True(result.GetProperty("frames").GetInt32() >= 100);
        Assert.InRange(result.GetProperty("behind").GetDouble(), 0, 1.5);
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
    }

    [Fact]
    public async Task Hls_js_plays_low_latency_HLS_and_goes_on_after_the_camera_restarted()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.Small, sound: CodecKind.Aac);
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "hls.html", "frames=75&width=320&url=", host.Hls("1")));
        await Eventually.TrueAsync(() => host.Egress.SegmentViewers.Present.Sum(v => v.Requests) > 20, s_deadline);
        camera.Reconnect();
        await Eventually.TrueAsync(() => host.Egress.SegmentViewers.Present.Sum(v => v.Requests) > 40, s_deadline);
        await camera.SwitchAsync(FootageSpec.Pattern("wide", 320, 180) with { Profile = "baseline" });
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        ReportAges(result);

        Assert.Equal(JsonValueKind.Null, result.GetProperty("fatal").ValueKind);
        Assert.True(result.GetProperty("parts").GetInt32() > 30);
        Assert.True(result.GetProperty("heardBytes").GetInt64() > 0);
        Assert.Equal(2, result.GetProperty("discontinuities").GetInt32());
        Assert.Equal(320, result.GetProperty("width").GetInt32());
        Assert.True(result.GetProperty("ofWidth").GetInt32() >= 75);
        Assert.True(result.GetProperty("frames").GetInt32() >= 100);       // of both sizes; a busy machine paints fewer than come
    }

    [Fact]
    public async Task Dash_js_plays_low_latency_DASH()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small, sound: CodecKind.Opus);
        camera.Write(25 * 8);
        camera.Run();
        await using var browser = await ChromiumPage.OpenAsync(Page(host, "dash.html", "frames=150&url=", host.Dash("1")));
        var result = await host.ResultAsync(s_deadline);
        Report(host, result);
        ReportAges(result);

        Assert.Empty(result.GetProperty("errors").EnumerateArray());
        Assert.True(result.GetProperty("heardBytes").GetInt64() > 0);
        Assert.Equal(FootageSpec.Small.Width, result.GetProperty("width").GetInt32());
        Assert.True(result.GetProperty("frames").GetInt32() >= 150);
    }

    /// <summary>Packets came, and what was decoded from them was not silence.</summary>
    private static void AssertHeard(JsonElement result, string mime)
    {
        var sound = result.GetProperty("sound");
        Assert.Equal(mime, sound.GetProperty("codec").GetString());
        Assert.True(sound.GetProperty("packets").GetInt32() > 10);
        Assert.True(sound.GetProperty("energy").GetDouble() > 0);
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
