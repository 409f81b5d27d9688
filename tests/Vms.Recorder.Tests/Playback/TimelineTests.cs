using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Playback;

public sealed class TimelineTests
{
    [Fact]
    public async Task Adjacent_segments_are_one_recording_and_gaps_carry_their_cause()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 100, 100);
        await rig.RecordAsync(footage, 200, 100, offsetSeconds: 10);
        await rig.PutAsync(new GapPut(new GapRow(
            Guid.CreateVersion7(), rig.Camera, "main", At(8), At(18), GapCause.CameraOffline, Open: false, 1)));

        Assert.Equal(
            $$"""{"recordings":[{"from":"{{PlaybackRig.Time(1)}}","to":"{{PlaybackRig.Time(8)}}","class":"continuous"},{"from":"{{PlaybackRig.Time(18)}}","to":"{{PlaybackRig.Time(20)}}","class":"continuous"}],"gaps":[{"from":"{{PlaybackRig.Time(8)}}","to":"{{PlaybackRig.Time(18)}}","cause":"cameraOffline"}],"events":[]}""",
            await rig.Http.GetStringAsync(rig.Url("timeline", 1, 20)));
    }

    [Fact]
    public async Task The_segment_being_written_is_on_the_timeline()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var recording = rig.Begin(await Footage.LoadAsync(), 0);
        recording.Append(50);

        var timeline = await rig.Http.GetFromJsonAsync<JsonElement>(rig.Url("timeline", 0, 60));
        Assert.Equal(PlaybackRig.Time(2), timeline.GetProperty("recordings")[0].GetProperty("to").GetString());
    }

    [Fact]
    public void A_short_hole_is_bridged_unless_the_ledger_knows_its_cause()
    {
        var segments = new[] { Segment(0, 10), Segment(10.3, 20), Segment(19, 25) };
        Assert.Equal([(0d, 25d)], Spans([]));
        var gap = new GapRow(Guid.NewGuid(), "c", "main", At(10), At(10.3), GapCause.MediaRestart, Open: false, 1);
        Assert.Equal([(0d, 10d), (10.3, 25d)], Spans([gap]));

        IEnumerable<(double, double)> Spans(GapRow[] gaps) => GetTimeline.Merge(segments, gaps, At(-100), At(100))
            .Select(r => ((r.From.Value - PlaybackRig.Start).TotalSeconds, (r.To.Value - PlaybackRig.Start).TotalSeconds));
    }

    [Fact]
    public void Damage_takes_nothing_from_another_pass_over_the_same_time()
    {
        // The clock was set back by 5 s at 10.
        var segments = new[] { Segment(0, 10), Segment(5, 15) };
        var damaged = new GapRow(SegmentDamage.IdOf(segments[0].Id, At(4)), "c", "main", At(4), At(8), GapCause.Damaged, Open: false, 1);
        Assert.Equal([(0d, 4d), (5d, 15d)], Spans(segments));
        Assert.Equal([(0d, 4d), (8d, 10d)], Spans(segments[..1]));

        IEnumerable<(double, double)> Spans(SegmentRow[] rows) => GetTimeline.Merge(rows, [damaged], At(-100), At(100))
            .Select(r => ((r.From.Value - PlaybackRig.Start).TotalSeconds, (r.To.Value - PlaybackRig.Start).TotalSeconds));
    }

    [Fact]
    public async Task Bad_input_names_its_field()
    {
        await using var rig = await PlaybackRig.StartAsync();
        foreach (var (query, field) in new[]
        {
            ("", "from"),
            ("from=2026-11-21T09:30:00Z", "to"),
            ("from=yesterday&to=2026-11-21T09:30:00Z", "from"),
            ("from=2026-11-21T09:30:00Z&to=2026-11-21T09:30:00Z", "to"),
            ("from=2020-11-21T09:30:00Z&to=2026-11-21T09:30:00Z", "to"),
            ("from=2026-11-21T09:30:00Z&to=2026-11-21T09:31:00Z&stream=../x", "stream"),
        })
        {
            foreach (string path in new[] { "timeline", "playback/index.m3u8", "clip.mp4" })
            {
                using var response = await rig.Http.GetAsync($"{path}?{query}&ticket={rig.Ticket}");
                Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
                var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
                Assert.Equal("invalidInput", problem.GetProperty("code").GetString());
                Assert.Equal(field, problem.GetProperty("fields")[0].GetProperty("field").GetString());
            }
        }
    }

    [Fact]
    public async Task Nothing_opens_without_the_right_ticket_and_nothing_outside_its_time()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 250);
        string minute = rig.Sign(PlaybackRig.Start.AddSeconds(2), PlaybackRig.Start.AddSeconds(6));
        foreach (string path in new[] { "timeline", "playback/index.m3u8", "clip.mp4" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig.Url(path, 0, 5, "")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig.Url(path, 0, 5, rig.Sign(kind: TicketKind.Live))));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig.Url(path, 0, 5, rig.Sign(camera: "cam2"))));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(rig.Url(path, 1, 5, minute)));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(rig.Url(path, 2, 6, minute)));
        }

        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60));
        string last = "playback/" + playlist.Split('\n').Last(l => l.Contains(".m4s", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(last));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(last.Replace(rig.Ticket, minute, StringComparison.Ordinal)));

        async Task<HttpStatusCode> StatusAsync(string url)
        {
            using var response = await rig.Http.GetAsync(url);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_page_from_another_origin_may_ask_with_a_bearer_ticket()
    {
        await using var rig = await PlaybackRig.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, rig.Url("clip.mp4", 0, 5, ""));
        preflight.Headers.Add("Origin", "https://wall.example");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,range");
        using var allowed = await rig.Http.SendAsync(preflight);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal("*", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));

        using var request = new HttpRequestMessage(HttpMethod.Get, rig.Url("timeline", 0, 5));
        request.Headers.Add("Origin", "https://wall.example");
        using var answer = await rig.Http.SendAsync(request);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("ETag", Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_camera_has_an_empty_timeline_and_no_clip()
    {
        await using var rig = await PlaybackRig.StartAsync();
        Assert.Equal("""{"recordings":[],"gaps":[],"events":[]}""", await rig.Http.GetStringAsync(rig.Url("timeline", 0, 60)));
        using var clip = await rig.Http.GetAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(HttpStatusCode.NotFound, clip.StatusCode);
        Assert.Equal("noRecording", (await clip.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private static DateTimeOffset At(double seconds) => PlaybackRig.Start.AddSeconds(seconds);

    private static SegmentRow Segment(double from, double to) =>
        new(Guid.CreateVersion7(), "c", "main", At(from), At(to), "", 0, default, [], 1, 0, 0, 0, true, RecordingClass.Continuous, 1);
}
