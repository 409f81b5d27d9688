using System.Net.Http.Json;
using System.Text.Json;
using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Playback;

/// <summary>A file that is not what was written costs the first who asks for it, and nobody after: the rest plays.</summary>
public sealed class DamagedSegmentTests
{
    [Fact]
    public async Task A_damaged_fragment_becomes_a_gap_and_the_rest_plays()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await Footage.LoadAsync(), 0, 250);
        Damage(file, fragment: 3);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)));

        await TimelineBecomesAsync(rig, [(0, 3), (4, 10)], [(3, 4, "damaged")]);
        byte[] clip = await rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(Enumerable.Range(0, 250).Where(i => i is < 75 or >= 100).Select(i => (long)i), Footage.CountersIn(clip));
        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60));
        foreach (string line in playlist.Split('\n').Where(l => l.Contains(".m4s", StringComparison.Ordinal)))
        {
            Assert.NotEmpty(await rig.Http.GetByteArrayAsync("playback/" + line));
        }
    }

    [Fact]
    public async Task A_file_that_is_gone_becomes_a_gap_and_the_rest_plays()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 100);
        var gone = await rig.RecordAsync(footage, 100, 100);
        await rig.RecordAsync(footage, 200, 100);
        File.Delete(gone.Path);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)));

        await TimelineBecomesAsync(rig, [(0, 4), (8, 12)], [(4, 8, "damaged")]);
        byte[] clip = await rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i is < 100 or >= 200).Select(i => (long)i), Footage.CountersIn(clip));
    }

    [Fact]
    public async Task A_damaged_end_is_a_hole_in_the_clip_not_a_jump()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var file = await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 100);
        Damage(file, fragment: 9);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)));

        await TimelineBecomesAsync(rig, [(0, 9), (10, 14)], [(9, 10, "damaged")]);
        var segments = await rig.SegmentsAsync();
        Assert.Equal(PlaybackRig.Start.AddSeconds(9), segments[0].To);
        var plan = PlaybackPlan.Create(segments, PlaybackRig.Start, PlaybackRig.Start.AddMinutes(1))!;
        Assert.Equal(14, (double)(plan.Runs[^1].EndTicks - plan.StartTicks) / FragmentEntry.TicksPerSecond, 0.1);
    }

    [Fact]
    public async Task The_gap_is_in_the_journal_before_the_row_that_makes_the_hole()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await Footage.LoadAsync(), 0, 250);
        Damage(file, fragment: 3);
        Damage(file, fragment: 6);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)));
        await TimelineBecomesAsync(rig, [(0, 3), (4, 6), (7, 10)], [(3, 4, "damaged"), (6, 7, "damaged")]);
        Assert.Equal([typeof(GapPut), typeof(GapPut), typeof(SegmentPut)], rig.Journal.Peek(10).Select(e => e.GetType()));
    }

    [Fact]
    public async Task A_playlist_from_before_the_damage_never_leads_to_another_piece()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await Footage.LoadAsync(), 0, 500);
        string playlist = await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60));
        var pieces = playlist.Split('\n').Where(l => l.Contains(".m4s", StringComparison.Ordinal)).Select(l => "playback/" + l).ToList();
        byte[] first = await rig.Http.GetByteArrayAsync(pieces[0]);
        byte[] last = await rig.Http.GetByteArrayAsync(pieces[^1]);
        Damage(file, fragment: 6);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(pieces[1]));

        await TimelineBecomesAsync(rig, [(0, 6), (7, 20)], [(6, 7, "damaged")]);
        Assert.Equal(first, await rig.Http.GetByteArrayAsync(pieces[0]));
        using var answer = await rig.Http.GetAsync(pieces[^1]);
        if (answer.IsSuccessStatusCode)
        {
            Assert.Equal(last, await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Each_damaged_file_is_an_event_and_counted()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        Damage(file, fragment: 0);
        // The connection may be cut before the answer's headers are read.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)));
        await TimelineBecomesAsync(rig, [(1, 4)], [(0, 1, "damaged")]);
        var happened = await ToldEvents.NextAsync(rig.Outbox);
        Assert.Equal("recording.damaged", happened.Type);
        Assert.Equal((rig.Camera, PlaybackRig.Start, PlaybackRig.Start.AddSeconds(1)), (happened.CameraId, happened.At, happened.EndAt!.Value));
        Assert.Equal("damaged", happened.Data["reason"]);
    }

    private static void Damage(SegmentFile file, int fragment)
    {
        Assert.True(GopTable.TryDecode(file.Row(withGops: true)!.Gops.Span, out var table));
        byte[] bytes = File.ReadAllBytes(file.Path);
        bytes[table[fragment].Offset + table[fragment].Length - 100] ^= 1;
        File.WriteAllBytes(file.Path, bytes);
    }

    private static Task TimelineBecomesAsync(PlaybackRig rig, (double From, double To)[] recordings, (double From, double To, string Cause)[] gaps) =>
        Eventually.TrueAsync(async () =>
        {
            var timeline = await rig.Http.GetFromJsonAsync<JsonElement>(rig.Url("timeline", 0, 60));
            return timeline.GetProperty("recordings").EnumerateArray().Select(r => (Text(r, "from"), Text(r, "to")))
                    .SequenceEqual(recordings.Select(r => (PlaybackRig.Time(r.From), PlaybackRig.Time(r.To))))
                && timeline.GetProperty("gaps").EnumerateArray().Select(g => (Text(g, "from"), Text(g, "to"), Text(g, "cause")))
                    .SequenceEqual(gaps.Select(g => (PlaybackRig.Time(g.From), PlaybackRig.Time(g.To), g.Cause)));
        });

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
