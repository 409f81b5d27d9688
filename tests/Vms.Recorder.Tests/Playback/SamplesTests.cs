using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Playback.Samples;
using Vms.Recorder.Tests.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Groups of pictures over a WebSocket: each frame once, in either direction, over everything that lies between two of them.</summary>
public sealed class SamplesTests
{
    [Fact]
    public async Task Every_frame_comes_once_forwards_and_backwards_over_two_segments_and_a_gap()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250);
        await rig.RecordAsync(footage, 500, 100, offsetSeconds: 3600);
        await using var client = await SamplesClient.OpenAsync(rig);

        var forwards = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal(("noMore", 1, 24), (forwards.End, forwards.Formats, forwards.Gops.Count));
        Assert.Equal(Range(0, 600), Counters(forwards));
        Assert.All(forwards.Gops, g => Assert.Equal([true, .. Enumerable.Repeat(false, 24)], g.Pictures.Select(p => p.IsKeyframe)));
        Assert.All(forwards.Gops.SelectMany(g => g.Pictures), p => Assert.Equal(AtUs(p.Counter, p.Counter < 500 ? 0 : 3600), p.AtUs));
        Assert.All(forwards.Gops.SelectMany(g => g.Pictures), p => Assert.Equal(40_000u, p.DurationUs));
        Assert.All(forwards.Gops, g => Assert.Equal((g.Pictures[0].AtUs, g.Pictures[^1].AtUs + 40_000), (g.FromUs, g.ToUs)));
        Assert.Equal(footage.Track.CodecParameters.ToArray(), client.Current!.Description);
        Assert.Equal((320, 240), (client.Current.Width, client.Current.Height));
        Assert.StartsWith("avc1.4D", client.Current.Codec, StringComparison.OrdinalIgnoreCase);

        var backwards = await client.ReadAsync(SamplesClient.Us(4000), -1, 64);
        Assert.Equal(("noMore", 0), (backwards.End, backwards.Formats));
        Assert.Equal(forwards.Gops.Select(g => g.FromUs).Reverse(), backwards.Gops.Select(g => g.FromUs));
        Assert.Equal(Range(0, 600), Counters(backwards).Order());
        Assert.All(backwards.Gops, g => Assert.Equal(g.Pictures.OrderBy(p => p.Counter), g.Pictures));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Reads_that_follow_each_other_leave_nothing_out_and_repeat_nothing(int direction)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 25, bFrames: 2);
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250, offsetSeconds: 600);
        await using var client = await SamplesClient.OpenAsync(rig);

        var got = new List<long>();
        SamplesClient.Answer answer;
        long atUs = SamplesClient.Us(direction > 0 ? 0 : 10_000);
        do
        {
            answer = await client.ReadAsync(atUs, direction, 3);
            got.AddRange(Counters(answer));
            if (answer.Gops.Count > 0) atUs = direction > 0 ? answer.Gops[^1].ToUs : answer.Gops[^1].FromUs - 1;
        }
        while (answer.End == "done");
        Assert.Equal("noMore", answer.End);
        Assert.Equal(Range(0, 500), got.Order());
    }

    [Fact]
    public async Task With_B_frames_samples_come_in_decode_order_and_each_has_the_time_at_which_it_is_shown()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(gop: 50, bFrames: 2), 0, 250);
        await using var client = await SamplesClient.OpenAsync(rig);
        foreach (var gop in (await client.ReadAsync(SamplesClient.Us(0), 1, 64)).Gops)
        {
            Assert.Equal(50, gop.Pictures.Count);
            Assert.Equal(gop.Pictures.OrderBy(p => p.Counter), gop.Pictures);
            Assert.NotEqual(gop.Pictures.OrderBy(p => p.AtUs), gop.Pictures);
            Assert.Equal(Enumerable.Range(0, 50).Select(i => gop.FromUs + (i * 40_000)), gop.Pictures.Select(p => p.AtUs).Order());
            Assert.Equal(gop.FromUs + (50 * 40_000), gop.ToUs);
            Assert.Equal(gop.FromUs, gop.Pictures[0].AtUs);
        }
    }

    [Fact]
    public async Task A_read_begins_with_the_group_that_contains_its_time_or_the_next_one_in_its_direction()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 125);
        await rig.RecordAsync(footage, 125, 125, offsetSeconds: 30);
        await using var client = await SamplesClient.OpenAsync(rig);
        Assert.Equal((75L, 75L), (await FirstAsync(3.5, 1), await FirstAsync(3.5, -1)));
        Assert.Equal((75L, 75L), (await FirstAsync(3, 1), await FirstAsync(3, -1)));
        Assert.Equal((125L, 100L), (await FirstAsync(12, 1), await FirstAsync(12, -1)));
        Assert.Equal((0L, 225L), (await FirstAsync(-1000, 1), await FirstAsync(1000, -1)));
        Assert.Empty((await client.ReadAsync(SamplesClient.Us(40), 1, 1)).Gops);
        Assert.Empty((await client.ReadAsync(SamplesClient.Us(0) - 1, -1, 1)).Gops);
        Assert.Equal("noMore", (await client.ReadAsync(0, -1, 1)).End);

        async Task<long> FirstAsync(double seconds, int direction)
        {
            var answer = await client.ReadAsync(SamplesClient.Us(seconds), direction, 1);
            Assert.Equal("done", answer.End);
            return Assert.Single(answer.Gops).Pictures[0].Counter;
        }
    }

    [Fact]
    public async Task Years_without_a_recording_and_minutes_without_a_keyframe_are_crossed()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 6000, gop: 3000);
        await rig.RecordAsync(footage, 0, 25, offsetSeconds: 500 * 86400.0);
        await using var client = await SamplesClient.OpenAsync(rig);

        long began = TimeProvider.System.GetTimestamp();
        var backwards = await client.ReadAsync(SamplesClient.Us(4000 * 86400.0), -1, 64);
        TestContext.Current.TestOutputHelper!.WriteLine($"eleven years with two recordings: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.Equal([500 * 86400.0, 120, 0], backwards.Gops.Select(g => (g.FromUs - SamplesClient.Us(0)) / 1e6));
        Assert.Equal([25, 3000, 3000], backwards.Gops.Select(g => g.Pictures.Count));
        var forwards = await client.ReadAsync(SamplesClient.Us(119.9), 1, 64);
        Assert.Equal(backwards.Gops.Select(g => g.FromUs).Reverse(), forwards.Gops.Select(g => g.FromUs));
        var within = await client.ReadAsync(SamplesClient.Us(119.9), -1, 1);
        Assert.Equal(backwards.Gops[^1].FromUs, Assert.Single(within.Gops).FromUs);
    }

    [Fact]
    public async Task Keyframes_alone_and_groups_that_lie_apart()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 500);
        await using var client = await SamplesClient.OpenAsync(rig);
        var keyframes = await client.ReadAsync(SamplesClient.Us(0), 1, 64, keyframes: true);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i * 25L), Counters(keyframes));
        Assert.All(keyframes.Gops, g => Assert.True(Assert.Single(g.Pictures).IsKeyframe));

        var apart = await client.ReadAsync(SamplesClient.Us(1000), -1, 4, keyframes: true, everyUs: 3_000_000);
        Assert.Equal([475L, 400, 325, 250], Counters(apart));
        Assert.Equal("done", apart.End);
        var whole = await client.ReadAsync(SamplesClient.Us(0), 1, 64, everyUs: 6_500_000);
        Assert.Equal([.. Range(0, 25), .. Range(175, 200), .. Range(350, 375)], Counters(whole));
    }

    [Fact]
    public async Task A_new_read_ends_the_one_before_it_wherever_that_is_and_each_is_told()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await RecordMuchAsync(rig);
        await using var client = await SamplesClient.OpenAsync(rig);
        // Nothing is taken yet: neither of the first two can have been sent to its end.
        await client.AskAsync(SamplesClient.Us(0), 1, 64);
        await client.AskAsync(SamplesClient.Us(1000), -1, 64);
        await client.AskAsync(SamplesClient.Us(25), -1, 2);
        var first = await client.AnswerAsync(1);
        Assert.Equal("replaced", first.End);
        Assert.Equal(Range(0, Counters(first).Count), Counters(first));
        Assert.InRange(first.Gops.Count, 0, 11);
        Assert.Equal("replaced", (await client.AnswerAsync(2)).End);
        var third = await client.AnswerAsync(3);
        Assert.Equal("done", third.End);
        Assert.Equal([.. Range(500, 750), .. Range(250, 500)], Counters(third));
    }

    [Fact]
    public async Task A_player_that_takes_nothing_is_left_and_its_place_is_free_again()
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxSampleConnections = 1, SampleConnectionIdle = TimeSpan.FromSeconds(3) });
        await RecordMuchAsync(rig);
        long left = rig.Metrics["vms_playback_sample_reads_total{outcome=left}"];
        await using var client = await SamplesClient.OpenAsync(rig);
        await client.AskAsync(SamplesClient.Us(0), 1, 64);
        await Eventually.TrueAsync(() => rig.Metrics["vms_playback_sample_reads_total{outcome=left}"] > left);
        await using var next = await OpenWhenThereIsRoomAsync(rig);
        Assert.Equal(250, Counters(await next.ReadAsync(SamplesClient.Us(0), 1, 1)).Count);
    }

    [Fact]
    public async Task After_the_clock_was_set_back_both_passes_come()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 1000);
        await rig.RecordAsync(footage, 1000, 500, offsetSeconds: -25);
        await using var client = await SamplesClient.OpenAsync(rig);
        var forwards = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal(("noMore", 60), (forwards.End, forwards.Gops.Count));
        Assert.Equal(Range(0, 1500), Counters(forwards).Order());
        var backwards = await client.ReadAsync(SamplesClient.Us(1000), -1, 64);
        Assert.Equal(Range(0, 1500), Counters(backwards).Order());
        Assert.Equal(1000L, (await client.ReadAsync(SamplesClient.Us(15.5), -1, 1)).Gops[0].Pictures[0].Counter);
        Assert.Equal(375L, (await client.ReadAsync(SamplesClient.Us(15.5), 1, 1)).Gops[0].Pictures[0].Counter);
    }

    [Fact]
    public async Task A_ticket_for_a_time_shows_what_reaches_into_it_and_no_more()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 250);
        string ticket = rig.Sign(PlaybackRig.Start.AddSeconds(3.5), PlaybackRig.Start.AddSeconds(6.5));
        await using var client = await SamplesClient.OpenAsync(rig, ticket);
        var forwards = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal("noMore", forwards.End);
        Assert.Equal(Range(75, 175), Counters(forwards));
        var backwards = await client.ReadAsync(SamplesClient.Us(100), -1, 64);
        Assert.Equal("noMore", backwards.End);
        Assert.Equal(Range(75, 175), Counters(backwards).Order());
        Assert.Equal([150L, 125, 100, 75], backwards.Gops.Select(g => g.Pictures[0].Counter));
        Assert.Empty((await client.ReadAsync(SamplesClient.Us(7), 1, 64)).Gops);
        Assert.Empty((await client.ReadAsync(SamplesClient.Us(2), -1, 64)).Gops);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_read_is_a_problem_and_the_next_read_works(bool gone)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        var second = await rig.RecordAsync(footage, 100, 100);
        if (gone) File.Delete(second.Path);
        else Damage(second, fragment: 1);
        await using var client = await SamplesClient.OpenAsync(rig);
        long before = rig.Metrics[$"vms_playback_unreadable_total{{reason={(gone ? "gone" : "damaged")}}}"];

        var broken = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal("recordingUnreadable", broken.End);
        Assert.Equal(Range(0, gone ? 100 : 125), Counters(broken));
        Assert.True(rig.Metrics[$"vms_playback_unreadable_total{{reason={(gone ? "gone" : "damaged")}}}"] > before);
        Assert.Equal(Range(0, 100), Counters(await client.ReadAsync(SamplesClient.Us(0), 1, 4)));

        // It was noted down: from then on the index leads around it.
        SamplesClient.Answer around = broken;
        await Eventually.TrueAsync(async () => (around = await client.ReadAsync(SamplesClient.Us(0), 1, 64)).End == "noMore");
        Assert.Equal([.. Range(0, 100), .. gone ? [] : Range(100, 125).Concat(Range(150, 200))], Counters(around));
    }

    [Fact]
    public async Task Another_format_is_told_before_the_group_that_needs_it()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 50);
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 50, 50);
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 100, 50);
        await using var client = await SamplesClient.OpenAsync(rig);
        var forwards = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal(2, forwards.Formats);
        Assert.Equal([320, 320, 640, 640, 640, 640], forwards.Gops.Select(g => g.Format.Width));
        var backwards = await client.ReadAsync(SamplesClient.Us(100), -1, 64);
        Assert.Equal(1, backwards.Formats);
        Assert.Equal([640, 640, 640, 640, 320, 320], backwards.Gops.Select(g => g.Format.Width));
    }

    [Fact]
    public async Task Where_nothing_of_the_main_stream_is_recorded_the_small_one_stands_in()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var (large, small) = (await Footage.LoadAsync(width: 640), await Footage.LoadAsync());
        await rig.RecordAsync(large, 0, 250);
        await rig.RecordAsync(large, 1250, 250);
        // Its keyframes lie between those of the main stream: in a hole it begins with the one before.
        await rig.RecordAsync(small, 0, 1750, offsetSeconds: 0.4, stream: "sub");
        (int, long)[] expected =
        [
            .. Enumerable.Range(0, 10).Select(i => (640, i * 25L)), .. Enumerable.Range(9, 41).Select(i => (320, i * 25L)),
            .. Enumerable.Range(50, 10).Select(i => (640, i * 25L)), .. Enumerable.Range(59, 11).Select(i => (320, i * 25L)),
        ];
        await using var client = await SamplesClient.OpenAsync(rig);
        Assert.Equal(expected, await WalkAsync(client, 1, 7));
        Assert.Equal(expected.Reverse(), await WalkAsync(client, -1, 7));
        Assert.Equal(expected[..64], Firsts(await client.ReadAsync(SamplesClient.Us(0), 1, 64, keyframes: true)));

        await using var main = await SamplesClient.OpenAsync(rig, more: "&stream=main");
        Assert.Equal(expected.Where(e => e.Item1 == 640), Firsts(await main.ReadAsync(SamplesClient.Us(0), 1, 64, keyframes: true)));
        await using var sub = await SamplesClient.OpenAsync(rig, more: "&stream=sub");
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (320, i * 25L)), Firsts(await sub.ReadAsync(SamplesClient.Us(0), 1, 64, keyframes: true)));
    }

    [Fact]
    public async Task A_segment_that_is_being_written_is_read_as_far_as_it_is()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var recording = rig.Begin(await Footage.LoadAsync(), 0);
        recording.Append(60);
        await using var client = await SamplesClient.OpenAsync(rig);
        var sofar = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal("noMore", sofar.End);
        Assert.Equal(Range(0, 60), Counters(sofar));
        recording.Append(40);
        var more = await client.ReadAsync(sofar.Gops[^1].ToUs, 1, 64);
        Assert.Equal(Range(50, 100), Counters(more));
        await rig.CloseAsync(recording);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"write","request":1,"atUs":0,"direction":1,"gops":1}""")]
    [InlineData("""{"type":"read","request":0,"atUs":0,"direction":1,"gops":1}""")]
    [InlineData("""{"type":"read","request":4294967296,"atUs":0,"direction":1,"gops":1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":-1,"direction":1,"gops":1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":9223372036854775807,"direction":1,"gops":1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"direction":0,"gops":1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"direction":1,"gops":65}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"direction":1,"gops":0}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"direction":1,"gops":1,"everyUs":-1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"gops":1}""")]
    [InlineData("""{"type":"read","request":1,"atUs":0,"direction":1,"gops":1,"keyframes":1}""")]
    public async Task What_is_no_read_closes_the_connection(string message)
    {
        await using var rig = await PlaybackRig.StartAsync();
        await using var client = await SamplesClient.OpenAsync(rig);
        await client.SayAsync(message);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "notUnderstood"), await client.ClosedAsync());
    }

    [Fact]
    public async Task A_message_of_bytes_or_of_more_than_4_KB_closes_the_connection_and_one_of_4_KB_does_not()
    {
        await using var rig = await PlaybackRig.StartAsync();
        const string Read = """{"type":"read","request":1,"atUs":0,"direction":1,"gops":1}""";
        await using (var bytes = await SamplesClient.OpenAsync(rig))
        {
            await bytes.SayAsync(Read, WebSocketMessageType.Binary);
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await bytes.ClosedAsync()).Status);
        }

        await using (var tooLong = await SamplesClient.OpenAsync(rig))
        {
            await tooLong.SayAsync(Read.PadRight(100_000));
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await tooLong.ClosedAsync()).Status);
        }

        await using var client = await SamplesClient.OpenAsync(rig);
        await client.SayAsync(Read.PadRight(4096));
        Assert.Equal("noMore", (await client.AnswerAsync(1)).End);
        await client.CloseAsync();
    }

    [Fact]
    public async Task A_connection_that_nobody_uses_is_closed_and_no_more_than_the_ceiling_are_open()
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxSampleConnections = 1, SampleConnectionIdle = TimeSpan.FromSeconds(3) });
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 25);
        await using var client = await SamplesClient.OpenAsync(rig);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SamplesClient.OpenAsync(rig));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Range(0, 25), Counters(await client.ReadAsync(SamplesClient.Us(0), 1, 1)));
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "idle"), await client.ClosedAsync());

        await using var next = await OpenWhenThereIsRoomAsync(rig);
        Assert.Equal("noMore", (await next.ReadAsync(SamplesClient.Us(10), 1, 1)).End);
    }

    [Fact]
    public async Task Without_the_index_the_player_is_told_and_stays_connected()
    {
        await using var rig = await new RecorderRig().StartAsync();
        string address = rig.Get<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("http://127.", StringComparison.Ordinal));
        using var signer = TicketSigner.LoadOrCreate(rig.Get<PlaneOptions>());
        string ticket = signer.Sign(new Ticket(TicketKind.Playback, "anna", ["cam1"], TimeProvider.System.GetUtcNow().AddHours(1)));
        await using var client = await SamplesClient.OpenAsync(new Uri($"{address.Replace("http:", "ws:", StringComparison.Ordinal)}/api/cameras/cam1/playback/samples?ticket={ticket}"));
        Assert.Equal("indexUnavailable", (await client.ReadAsync(SamplesClient.Us(0), 1, 1)).End);
        Assert.Equal("indexUnavailable", (await client.ReadAsync(SamplesClient.Us(0), -1, 1)).End);
    }

    [Fact]
    public async Task A_recorder_that_stops_says_so()
    {
        var rig = await PlaybackRig.StartAsync();
        await using var client = await SamplesClient.OpenAsync(rig);
        Assert.Equal("noMore", (await client.ReadAsync(SamplesClient.Us(0), 1, 1)).End);
        var stopping = rig.DisposeAsync();
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "stopping"), await client.ClosedAsync());
        await stopping;
    }

    [Fact]
    public async Task Without_a_ticket_an_upgrade_or_a_stream_that_can_be_there_is_no_connection()
    {
        await using var rig = await PlaybackRig.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.Http.GetAsync("playback/samples")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.Http.GetAsync($"playback/samples?ticket={rig.Sign(kind: TicketKind.Live)}")).StatusCode);
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await rig.Http.GetAsync($"playback/samples?ticket={rig.Ticket}")).StatusCode);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SamplesClient.OpenAsync(rig, more: "&stream=.."));
        Assert.Contains("400", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fmp4", "on")]
    [InlineData("mkv", "off")]
    public async Task What_is_stored_in_another_form_comes_as_it_was_recorded(string format, string encrypt)
    {
        await using var rig = await ExportRig.StartAsync($"--VMS_RECORDER_ENCRYPT={encrypt}");
        var footage = await Footage.LoadAsync();
        using var feed = new CameraFeed(rig.Recorder.Logs, "cam1", footage, ExportRig.Start);
        await rig.Recorder.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Format = format);
        feed.Append(25 * Footage.FramesPerSecond);
        await rig.Recorder.WrittenAsync("cam1", feed);
        await rig.Recorder.StopRecordingAsync("cam1");
        using var http = rig.Http(out string ticket, TicketKind.Playback, "cam1");
        await Eventually.TrueAsync(() => rig.Recorder.Get<IndexApplier>().Available);

        await using var client = await SamplesClient.OpenAsync(new Uri($"ws://{http.BaseAddress!.Authority}/api/cameras/cam1/playback/samples?ticket={ticket}"));
        var forwards = await client.ReadAsync(0, 1, 64);
        ArchiveJudge.AssertEveryFrameOnce(Counters(forwards), Counters(forwards)[0], feed.Next);
        Assert.All(forwards.Gops.SelectMany(g => g.Pictures), p => Assert.Equal(footage.Sample(p.Counter).Payload, p.Payload));
        var backwards = await client.ReadAsync(SamplesClient.Us(3600), -1, 64);
        Assert.Equal(forwards.Gops.Select(g => g.FromUs).Reverse(), backwards.Gops.Select(g => g.FromUs));
    }

    [Fact]
    public async Task What_was_sent_is_counted()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        await using var client = await SamplesClient.OpenAsync(rig);
        var (gops, bytes) = (rig.Metrics["vms_playback_sample_gops_total"], rig.Metrics["vms_playback_bytes_total{kind=samples}"]);
        var (done, noMore) = (rig.Metrics["vms_playback_sample_reads_total{outcome=done}"], rig.Metrics["vms_playback_sample_reads_total{outcome=noMore}"]);
        var answer = await client.ReadAsync(SamplesClient.Us(0), 1, 3);
        await client.ReadAsync(SamplesClient.Us(3), 1, 3);
        await client.CloseAsync();
        await Eventually.TrueAsync(() => rig.Metrics["vms_playback_sample_reads_total{outcome=noMore}"] > noMore);
        Assert.True(rig.Metrics["vms_playback_sample_reads_total{outcome=done}"] > done);
        Assert.True(rig.Metrics["vms_playback_sample_gops_total"] >= gops + 4);
        Assert.True(rig.Metrics["vms_playback_bytes_total{kind=samples}"] >= bytes + answer.Gops.Sum(g => g.Pictures.Sum(p => p.Payload.Length)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Nothing_is_allocated_for_a_message_however_many_samples_are_in_it(int samples)
    {
        const int Rounds = 5, Messages = 200;
        var footage = await Footage.LoadAsync();
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment([footage.Track], 1, 1);
        for (int i = 0; i < samples; i++)
            builder.AddSample(new SampleHeader(0, i == 0 ? SampleFlags.Keyframe : 0, GapCause.None, 1, i * Footage.TicksPerFrame, SamplesClient.Us(0)), i, footage.Sample(i).Payload);
        byte[] fragment = builder.Finish(out _).ToArray();
        using var socket = WebSocket.CreateFromStream(Stream.Null, new WebSocketCreationOptions { IsServer = true });
        using var messages = new SampleMessages(socket, static () => { }, CancellationToken.None);

        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++) Assert.True(await messages.SamplesAsync(1, fragment, footage.Track, SamplesClient.Us(0), int.MaxValue) > samples);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_group_ends_where_the_next_one_begins_and_behind_a_damaged_place_there_is_none_up_to_a_keyframe()
    {
        FragmentEntry[] table =
        [
            new(700, 100, 0, 90_000, 25, true, 1_000_000), new(800, 100, 90_000, 90_000, 25, false, 2_000_000),
            // 4 ms earlier than the camera's clock says: capture times are estimates.
            new(900, 100, 180_000, 90_000, 25, true, 2_996_000), new(1100, 100, 360_000, 90_000, 25, false, 5_000_000),
            new(1200, 100, 450_000, 90_000, 25, true, 6_000_000),
        ];
        var segment = new SegmentRow(
            Guid.CreateVersion7(), "c", "main", PlaybackRig.Start, PlaybackRig.Start.AddSeconds(6), "/x", 700, GopTable.Encode(table), [], 1, 0, 0, 0, true, RecordingClass.Continuous, 1);
        Assert.Equal(
            [(700L, 2, 1_000_000L, 2_996_000L), (900, 1, 2_996_000, 3_996_000), (1200, 1, 6_000_000, 7_000_000)],
            RecordedGop.In(segment).Select(g => (g.Fragments.Span[0].Offset, g.Fragments.Length, g.FromUs, g.ToUs)));
    }

    /// <summary>Width and first frame of each group, by reads that follow each other as a player's do.</summary>
    private static async Task<List<(int Width, long First)>> WalkAsync(SamplesClient client, int direction, int gops)
    {
        var walked = new List<(int, long)>();
        long atUs = SamplesClient.Us(direction > 0 ? 0 : 1000);
        while (true)
        {
            var answer = await client.ReadAsync(atUs, direction, gops);
            walked.AddRange(Firsts(answer));
            if (answer.End != "done") return walked;
            atUs = direction > 0 ? answer.Gops[^1].ToUs : answer.Gops[^1].FromUs - 1;
        }
    }

    private static IEnumerable<(int Width, long First)> Firsts(SamplesClient.Answer answer) => answer.Gops.Select(g => (g.Format.Width, g.Pictures[0].Counter));

    /// <summary>Two minutes in groups of ten seconds: more than the network takes from a server whose client reads nothing.</summary>
    private static async Task RecordMuchAsync(PlaybackRig rig)
    {
        var file = await rig.RecordAsync(await Footage.LoadAsync(width: 1280, gop: 250), 0, 3000);
        Assert.True(new FileInfo(file.Path).Length > 16 << 20);
    }

    private static async Task<SamplesClient> OpenWhenThereIsRoomAsync(PlaybackRig rig)
    {
        SamplesClient? client = null;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                client = await SamplesClient.OpenAsync(rig);
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
        return client!;
    }

    private static void Damage(SegmentFile file, int fragment)
    {
        Assert.True(GopTable.TryDecode(file.Row(withGops: true)!.Gops.Span, out var table));
        byte[] bytes = File.ReadAllBytes(file.Path);
        bytes[table[fragment].Offset + table[fragment].Length - 100] ^= 1;
        File.WriteAllBytes(file.Path, bytes);
    }

    private static IEnumerable<long> Range(int from, int to) => Enumerable.Range(from, to - from).Select(i => (long)i);

    private static List<long> Counters(SamplesClient.Answer answer) => [.. answer.Gops.SelectMany(g => g.Pictures).Select(p => p.Counter)];

    private static long AtUs(long frame, double offsetSeconds) => SamplesClient.Us(offsetSeconds + ((double)frame / Footage.FramesPerSecond));
}
