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

        IEnumerable<(double, double)> Spans(GapRow[] gaps) => TimelineSpans.Join(segments.Select(RecordedSpan.Of), gaps, At(-100), At(100), TimeSpan.Zero)
            .Select(r => ((r.From - PlaybackRig.Start).TotalSeconds, (r.To - PlaybackRig.Start).TotalSeconds));
    }

    [Fact]
    public void Damage_takes_nothing_from_another_pass_over_the_same_time()
    {
        // The clock was set back by 5 s at 10.
        var segments = new[] { Segment(0, 10), Segment(5, 15) };
        var damaged = new GapRow(SegmentDamage.IdOf(segments[0].Id, At(4)), "c", "main", At(4), At(8), GapCause.Damaged, Open: false, 1);
        Assert.Equal([(0d, 4d), (5d, 15d)], Spans(segments));
        Assert.Equal([(0d, 4d), (8d, 10d)], Spans(segments[..1]));

        IEnumerable<(double, double)> Spans(SegmentRow[] rows) => TimelineSpans.Join(rows.Select(RecordedSpan.Of), [damaged], At(-100), At(100), TimeSpan.Zero)
            .Select(r => ((r.From - PlaybackRig.Start).TotalSeconds, (r.To - PlaybackRig.Start).TotalSeconds));
    }

    [Fact]
    public void On_a_long_timeline_what_lies_close_together_is_one_and_losses_are_not_hidden_by_what_nobody_wanted()
    {
        var segments = new[] { Segment(0, 10), Segment(20, 30), Segment(31, 40) with { Class = RecordingClass.Motion }, Segment(100, 110) };
        GapRow[] gaps =
        [
            Gap(10, 12, GapCause.NoTrigger), Gap(12, 13, GapCause.PacketLoss), Gap(13, 19, GapCause.NoTrigger), Gap(30, 30.5, GapCause.CameraOffline),
            Gap(40, 100, GapCause.Schedule),
        ];
        Assert.Equal(
            [(0d, 30d, RecordingClass.Continuous), (31d, 40d, RecordingClass.Motion), (100d, 110d, RecordingClass.Continuous)],
            TimelineSpans.Join(segments.Select(RecordedSpan.Of), gaps, At(0), At(200), TimeSpan.FromSeconds(20))
                .Select(s => ((s.From - PlaybackRig.Start).TotalSeconds, (s.To - PlaybackRig.Start).TotalSeconds, s.Class)));
        Assert.Equal(
            [(10d, 19d, GapCause.NoTrigger, 8d), (12d, 30.5, GapCause.PacketLoss, 1.5), (40d, 100d, GapCause.Schedule, 60d)],
            TimelineSpans.Join(gaps, At(0), At(200), TimeSpan.FromSeconds(20))
                .Select(g => ((g.From - PlaybackRig.Start).TotalSeconds, (g.To - PlaybackRig.Start).TotalSeconds, g.Cause, g.Lost.TotalSeconds)));
        Assert.Equal(gaps.Length, TimelineSpans.Join(gaps, At(0), At(200), TimeSpan.Zero).Count);
    }

    [Fact]
    public async Task Half_a_year_is_answered_at_once_and_in_few_spans()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var end = PlaybackRig.Start.AddDays(180);
        var database = await PlaybackRig.DatabaseAsync();
        await using (var fill = database.CreateCommand("""
                insert into recorder.segment select gen_random_uuid(), $1, 'main', 1, n, n, $2 + n * interval '10 min', $2 + (n + 1) * interval '10 min', 'x' || n,
                    1, 1, ''::bytea, true, 1, case when n % 4000 < 10 then 1 else 0 end
                from generate_series(0, 25919) n where n % 5000 <> 4999
                """))
        {
            fill.Parameters.AddWithValue(rig.Camera);
            fill.Parameters.AddWithValue(PlaybackRig.Start);
            await fill.ExecuteNonQueryAsync();
        }

        await using (var settle = database.CreateCommand("vacuum analyze recorder.segment"))
        {
            await settle.ExecuteNonQueryAsync();
        }

        string url = $"timeline?from={PlaybackRig.Start:yyyy-MM-ddTHH:mm:ssZ}&to={end:yyyy-MM-ddTHH:mm:ssZ}&ticket={rig.Sign(PlaybackRig.Start, end)}";
        var exact = await rig.Http.GetFromJsonAsync<JsonElement>(url + "&resolution=0");
        Assert.Equal((2 * 7) + 4, exact.GetProperty("recordings").GetArrayLength());
        Assert.Equal("motion", exact.GetProperty("recordings")[0].GetProperty("class").GetString());
        Assert.Equal(PlaybackRig.Time(6000), exact.GetProperty("recordings")[0].GetProperty("to").GetString());
        var seen = await rig.Http.GetFromJsonAsync<JsonElement>(url);
        Assert.Equal(2 * 7, seen.GetProperty("recordings").GetArrayLength());

        var asked = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 10; i++)
        {
            await rig.Http.GetStringAsync(url);
        }

        // A tenth of a second each is what it should take; a busy machine has some room.
        Assert.InRange(asked.Elapsed.TotalSeconds, 0, 5);
        TestContext.Current.SendDiagnosticMessage($"timeline of 180 days: {asked.Elapsed.TotalMilliseconds / 10:0} ms");
        foreach (string resolution in new[] { "-1", "-Infinity", "Infinity", "NaN", "604801" })
        {
            using var refused = await rig.Http.GetAsync($"{url}&resolution={resolution}");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
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

    private static GapRow Gap(double from, double to, GapCause cause) =>
        new(Guid.NewGuid(), "c", "main", At(from), At(to), cause, Open: false, 1);

    private static SegmentRow Segment(double from, double to) =>
        new(Guid.CreateVersion7(), "c", "main", At(from), At(to), "", 0, default, [], 1, 0, 0, 0, true, RecordingClass.Continuous, 1);
}
