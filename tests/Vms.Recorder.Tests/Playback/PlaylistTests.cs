using System.Globalization;
using System.Net;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Playback;

public sealed class PlaylistTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_playlist_over_a_rotation_plays_without_a_discontinuity_and_without_a_warning(int bFrames)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 50, bFrames: bFrames);
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250);
        string url = rig.Url("playback/index.m3u8", 3, 60);

        string playlist = await rig.Http.GetStringAsync(url);
        Assert.DoesNotContain("DISCONTINUITY", playlist, StringComparison.Ordinal);
        Assert.Equal(1, Count(playlist, "#EXT-X-MAP"));
        Assert.Equal(Count(playlist, "#EXTINF"), Count(playlist, "#EXT-X-PROGRAM-DATE-TIME"));
        Assert.Contains("#EXT-X-START:TIME-OFFSET=1.000,PRECISE=YES", playlist, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:02.000Z", playlist, StringComparison.Ordinal);
        Assert.EndsWith("#EXT-X-ENDLIST\n", playlist, StringComparison.Ordinal);
        AssertDurations(playlist);

        string said = await ChildProcess.RunAsync("ffmpeg", ["-v", "warning", "-i", url, "-f", "null", "-"]);
        Assert.Equal("", said);
        double[] times = await FrameTimesAsync(url);
        Assert.Equal(450, times.Length);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(0.04, pair.Second - pair.First, 3));
        ArchiveJudge.AssertEveryFrameOnce(Footage.CountersIn(await AllMediaAsync(rig, playlist)), 50, 500);
    }

    [Fact]
    public async Task A_gap_is_a_discontinuity_with_its_own_time_and_takes_no_time_on_the_playlist()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 100, 100, offsetSeconds: 20);
        string url = rig.Url("playback/index.m3u8", 0, 60);

        string playlist = await rig.Http.GetStringAsync(url);
        Assert.Equal(1, Count(playlist, "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:24.000Z"));
        Assert.Equal(1, Count(playlist, "#EXT-X-MAP"));
        Assert.Equal("", await ChildProcess.RunAsync("ffmpeg", ["-v", "warning", "-i", url, "-f", "null", "-"]));
        double[] times = await FrameTimesAsync(url);
        Assert.Equal(200, times.Length);
        Assert.Equal(8, times[^1] - times[0] + 0.04, 2);
    }

    [Fact]
    public async Task Other_codec_parameters_get_their_own_init_segment_and_each_part_decodes_with_it()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 100, 100);

        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60));
        Assert.Equal(1, Count(playlist, "#EXT-X-DISCONTINUITY\n#EXT-X-MAP"));
        byte[] init = [];
        int parts = 0;
        foreach (string line in playlist.Split('\n'))
        {
            if (line.StartsWith("#EXT-X-MAP:URI=\"", StringComparison.Ordinal)) init = await rig.Http.GetByteArrayAsync("playback/" + line[16..^1]);
            if (!line.Contains(".m4s", StringComparison.Ordinal)) continue;
            string path = await rig.SaveAsync(rig.BaseUrl + "playback/" + line, "part.mp4");
            await File.WriteAllBytesAsync(path, [.. init, .. await File.ReadAllBytesAsync(path)]);
            await ArchiveJudge.AssertDecodesAsync(path);
            Assert.Equal(100, await ArchiveJudge.DecodedFramesAsync(path));
            parts++;
        }

        Assert.Equal(2, parts);
    }

    [Fact]
    public async Task The_sub_stream_and_the_ticket_stay_in_the_URLs_below()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100, stream: "sub");

        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60) + "&stream=sub");
        Assert.Equal(100, Footage.CountersIn(await AllMediaAsync(rig, playlist)).Count);

        using var bearer = new HttpRequestMessage(HttpMethod.Get, rig.Url("playback/index.m3u8", 0, 60, "") + "&stream=sub");
        bearer.Headers.Authorization = new("Bearer", rig.Ticket);
        using var response = await rig.Http.SendAsync(bearer);
        Assert.DoesNotContain("ticket", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_does_not_exist_is_404_and_so_is_one_whose_file_is_gone()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var segment = await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60));
        string part = "playback/" + playlist.Split('\n').First(l => l.Contains(".m4s", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(part));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("0-3.m4s", "0-9.m4s", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("0-3.m4s", "3-0.m4s", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("0-3.m4s", "x-y.m4s", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("0-3.m4s", "99999999999-3.m4s", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("?t=", "?t=-", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part.Replace("at=", "at=99999999999999999", StringComparison.Ordinal)));
        File.Delete(segment.Path);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(part));

        async Task<HttpStatusCode> StatusAsync(string url)
        {
            using var response = await rig.Http.GetAsync(url);
            return response.StatusCode;
        }
    }

    private static async Task<byte[]> AllMediaAsync(PlaybackRig rig, string playlist)
    {
        var all = new MemoryStream();
        foreach (string line in playlist.Split('\n').Where(l => l.Contains(".m4s", StringComparison.Ordinal)))
        {
            all.Write(await rig.Http.GetByteArrayAsync("playback/" + line));
        }

        return all.ToArray();
    }

    private static void AssertDurations(string playlist)
    {
        double target = 0;
        foreach (string line in playlist.Split('\n'))
        {
            if (line.StartsWith("#EXT-X-TARGETDURATION:", StringComparison.Ordinal)) target = double.Parse(line[22..], CultureInfo.InvariantCulture);
            if (line.StartsWith("#EXTINF:", StringComparison.Ordinal)) Assert.InRange(double.Parse(line[8..^1], CultureInfo.InvariantCulture), 0.04, target);
        }

    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<double[]> FrameTimesAsync(string url)
    {
        string said = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "warning", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", url]);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
    }
}
