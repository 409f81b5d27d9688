using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Playback;

public sealed class ClipTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_clip_over_two_segments_holds_every_frame_once_and_starts_at_the_asked_time(int bFrames)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 50, bFrames: bFrames);
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250);

        // 3.4 s lies in the GOP that starts at 2 s; 16.2 s in the fragment that ends at 17 s.
        string path = await rig.SaveAsync(rig.Url("clip.mp4", 3.4, 16.2));

        await ArchiveJudge.AssertDecodesAsync(path);
        var counters = Footage.CountersIn(await File.ReadAllBytesAsync(path));
        Assert.Equal(50, counters[0]);
        Assert.InRange(counters.Count, 355, 380);
        ArchiveJudge.AssertEveryFrameOnce(counters, 50, 50 + counters.Count);
        double[] times = await FrameTimesAsync(path);
        Assert.Equal(counters.Count, times.Length);
        Assert.Equal(times.Order().Distinct(), times);
        Assert.Equal(-1.4, times[0], 3);
        Assert.Contains(times, t => Math.Abs(t) < 0.001);
    }

    [Fact]
    public async Task A_gap_in_the_recording_is_a_gap_in_the_clip()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 100, 100, offsetSeconds: 7.5);

        string path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 60));

        await ArchiveJudge.AssertDecodesAsync(path);
        double[] times = await FrameTimesAsync(path);
        Assert.Equal(200, times.Length);
        Assert.Equal(0, times[0], 3);
        Assert.Equal(3.96, times[99], 3);
        Assert.Equal(11.5, times[100], 2);
    }

    [Fact]
    public async Task A_change_of_resolution_on_the_way_decodes_to_the_last_frame()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var small = await Footage.LoadAsync();
        var large = await Footage.LoadAsync(width: 640);
        await rig.RecordAsync(small, 0, 100);
        await rig.RecordAsync(large, 100, 100);
        await rig.RecordAsync(small, 200, 100);

        string path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 12));

        await ArchiveJudge.AssertDecodesAsync(path);
        Assert.Equal(300, await ArchiveJudge.DecodedFramesAsync(path));
    }

    [Fact]
    public async Task The_segment_being_written_plays_up_to_its_last_fragment()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var recording = rig.Begin(footage, 0);
        recording.Append(75);
        string path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 60));
        await ArchiveJudge.AssertDecodesAsync(path);
        Assert.Equal(75, await ArchiveJudge.DecodedFramesAsync(path));

        recording.Append(50);
        path = await rig.SaveAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(125, await ArchiveJudge.DecodedFramesAsync(path));
        await rig.CloseAsync(recording);
        byte[] closed = await rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(await File.ReadAllBytesAsync(path), closed);
    }

    [Fact]
    public async Task Any_two_neighbouring_ranges_are_together_the_full_body()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 100, 100, offsetSeconds: 3);
        string url = rig.Url("clip.mp4", 0.5, 60);
        byte[] full = await rig.Http.GetByteArrayAsync(url);

        var random = new Random(20261121);
        for (int i = 0; i < 40; i++)
        {
            int cut = random.Next(1, full.Length);
            byte[] first = await RangeAsync($"bytes=0-{cut - 1}", full.Length);
            byte[] second = await RangeAsync($"bytes={cut}-", full.Length);
            Assert.Equal(full, first.Concat(second));
        }

        Assert.Equal(full[^100..], await RangeAsync("bytes=-100", full.Length));
        Assert.Equal(full[10..11], await RangeAsync("bytes=10-10", full.Length));

        async Task<byte[]> RangeAsync(string range, int length)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Range = RangeHeaderValue.Parse(range);
            using var response = await rig.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal(length, response.Content.Headers.ContentRange!.Length);
            return await response.Content.ReadAsByteArrayAsync();
        }
    }

    [Fact]
    public async Task Conditions_and_HEAD_follow_RFC_9110()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        string url = rig.Url("clip.mp4", 0, 10);

        using var head = await rig.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        byte[] full = await rig.Http.GetByteArrayAsync(url);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(full.Length, head.Content.Headers.ContentLength);
        Assert.Equal("bytes", Assert.Single(head.Headers.AcceptRanges));
        Assert.Equal("video/mp4", head.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"{rig.Camera}_2026-11-21T09-30-00Z.mp4", head.Content.Headers.ContentDisposition!.FileName);
        var tag = head.Headers.ETag!;
        Assert.False(tag.IsWeak);

        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(r => r.Headers.IfNoneMatch.Add(tag)));
        Assert.Equal(HttpStatusCode.PartialContent, await StatusAsync(r => { r.Headers.IfRange = new(tag); r.Headers.Range = new(5, 9); }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(r => { r.Headers.IfRange = new("\"other\""); r.Headers.Range = new(5, 9); }));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, await StatusAsync(r => r.Headers.Range = new(full.Length, null)));

        async Task<HttpStatusCode> StatusAsync(Action<HttpRequestMessage> prepare)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            prepare(request);
            using var response = await rig.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task The_length_is_known_and_the_head_is_sent_without_opening_a_file()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var segment = await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        string url = rig.Url("clip.mp4", 0, 10);
        byte[] full = await rig.Http.GetByteArrayAsync(url);
        File.Delete(segment.Path);

        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(0, 99);
        using var response = await rig.Http.SendAsync(request);
        Assert.Equal(full[..100], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(full.Length, response.Content.Headers.ContentRange!.Length);
    }

    private static async Task<double[]> FrameTimesAsync(string path)
    {
        string said = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "warning", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path]);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
    }
}
