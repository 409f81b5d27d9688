using System.Net;
using System.Text;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress;

/// <summary>Low-Latency HLS (docs/design/live.md) step by step. GOP of one second, 25 pictures a second.</summary>
public sealed class HlsViewingTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Small;

    [Fact]
    public async Task Parts_make_up_their_segment_and_both_decode()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25 * 9 + 12);
        var viewer = await HlsViewer.OpenAsync(host);
        string playlist = await viewer.ReloadAsync();

        // From the keyframe on that lies twelve seconds back, or the oldest.
        var segments = HlsViewer.Segments(playlist);
        Assert.Equal(2, segments.Count);
        var init = await viewer.GetAsync(HlsViewer.Init(playlist));
        Assert.Equal("ftyp", Encoding.ASCII.GetString(init, 4, 4));
        var segment = await viewer.GetAsync(segments[1]);
        var parts = await Task.WhenAll(HlsViewer.Parts(playlist).Where(p => p.StartsWith(segments[1][..^3], StringComparison.Ordinal)).Select(viewer.GetAsync));
        Assert.Equal(20, parts.Length);
        Assert.Equal(segment, parts.SelectMany(p => p));

        using var directory = new TestDirectory();
        File.WriteAllBytes(directory["segment.mp4"], [.. init, .. segment]);
        var report = await ChildProcess.RunAsync("ffprobe",
            ["-v", "warning", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", directory["segment.mp4"]]);
        Assert.Equal("100", report.Trim());
    }

    [Fact]
    public async Task Parsers_of_others_have_nothing_to_complain_of()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25 * 13);
        var viewer = await HlsViewer.OpenAsync(host);
        var seen = await LivePlayers.ValidateAsync(await viewer.ReloadAsync());
        Assert.Equal(4, seen.GetProperty("targetDuration").GetInt32());
        Assert.Equal(0.2, seen.GetProperty("partTarget").GetDouble(), 3);
        Assert.True(seen.GetProperty("canBlockReload").GetBoolean());
        Assert.Equal(1, seen.GetProperty("maps").GetInt32());

        camera.Reconnect();
        camera.Write(25 * 5);
        await camera.SwitchAsync(FootageSpec.Pattern("wide", 320, 180) with { Seconds = 2, Profile = "baseline" });
        camera.Write(25 * 5);
        string playlist = "";
        await Eventually.TrueAsync(async () => (playlist = await viewer.ReloadAsync()).Split("EXT-X-MAP").Length == 3);
        seen = await LivePlayers.ValidateAsync(playlist);
        Assert.Equal(2, seen.GetProperty("maps").GetInt32());
        Assert.Equal(2, seen.GetProperty("discontinuities").GetInt32());
    }

    [Fact]
    public async Task A_reload_waits_for_the_part_it_names_and_so_does_the_part_that_was_hinted()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(40);
        var viewer = await HlsViewer.OpenAsync(host);
        var (number, part) = HlsViewer.Hint(await viewer.ReloadAsync());

        var reload = viewer.ReloadAsync($"_HLS_msn={number}&_HLS_part={part}");
        var hinted = viewer.GetAsync($"{number}.{part}.m4s");
        var beyond = viewer.SendAsync($"_HLS_msn={number}&_HLS_part=700");     // the first part of the segment after
        camera.Write(4);
        Assert.False(reload.IsCompleted || hinted.IsCompleted);
        camera.Write(1);
        Assert.Contains($"URI=\"{number}.{part}.m4s\"", await reload, StringComparison.Ordinal);
        Assert.Equal("prft", Encoding.ASCII.GetString(await hinted, 4, 4));
        Assert.False(beyond.IsCompleted);
        camera.Write(25 * 4);
        using var after = await beyond;
        Assert.Contains($"URI=\"{number + 1}.0.m4s\"", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Playlists_are_compressed_once_and_media_may_be_kept_a_while()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25 * 9);
        var viewer = await HlsViewer.OpenAsync(host);
        using var gzip = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip });
        using var compressed = await gzip.GetAsync(viewer.Playlist);
        Assert.Equal(await viewer.ReloadAsync(), await compressed.Content.ReadAsStringAsync());
        Assert.True(compressed.Headers.CacheControl!.NoCache);
        Assert.Equal("*", compressed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var segment = await host.Http.GetAsync(new Uri(viewer.Playlist, HlsViewer.Segments(await viewer.ReloadAsync())[0]));
        Assert.Equal(TimeSpan.FromMinutes(1), segment.Headers.CacheControl!.MaxAge);
        Assert.Equal("video/mp4", segment.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("_HLS_part=1", 400)]
    [InlineData("_HLS_msn=99999999999", 400)]
    [InlineData("_HLS_msn=-1", 400)]
    [InlineData("_HLS_msn=x", 400)]
    [InlineData("_HLS_msn=1&_HLS_part=4294967296", 400)]
    [InlineData("_HLS_msn=1", 200)]
    [InlineData("_HLS_skip=YES", 200)]
    public async Task Absurd_directives_are_refused(string directives, int status)
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(40);
        var viewer = await HlsViewer.OpenAsync(host);
        using var response = await viewer.SendAsync(directives);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("1.m4s")]
    [InlineData("init-1.mp4")]
    [InlineData("99999999999999.m4s")]
    [InlineData("99999999999999999999999.0.m4s")]
    [InlineData("1.99999999999.m4s")]
    [InlineData("live.m3u")]
    public async Task What_is_not_there_is_not_found(string file)
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(40);
        var viewer = await HlsViewer.OpenAsync(host);
        using var response = await host.Http.GetAsync(new Uri(viewer.Playlist, file));
        Assert.Equal(404, (int)response.StatusCode);
    }

    [Fact]
    public async Task Nothing_works_without_a_ticket_or_a_stream()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(40);
        (await host.AddCameraAsync(s_footage, "2")).Write(40);
        foreach (var (url, status) in new (Uri, int)[]
        {
            (host.Hls("1", "x.y"), 401), (host.Hls("1", host.Ticket("2")), 401), (host.Hls("3"), 404), (host.Hls("1", stream: "sub"), 404),
            (host.Dash("1", "x.y"), 401), (new Uri(host.Url, "/hls/cam_1/main/live.m3u8"), 401), (new Uri(host.Url, "/hls/cam_1/main/t/x.y/live.m3u8"), 401),
            (new Uri(host.Url, $"/hls/cam_1/main/t/{host.Ticket("2")}/live.m3u8"), 401), (new Uri(host.Url, "/dash/cam_1/main/t/x.y/live.mpd"), 401),
        })
        {
            using var response = await host.Http.GetAsync(url);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task A_player_that_sends_a_header_gets_addresses_without_a_ticket()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(40);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", host.Ticket("1"));
        var entry = new Uri(host.Url, "/hls/cam_1/index.m3u8");
        Assert.EndsWith("\nmain/live.m3u8\n", await http.GetStringAsync(entry), StringComparison.Ordinal);
        Assert.StartsWith("#EXTM3U", await http.GetStringAsync(new Uri(entry, "main/live.m3u8")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Viewers_of_all_kinds_share_one_packaging()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25 * 5 + 5);
        var viewers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => HlsViewer.OpenAsync(host)));
        foreach (var viewer in viewers)
            await viewer.ReloadAsync();
        using var manifest = await host.Http.GetAsync(host.Dash("1"));
        Assert.Equal(200, (int)manifest.StatusCode);

        var stream = host.Egress.Packaged.Single();
        Assert.Equal(25 * 5 + 5 + 2, stream.OutstandingMessages);      // every sample once, init segment and description
        Assert.Equal(1, camera.Stream.DemandCount);
        Assert.Equal(2, host.Egress.SegmentViewers.Present.Select(v => v.Transport).Distinct().Count());
        host.Streams.Remove(camera.Stream);
        await Eventually.TrueAsync(() => host.Egress.Packaged.Count == 0 && stream.OutstandingMessages == 0);
        Assert.Equal(0, camera.Stream.DemandCount);
        using var gone = await viewers[0].SendAsync("");
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ffmpeg_reads_the_live_stream_in_silence(bool hls)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25 * 13);
        camera.Run();
        var url = hls ? host.Hls("1") : host.Dash("1");
        var report = await ChildProcess.RunAsync("ffmpeg",
            ["-nostdin", "-hide_banner", "-v", "error", "-i", url.AbsoluteUri, "-t", "4", "-f", "framemd5", "-"]);
        var frames = report.Split('\n').Where(l => l.StartsWith("0,", StringComparison.Ordinal)).ToList();
        Assert.Equal(100, frames.Count);
        Assert.DoesNotContain("rror", report, StringComparison.Ordinal);
        Assert.Empty(host.Log.Errors);
    }
}
