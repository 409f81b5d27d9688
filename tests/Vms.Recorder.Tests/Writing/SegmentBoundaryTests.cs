using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.StreamLog;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class SegmentBoundaryTests
{
    [Fact]
    public async Task New_codec_parameters_begin_a_new_segment_that_decodes()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var small = await Footage.LoadAsync(width: 320);
        var large = await Footage.LoadAsync(width: 640);
        using var feed = new CameraFeed(rig.Logs, "cam1", small, Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 1800);
        feed.Append(100);
        feed.Show(large);
        feed.Append(100);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        var rows = await rig.Index.FindAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None);
        Assert.Equal([320, 640], rows.Select(r => r.Tracks[0].Width));
        Assert.Equal(rows[0].To, rows[1].From);
        Assert.Empty(await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        foreach (var row in rows)
        {
            await ArchiveJudge.AssertDecodesAsync(row.Path);
            Assert.Equal(100, await ArchiveJudge.DecodedFramesAsync(row.Path));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_was_made_anew_with_another_picture_begins_a_segment_with_its_own_parameters(bool closed)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var small = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(width: 320), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 1800);
        small.Append(100);
        await rig.WrittenAsync("cam1", small);
        uint version = small.Log.TracksVersion;
        if (closed)
        {
            small.Log.Close();
        }

        small.Dispose();
        foreach (string log in Directory.GetFiles(rig.Logs.Path, $"{StreamLogDirectory.NameOf("cam1", "main")}*"))
        {
            File.Delete(log);
        }

        // The number of its only table of tracks is that of the other log's.
        using var large = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(width: 640), Rows.Start.AddSeconds(10));
        Assert.Equal(version, large.Log.TracksVersion);
        large.Append(100);
        await Eventually.TrueAsync(() => rig.Counters("cam1").Count == 200);
        await rig.StopRecordingAsync("cam1");

        var rows = await rig.Index.FindAsync("cam1", "main", Rows.Start, large.Now, CancellationToken.None);
        Assert.Equal([320, 640], rows.Select(r => r.Tracks[0].Width));
        foreach (var row in rows)
        {
            await ArchiveJudge.AssertDecodesAsync(row.Path);
            Assert.Equal(100, await ArchiveJudge.DecodedFramesAsync(row.Path));
        }

        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", Rows.Start, large.Now, CancellationToken.None));
        Assert.Equal(GapCause.MediaRestart, gap.Cause);
    }

    [Fact]
    public async Task Reordered_pictures_are_recorded_once_each_and_decode()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(gop: 50, bFrames: 2), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(1000);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        foreach (string file in rig.Files("cam1"))
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }
    }

    [Fact]
    public async Task A_segment_ends_at_the_first_keyframe_after_its_bytes_also_after_a_restart()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(width: 640, gop: 25), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 1800, adjust: s => s.SegmentBytes = 1 << 20);
        while (feed.Bytes < 2_500_000)
        {
            feed.Append(25);
            await rig.WrittenAsync("cam1", feed);
        }

        await rig.StopAsync();
        await rig.StartAsync();
        while (feed.Bytes < 5_000_000)
        {
            feed.Append(25);
            await rig.WrittenAsync("cam1", feed);
        }

        await rig.StopRecordingAsync("cam1");
        await rig.StopAsync();
        var files = rig.Files("cam1");
        Assert.InRange(files.Count, 4, 6);
        Assert.All(files.SkipLast(1), f => Assert.InRange(new FileInfo(f).Length, (1 << 20) - 4096, (1 << 20) + 400_000));
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task Fragments_end_after_a_second_and_at_keyframes()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(gop: 60), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 1800);
        feed.Append(240);
        await rig.WrittenAsync("cam1", feed);
        var row = Assert.Single(await rig.Index.FindAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        Assert.True(GopTable.TryDecode(row.Gops.Span, out var fragments));
        Assert.All(fragments, f => Assert.InRange(f.SampleCount, 1, 26));
        // Keyframes every 60 frames of footage that repeats after 250.
        Assert.Equal(4, fragments.Count(f => f.StartsWithKeyframe));
    }

    [Fact]
    public void Cuts_lie_on_the_streams_own_grid_and_never_right_after_the_start()
    {
        const long Length = 600_000_000;
        long[] offsets =
        [
            .. Enumerable.Range(0, 50).Select(i => SegmentRotation.NextCut($"cam{i}.main", 1_000_000_000_000, Length) % Length).Distinct(),
        ];
        Assert.True(offsets.Length > 45, "cameras cut together");
        for (long start = 0; start < 3 * Length; start += 7_654_321)
        {
            long cut = SegmentRotation.NextCut("cam1.main", start, Length);
            Assert.InRange(cut - start, Length / 2, (Length * 3 / 2) - 1);
            Assert.Equal(SegmentRotation.NextCut("cam1.main", 0, Length) % Length, cut % Length);
        }
    }

    [Fact]
    public void Silence_that_nobody_flagged_is_a_hole_and_a_slow_camera_is_not()
    {
        var clock = new RunClock();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(GapCause.None, clock.HoleBefore(At(i * 40), video: true));
            clock.Recorded(At(i * 40), video: true);
        }

        Assert.Equal(GapCause.None, clock.HoleBefore(At(49 * 40 + 1900), video: true));
        Assert.Equal(GapCause.CameraOffline, clock.HoleBefore(At(49 * 40 + 2500), video: true));

        var slow = new RunClock();
        for (int i = 0; i < 50; i++)
        {
            slow.Recorded(At(i * 1000), video: true);
        }

        Assert.Equal(GapCause.None, slow.HoleBefore(At(52_000), video: true));
        Assert.Equal(GapCause.CameraOffline, slow.HoleBefore(At(60_000), video: true));

        static SampleHeader At(int milliseconds) => new(0, SampleFlags.None, GapCause.None, 1, milliseconds * 90L, milliseconds * 1000L);
    }
}
