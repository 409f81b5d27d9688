using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Playback;

/// <summary>A camera whose main and small stream are recorded, or that was set from one to the other.</summary>
public sealed class BothStreamsTests
{
    [Fact]
    public async Task Where_nothing_of_the_main_stream_is_recorded_the_small_one_is_played_and_no_frame_of_either_twice()
    {
        await using var rig = await RigAsync();

        string path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 40));

        await ArchiveJudge.AssertDecodesAsync(path);
        // Main: 0 to 10 and 20 to 30 s. Small, 0 to 40 s: 10 to 20 and 30 to 40.
        var counters = Footage.CountersIn(await File.ReadAllBytesAsync(path));
        Assert.Equal([.. Range(0, 250), .. Range(250, 500), .. Range(500, 750), .. Range(750, 1000)], counters);
        Assert.Equal(1000, await ArchiveJudge.DecodedFramesAsync(path));
        Assert.Equal([640, 320, 640, 320], await WidthsAsync(path));
    }

    [Fact]
    public async Task A_stream_that_is_named_is_played_alone()
    {
        await using var rig = await RigAsync();
        string main = await rig.SaveAsync(rig.Url("clip.mp4", 0, 40) + "&stream=main", "main.mp4");
        string small = await rig.SaveAsync(rig.Url("clip.mp4", 0, 40) + "&stream=sub", "sub.mp4");
        Assert.Equal([.. Range(0, 250), .. Range(500, 750)], Footage.CountersIn(await File.ReadAllBytesAsync(main)));
        Assert.Equal(Range(0, 1000), Footage.CountersIn(await File.ReadAllBytesAsync(small)));
    }

    [Fact]
    public async Task A_playlist_and_a_manifest_cross_from_one_to_the_other()
    {
        await using var rig = await RigAsync();
        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 40));
        Assert.Equal(3, Regex.Count(playlist, "#EXT-X-DISCONTINUITY\n"));
        Assert.Equal(4, Regex.Count(playlist, "#EXT-X-MAP"));
        double seconds = Regex.Matches(playlist, @"#EXTINF:([\d.]+)").Sum(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(40, seconds, 0.1);
        foreach (Match line in Regex.Matches(playlist, @"^[^#\n].+$", RegexOptions.Multiline))
        {
            Assert.Equal(HttpStatusCode.OK, (await rig.Http.GetAsync(rig.BaseUrl + "playback/" + line.Value)).StatusCode);
        }

        string manifest = await rig.Http.GetStringAsync(rig.Url("playback/manifest.mpd", 0, 40));
        Assert.Equal(4, Regex.Count(manifest, "<Period "));
        foreach (Match period in Regex.Matches(manifest, "<Period .*?</Period>", RegexOptions.Singleline))
        {
            string media = WebUtility.HtmlDecode(Regex.Match(period.Value, "media=\"([^\"]+)\"").Groups[1].Value);
            string time = Regex.Match(period.Value, "<S t=\"(\\d+)\"").Groups[1].Value;
            Assert.Equal(HttpStatusCode.OK, (await rig.Http.GetAsync(rig.BaseUrl + "playback/" + media.Replace("$Time$", time, StringComparison.Ordinal))).StatusCode);
        }
    }

    [Fact]
    public async Task Pictures_come_from_whichever_stream_has_that_time()
    {
        await using var rig = await RigAsync();
        Assert.Equal((640, 320), (await WidthAsync(rig, "snapshot.jpg", 5), await WidthAsync(rig, "snapshot.jpg", 15)));
        Assert.Equal(HttpStatusCode.NotFound, (await rig.Http.GetAsync(PictureUrl(rig, "snapshot.jpg", 45))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.Http.GetAsync(PictureUrl(rig, "snapshot.jpg", 15) + "&stream=main")).StatusCode);
    }

    [Fact]
    public async Task The_timeline_has_no_hole_where_the_small_stream_stands_in()
    {
        await using var rig = await RigAsync();
        await rig.PutAsync(new GapPut(Gap(rig.Camera, 10, 20)));
        await rig.PutAsync(new GapPut(Gap(rig.Camera, 30, 60)));
        string url = $"timeline?from={PlaybackRig.Time(0)}&to={PlaybackRig.Time(60)}&ticket={rig.Ticket}";
        var both = await rig.Http.GetFromJsonAsync<JsonElement>(url);
        Assert.Equal([(0d, 40d)], Stretches(both, "recordings"));
        Assert.Equal([(40d, 60d)], Stretches(both, "gaps"));
        var main = await rig.Http.GetFromJsonAsync<JsonElement>(url + "&stream=main");
        Assert.Equal([(0d, 10d), (20d, 30d)], Stretches(main, "recordings"));
        Assert.Equal([(10d, 20d), (30d, 60d)], Stretches(main, "gaps"));
    }

    [Fact]
    public async Task A_clip_of_streams_that_differ_in_their_tracks_has_the_better_one_alone()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 0, 250);
        await rig.RecordAsync(await VideoFootage.LoadAsync(FootageSpec.SmallH265), 0, 1000, stream: "sub");
        string path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 40));
        Assert.Equal(Range(0, 250), Footage.CountersIn(await File.ReadAllBytesAsync(path)));
        await ArchiveJudge.AssertDecodesAsync(path);
        Assert.Equal(1, Regex.Count(await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 40)), "#EXT-X-DISCONTINUITY\n"));
    }

    [Fact]
    public void Small_holes_stay_holes_and_large_ones_are_filled_at_their_place()
    {
        SegmentRow[] main = [Row("main", 0, 10), Row("main", 11, 20), Row("main", 30, 40)];
        SegmentRow[] sub = [Row("sub", -5, 25), Row("sub", 25, 60)];
        Assert.Equal(
            [("sub", -5d, 0d), ("main", -5, 50), ("main", -5, 50), ("sub", 20, 30), ("sub", 20, 30), ("main", -5, 50), ("sub", 40, 50)],
            PlaybackSegments.Fill(main, sub, At(-5), At(50)).Select(p => (p.Segment.Stream, SecondsOf(p.From), SecondsOf(p.To))));
        Assert.Equal(["sub", "sub"], PlaybackSegments.Fill([], sub, At(-5), At(50)).Select(p => p.Segment.Stream));
        Assert.Equal(3, PlaybackSegments.Fill(main, [], At(-5), At(50)).Count);
    }

    private static async Task<PlaybackRig> RigAsync()
    {
        var rig = await PlaybackRig.StartAsync();
        var (large, small) = (await Footage.LoadAsync(width: 640), await Footage.LoadAsync());
        await rig.RecordAsync(large, 0, 250);
        await rig.RecordAsync(large, 500, 250);
        await rig.RecordAsync(small, 0, 400, stream: "sub");
        await rig.RecordAsync(small, 400, 600, stream: "sub");
        return rig;
    }

    private static IEnumerable<long> Range(int from, int to) => Enumerable.Range(from, to - from).Select(i => (long)i);

    /// <summary>The widths that the decoded picture has, one after the other.</summary>
    private static async Task<List<int>> WidthsAsync(string path)
    {
        string said = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width", "-of", "csv=p=0", path]);
        var widths = new List<int>();
        foreach (string line in said.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int width = int.Parse(line.TrimEnd(','), CultureInfo.InvariantCulture);
            if (widths.Count == 0 || widths[^1] != width) widths.Add(width);
        }

        return widths;
    }

    private static string PictureUrl(PlaybackRig rig, string path, double at) => $"{rig.BaseUrl}{path}?at={PlaybackRig.Time(at)}&ticket={rig.Ticket}";

    private static async Task<int> WidthAsync(PlaybackRig rig, string path, double at)
    {
        string picture = await rig.SaveAsync(PictureUrl(rig, path, at), "picture.jpg");
        return int.Parse(
            (await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "stream=width", "-of", "csv=p=0", picture])).TrimEnd(',', '\n'), CultureInfo.InvariantCulture);
    }

    private static List<(double From, double To)> Stretches(JsonElement timeline, string what) =>
    [
        .. timeline.GetProperty(what).EnumerateArray().Select(s => (
            (s.GetProperty("from").GetDateTimeOffset() - PlaybackRig.Start).TotalSeconds, (s.GetProperty("to").GetDateTimeOffset() - PlaybackRig.Start).TotalSeconds)),
    ];

    private static GapRow Gap(string cameraId, double from, double to) => new(Guid.NewGuid(), cameraId, "main", At(from), At(to), GapCause.CameraOffline, Open: false, 1);

    private static DateTimeOffset At(double seconds) => PlaybackRig.Start.AddSeconds(seconds);

    private static double SecondsOf(DateTimeOffset at) => (at - PlaybackRig.Start).TotalSeconds;

    private static SegmentRow Row(string stream, double from, double to) => new(
        Guid.CreateVersion7(), "c", stream, At(from), At(to), "/x", 700, default, [], 1, 0, 0, 0, true, RecordingClass.Continuous, 1);
}
