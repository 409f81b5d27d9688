using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Hosting;
using Vms.Hosting.Motion;
using Vms.Recorder.Archive;
using Vms.Recorder.Motion;
using Vms.Recorder.Tests.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Motion;

/// <summary>Motion in a part of the picture is found in what was recorded: a still picture with noise, in which a box moves at the bottom right from second
/// 10 to second 14.</summary>
public sealed class MotionSearchTests
{
    private const string Corner = "0.6,0.7,0.4,0.3";
    private const string Elsewhere = "0,0,0.5,0.5";

    private static readonly FootageSpec s_footage = new(
        "motion-in-a-corner",
        ["-f", "lavfi", "-i", "smptehdbars=s=640x360:r=25", "-f", "lavfi", "-i", "color=c=white:s=80x50:r=25"],
        "[0]noise=alls=6:allf=t[ground];[ground][1]overlay=x='420+30*(t-10)':y=290:enable='between(t,10,14)'")
    {
        Seconds = 30,
        ShowFrameCounter = false,
    };

    [Fact]
    public async Task Motion_is_found_where_it_was_and_when()
    {
        await using var rig = await RigAsync();
        var found = await SearchAsync(rig, Corner);
        var hit = Assert.Single(found.Hits);
        // It is there in the keyframes of the seconds 10 to 14; what is found lies between the keyframes around them.
        Assert.Equal((9, 15), (Seconds(hit, "from"), Seconds(hit, "to")));
        Assert.InRange(hit.GetProperty("score").GetDouble(), 0.5, 1);
        double[] box = [.. hit.GetProperty("box").EnumerateArray().Select(n => n.GetDouble())];
        Assert.InRange(box[0], 0.6, 0.7);
        Assert.InRange(box[1], 0.74, 0.82);
        Assert.InRange(box[0] + box[2], 0.95, 1);
        Assert.True(found.End.GetProperty("complete").GetBoolean());
        Assert.Equal(29, found.End.GetProperty("searchedSeconds").GetDouble(), 0.1);
    }

    [Fact]
    public async Task Where_only_the_small_stream_is_recorded_all_of_its_files_are_searched()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        await rig.RecordAsync(footage, 0, 25 * 8, stream: "sub");
        await rig.RecordAsync(footage, 25 * 8, 25 * 8, stream: "sub");
        await rig.RecordAsync(footage, 25 * 16, 25 * 14, stream: "sub");
        var found = await SearchAsync(rig, Corner);
        var hit = Assert.Single(found.Hits);
        Assert.Equal((9, 15), (Seconds(hit, "from"), Seconds(hit, "to")));
        Assert.Equal(29, found.End.GetProperty("searchedSeconds").GetDouble(), 0.2);
    }

    [Fact]
    public async Task Elsewhere_nothing_is_found()
    {
        await using var rig = await RigAsync();
        Assert.Empty((await SearchAsync(rig, Elsewhere)).Hits);
        // A polygon around everything but the corner.
        Assert.Empty((await SearchAsync(rig, "0,0,1,0,1,0.6,0.5,0.6,0.5,1,0,1")).Hits);
        Assert.Single((await SearchAsync(rig, "0.5,0.6,1,0.6,1,1,0.5,1")).Hits);
        Assert.Single((await SearchAsync(rig, region: null)).Hits);
    }

    [Fact]
    public async Task The_second_search_computes_nothing()
    {
        await using var rig = await RigAsync();
        var first = await SearchAsync(rig, Corner);
        Assert.Equal(29, first.End.GetProperty("gridsComputed").GetInt32());
        var second = await SearchAsync(rig, Elsewhere);
        Assert.Equal(0, second.End.GetProperty("gridsComputed").GetInt32());
        var third = await SearchAsync(rig, Corner);
        Assert.Equal(first.Hits.Select(h => h.GetRawText()), third.Hits.Select(h => h.GetRawText()));
        Assert.All(await rig.SegmentsAsync(), s => Assert.True(File.Exists(MotionFile.PathOf(s.Path))));
    }

    [Fact]
    public async Task What_analysis_handed_over_is_found_without_decoding_anything()
    {
        await using var rig = await RigAsync();
        var computed = await SearchAsync(rig, Corner);
        foreach (var grid in await TakeStoredAsync(rig))
            Assert.True(rig.Handed.Add(rig.Camera, Entry(grid, shiftUs: 0)));
        var found = await SearchAsync(rig, Corner);
        Assert.Equal(0, found.End.GetProperty("gridsComputed").GetInt32());
        Assert.Equal(computed.Hits.Select(h => h.GetRawText()), found.Hits.Select(h => h.GetRawText()));
        Assert.Equal(29, found.End.GetProperty("searchedSeconds").GetDouble(), 0.1);
    }

    [Fact]
    public async Task What_analysis_saw_of_the_small_stream_answers_for_the_main_one_and_what_it_did_not_see_is_computed()
    {
        await using var rig = await RigAsync();
        await SearchAsync(rig, Corner);
        foreach (var grid in await TakeStoredAsync(rig))
            Assert.True(rig.Handed.Add(rig.Camera, Entry(grid, shiftUs: -300_000)));        // its keyframes come a little earlier
        var found = await SearchAsync(rig, Corner);
        Assert.Equal(1, found.End.GetProperty("gridsComputed").GetInt32());       // the last one: they end before it does
        var hit = Assert.Single(found.Hits);
        Assert.Equal((8, 15), (Seconds(hit, "from"), Seconds(hit, "to")));        // a keyframe earlier, since what changed lies around it
        Assert.Empty((await SearchAsync(rig, Elsewhere)).Hits);
    }

    [Fact]
    public async Task What_was_handed_over_is_put_beside_the_segment_when_its_last_grid_can_be_there()
    {
        await using var rig = await RigAsync();
        await SearchAsync(rig, Corner);
        var grids = await TakeStoredAsync(rig);
        var segment = (await rig.SegmentsAsync())[0];
        var clock = new ManualTimeProvider();
        var keeping = new GridKeeping(rig.Handed, clock, NullLogger<GridKeeping>.Instance);
        using var stop = new CancellationTokenSource();
        var running = keeping.RunAsync(stop.Token);
        foreach (var grid in grids.Where(g => g.AfterUs <= UnixTime.ToMicroseconds(segment.To) - 100_000))
            rig.Handed.Add(rig.Camera, Entry(grid, 0));
        keeping.Offer(segment);
        foreach (var grid in grids.Where(g => g.AfterUs > UnixTime.ToMicroseconds(segment.To) - 100_000))
            rig.Handed.Add(rig.Camera, Entry(grid, 0));       // its last one, which ends with the first picture of the next segment, and those behind
        Assert.False(File.Exists(MotionFile.PathOf(segment.Path)));
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(16));
            return File.Exists(MotionFile.PathOf(segment.Path));
        });
        await stop.CancelAsync();
        await running;
        var kept = await MotionFile.ReadAsync(segment.Path, CancellationToken.None);
        Assert.Subset(kept.Select(g => (g.BeforeUs, g.AfterUs)).ToHashSet(), grids.Take(12).Select(g => (g.BeforeUs, g.AfterUs)).ToHashSet());
        Assert.All(kept, g => Assert.Equal(MotionSource.Analytics, g.Source));
    }

    [Fact]
    public async Task The_recorder_takes_grids_from_the_bus_and_keeps_them_when_it_stops()
    {
        await using PrivateNats nats = await PrivateNats.StartAsync();
        await using var rig = await new RecorderRig(settings: ["--VMS_PREVIEW_SECONDS=0", $"--VMS_NATS={nats.Url}"]).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), TimeProvider.System.GetUtcNow().AddSeconds(-30));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(25 * 5);
        await rig.WrittenAsync("cam1", feed);
        long beganUs = UnixTime.ToMicroseconds(feed.Start);
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = bus.RunAsync(stop.Token);
        var grid = MotionGrid.Of(beganUs, beganUs + 1_000_000, Enumerable.Repeat((byte)9, 256).ToArray(), isWholePicture: false, MotionSource.Analytics);
        var handed = rig.Get<HandedGrids>();
        await Eventually.TrueAsync(async () =>
        {
            // Nobody hears what is said before it listens.
            await bus.PublishAsync(BusLayout.MotionSubject("cam1"), Entry(grid, 0), headers: null, replyTo: null, CancellationToken.None);
            return handed.Between("cam1", beganUs, beganUs + 1).Count > 0;
        });
        string segment = Assert.Single(rig.Files("cam1"));
        Assert.False(File.Exists(MotionFile.PathOf(segment)));
        await rig.StopAsync();
        var kept = Assert.Single(await MotionFile.ReadAsync(segment, CancellationToken.None));
        Assert.Equal((grid.BeforeUs, grid.AfterUs, (byte)9), (kept.BeforeUs, kept.AfterUs, kept.Cells.Span[255]));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_a_search_of_a_part_computed_is_not_computed_again()
    {
        await using var rig = await RigAsync();
        Assert.Equal(8, (await SearchAsync(rig, Corner, 18, 26)).End.GetProperty("gridsComputed").GetInt32());
        var all = await SearchAsync(rig, Corner);
        Assert.Equal(29 - 8, all.End.GetProperty("gridsComputed").GetInt32());
        Assert.Single(all.Hits);
    }

    [Fact]
    public async Task A_hit_does_not_reach_out_of_the_range()
    {
        await using var rig = await RigAsync();
        var hit = Assert.Single((await SearchAsync(rig, Corner, 11.5, 12.5)).Hits);
        Assert.Equal((PlaybackRig.Time(11.5), PlaybackRig.Time(12.5)), (hit.GetProperty("from").GetString(), hit.GetProperty("to").GetString()));
        Assert.Empty((await SearchAsync(rig, Corner, 15.5, 30)).Hits);
    }

    [Fact]
    public async Task The_newest_comes_first_and_progress_goes_back_in_time()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        await rig.RecordAsync(footage, 0, 25 * 40);     // begins anew after 30 seconds
        await rig.RecordAsync(footage, 25 * 60, 25 * 20);
        var found = await SearchAsync(rig, Corner, 0, 80);
        Assert.Equal([69, 9], found.Hits.Select(h => Seconds(h, "from")));
        var shares = found.Lines.Where(l => Type(l) == "progress").Select(l => l.GetProperty("share").GetDouble()).ToList();
        Assert.NotEmpty(shares);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal("end", Type(found.Lines[^1]));
        // Twenty seconds of the range were not recorded.
        Assert.Equal(39 + 19, found.End.GetProperty("searchedSeconds").GetDouble(), 0.2);
    }

    [Fact]
    public async Task Small_changes_count_when_less_is_asked_for()
    {
        await using var rig = await RigAsync();
        double score = Assert.Single((await SearchAsync(rig, "0.62,0.72,0.1,0.1", minChange: 1)).Hits).GetProperty("score").GetDouble();
        Assert.Empty((await SearchAsync(rig, "0.62,0.72,0.1,0.1", minChange: Math.Min(100, (int)(score * 100) + 2))).Hits);
    }

    [Fact]
    public async Task What_is_being_written_is_searched_and_not_stored()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var recording = rig.Begin(await Footage.LoadAsync(), 0);
        recording.Append(25 * 12);
        var found = await SearchAsync(rig, region: null);
        Assert.Equal(11, found.End.GetProperty("gridsComputed").GetInt32());
        Assert.False(File.Exists(MotionFile.PathOf(recording.File.Path)));
    }

    [Fact]
    public async Task Damaged_footage_is_said_to_be_so_and_the_rest_is_searched()
    {
        await using var rig = await RigAsync();
        var segment = (await rig.SegmentsAsync())[1];
        Assert.True(Vms.Containers.GopTable.TryDecode(segment.Gops.Span, out var table));
        await using (var file = new FileStream(segment.Path, FileMode.Open, FileAccess.Write))
        {
            file.Position = table[8].Offset + (table[8].Length / 2);        // second 20
            file.Write(new byte[200]);
        }

        var found = await SearchAsync(rig, Corner);
        var skipped = Assert.Single(found.Lines, l => Type(l) == "skipped");
        Assert.Equal(("damaged", 19, 21), (skipped.GetProperty("reason").GetString(), Seconds(skipped, "from"), Seconds(skipped, "to")));
        Assert.Single(found.Hits);
    }

    [Fact]
    public async Task Grids_that_are_damaged_are_made_again()
    {
        await using var rig = await RigAsync();
        await SearchAsync(rig, Corner);
        string path = MotionFile.PathOf((await rig.SegmentsAsync())[0].Path);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[40] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var found = await SearchAsync(rig, Corner);
        Assert.Equal(12, found.End.GetProperty("gridsComputed").GetInt32());
        Assert.Single(found.Hits);
    }

    [Fact]
    public async Task A_ticket_opens_its_own_time_and_camera_alone()
    {
        await using var rig = await RigAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rig, rig.Sign(PlaybackRig.Start, PlaybackRig.Start.AddSeconds(30))));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(rig, rig.Sign(PlaybackRig.Start, PlaybackRig.Start.AddSeconds(29))));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(rig, rig.Sign(PlaybackRig.Start.AddSeconds(1), PlaybackRig.Start.AddSeconds(30))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig, rig.Sign(camera: "another")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig, rig.Sign(kind: TicketKind.Snapshot)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rig, ""));
    }

    [Theory]
    [InlineData("region=1,2")]
    [InlineData("minChange=0")]
    [InlineData("minChange=101")]
    [InlineData("from=2026-11-01T00:00:00Z")]
    public async Task What_is_not_to_be_searched_is_refused(string wrong)
    {
        await using var rig = await PlaybackRig.StartAsync();
        string url = Url(rig, Corner, 0, 30, 15);
        string name = wrong[..wrong.IndexOf('=', StringComparison.Ordinal)];
        url = string.Join('&', url.Split('&').Select(p => p.Contains(name + "=", StringComparison.Ordinal) ? p[..p.IndexOf(name, StringComparison.Ordinal)] + wrong : p));
        using var answer = await rig.Http.GetAsync(url);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("invalidInput", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task It_waits_while_the_disk_is_behind_and_ends_when_the_client_hangs_up()
    {
        await using var rig = await RigAsync(new MotionOptions { MaxSearches = 1, ProgressEvery = TimeSpan.FromMilliseconds(50) });
        rig.Motion.IsDiskBehind = () => true;
        using (var answer = await rig.Http.GetAsync(Url(rig, Corner, 0, 30, 15), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            for (int i = 0; i < 3; i++)
                Assert.Contains("\"gridsComputed\":0", await reader.ReadLineAsync(), StringComparison.Ordinal);

            Assert.Equal(1, rig.Motion.Active);
            using var refused = await rig.Http.GetAsync(Url(rig, Corner, 0, 30, 15));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await Eventually.TrueAsync(() => rig.Motion.Active == 0);
        rig.Motion.IsDiskBehind = () => false;
        Assert.Single((await SearchAsync(rig, Corner)).Hits);
    }

    [Fact]
    public async Task What_was_computed_when_the_client_hung_up_is_kept()
    {
        await using var rig = await RigAsync(new MotionOptions { MaxSearches = 1, ProgressEvery = TimeSpan.FromMilliseconds(20) });
        int looks = 0;
        rig.Motion.IsDiskBehind = () => Interlocked.Increment(ref looks) > 5;
        using (var answer = await rig.Http.GetAsync(Url(rig, Corner, 0, 30, 15), HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line && !line.Contains("\"gridsComputed\":5", StringComparison.Ordinal)) Assert.DoesNotContain("end", line, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(() => rig.Motion.Active == 0);
        Assert.Equal(5, (await MotionFile.ReadAsync((await rig.SegmentsAsync())[1].Path, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Too_many_hits_end_the_search_and_say_how_far_it_came()
    {
        await using var rig = await PlaybackRig.StartAsync(motion: new MotionOptions { MaxHits = 1 });
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 25 * 60);
        var found = await SearchAsync(rig, Corner, 0, 60);
        var hit = Assert.Single(found.Hits);
        Assert.Equal((39, 45), (Seconds(hit, "from"), Seconds(hit, "to")));
        Assert.False(found.End.GetProperty("complete").GetBoolean());
        Assert.InRange(Seconds(found.End, "searchedTo"), 30, 39);
    }

    [Fact]
    public async Task Grids_go_with_their_segment_and_do_not_keep_its_folder()
    {
        await using var rig = await new RecorderRig(settings: ["--VMS_PREVIEW_SECONDS=0"]).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddDays(-1));
        await rig.RecordAsync("cam1");
        feed.Append(25 * 5);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        string segment = Assert.Single(rig.Files("cam1"));
        string day = Path.GetDirectoryName(segment)!;
        MotionFile.Write(segment, []);
        await File.WriteAllBytesAsync(Path.Combine(day, "000000-0.motion"), [1]);
        await File.WriteAllBytesAsync(Path.Combine(day, "000001-0.motion.tmp"), [1]);
        Assert.Equal([segment], rig.Files("cam1"));
        rig.Retention.DeleteArchive("cam1", "anna");
        Assert.False(Directory.Exists(day));
    }

    /// <summary>Thirty seconds in two segments; the box moves across their border.</summary>
    private static async Task<PlaybackRig> RigAsync(MotionOptions? options = null)
    {
        var rig = await PlaybackRig.StartAsync(motion: options);
        var footage = await VideoFootage.LoadAsync(s_footage);
        await rig.RecordAsync(footage, 0, 25 * 12);
        await rig.RecordAsync(footage, 25 * 12, 25 * 18);
        return rig;
    }

    /// <summary>What searches stored, in order of time, which is then as if nobody had searched.</summary>
    private static async Task<List<MotionGrid>> TakeStoredAsync(PlaybackRig rig)
    {
        var grids = new List<MotionGrid>();
        foreach (var segment in await rig.SegmentsAsync())
        {
            grids.AddRange(await MotionFile.ReadAsync(segment.Path, CancellationToken.None));
            File.Delete(MotionFile.PathOf(segment.Path));
        }

        Assert.Equal(29, grids.Count);
        return grids;
    }

    /// <summary>As analysis hands it over.</summary>
    private static byte[] Entry(MotionGrid grid, long shiftUs)
    {
        byte[] entry = new byte[MotionEntry.MaxBytes];
        return entry[..MotionEntry.Write(grid with { BeforeUs = grid.BeforeUs + shiftUs, AfterUs = grid.AfterUs + shiftUs, Source = MotionSource.Analytics }, entry)];
    }

    private static string Url(PlaybackRig rig, string? region, double from, double to, int minChange, string? ticket = null) =>
        rig.Url("motion", from, to, ticket) + (region is null ? "" : $"&region={region}") + string.Create(CultureInfo.InvariantCulture, $"&minChange={minChange}");

    private static async Task<HttpStatusCode> StatusAsync(PlaybackRig rig, string ticket)
    {
        using var answer = await rig.Http.GetAsync(Url(rig, Corner, 0, 30, 15, ticket));
        return answer.StatusCode;
    }

    private static async Task<Found> SearchAsync(PlaybackRig rig, string? region, double from = 0, double to = 30, int minChange = 15)
    {
        string text = await rig.Http.GetStringAsync(Url(rig, region, from, to, minChange));
        return new Found([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)]);
    }

    private static string Type(JsonElement line) => line.GetProperty("type").GetString()!;

    private static int Seconds(JsonElement line, string name) =>
        (int)Math.Round((line.GetProperty(name).GetDateTimeOffset() - PlaybackRig.Start).TotalSeconds);

    private sealed record Found(IReadOnlyList<JsonElement> Lines)
    {
        public IReadOnlyList<JsonElement> Hits => [.. Lines.Where(l => Type(l) == "hit")];

        public JsonElement End => Assert.Single(Lines, l => Type(l) == "end");
    }
}
