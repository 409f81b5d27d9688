using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Tests.Playback;

public sealed class PlaybackPlanTests
{
    private const int Second = FragmentEntry.TicksPerSecond;
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void It_starts_at_the_last_keyframe_before_the_range_and_ends_with_the_fragment_that_holds_its_end()
    {
        var plan = Create([Segment(0, 10)], 3.5, 7.25)!;
        var run = Assert.Single(plan.Runs);

        Assert.Equal((2, 6), (run.FirstIndex, run.Fragments.Length));
        Assert.Equal(0, run.StartTicks);
        Assert.Equal(Second * 3 / 2, plan.ShownFromTicks);
        Assert.Equal(Second * 21 / 4, plan.ShownToTicks);
    }

    [Fact]
    public void With_B_frames_the_first_picture_comes_as_much_later_as_decoding_needs()
    {
        FragmentEntry[] late = [.. Table(0, 4).Select(f => f with { StartTicks = f.StartTicks + 7200 })];
        var plan = Create([Segment(0, 4, late), Segment(4, 4)], 2.5, 60)!;
        Assert.Equal(7200, plan.StartTicks);
        Assert.Equal([7200, 7200 + 2 * Second], plan.Runs.Select(r => r.StartTicks));
        Assert.Equal(7200 + Second / 2, plan.ShownFromTicks);
    }

    [Fact]
    public void A_range_that_begins_in_a_gap_starts_with_the_first_picture_after_it()
    {
        var plan = Create([Segment(0, 10), Segment(20, 10)], 15, 23)!;
        var run = Assert.Single(plan.Runs);
        Assert.Equal((0, 3), (run.FirstIndex, run.Fragments.Length));
        Assert.Equal(0, plan.ShownFromTicks);
        Assert.Equal(s_start.AddSeconds(20), plan.ShownFrom);
    }

    [Fact]
    public void Segments_of_one_recording_touch_and_gaps_are_as_long_as_the_wall_clock_says()
    {
        // The second comes 4 ms late by capture time, the third 5 s later.
        var plan = Create([Segment(0, 10), Segment(10.004, 10), Segment(25.004, 4)], 0, 60)!;

        Assert.Equal([0, 10 * Second, 25 * Second], plan.Runs.Select(r => r.StartTicks));
        Assert.Equal([false, true, false], plan.Runs.Select(r => r.Continues));
    }

    [Fact]
    public void After_the_clock_was_set_back_both_passes_play_one_behind_the_other()
    {
        var plan = Create([Segment(0, 10), Segment(4, 10)], 0, 60)!;
        Assert.Equal([0, 10 * Second], plan.Runs.Select(r => r.StartTicks));
        Assert.False(plan.Runs[1].Continues);
    }

    [Fact]
    public void A_hole_in_a_file_ends_a_run_and_the_next_begins_with_a_keyframe()
    {
        var table = Table(0, 10);
        var plan = Create([Segment(0, 10, [.. table[..3], .. table[5..]])], 0, 60)!;

        Assert.Equal([3, 4], plan.Runs.Select(r => r.Fragments.Length));
        Assert.Equal([0, 4], plan.Runs.Select(r => r.FirstIndex));
        Assert.Equal(6 * Second, plan.Runs[1].StartTicks);
    }

    [Fact]
    public void Other_codec_parameters_do_not_continue()
    {
        var second = Segment(10, 10) with { Tracks = [new TrackInfo(0, CodecKind.H264, 90_000, new byte[] { 9 }, 640, 480)] };
        Assert.False(Create([Segment(0, 10), second], 0, 60)!.Runs[1].Continues);
    }

    [Fact]
    public void A_camera_that_delivers_fewer_pictures_than_its_timestamps_say_has_no_gaps_and_starts_by_the_wall_clock()
    {
        // Each second of media took 2.5 s (open-nvr#229, mediamtx#5550).
        var first = Segment(0, 25, Table(0, 10, pace: 2.5));
        var second = Segment(25, 25, Table(25, 10, pace: 2.5));
        var plan = Create([first, second], 12, 60)!;

        Assert.Equal([4, 0], plan.Runs.Select(r => r.FirstIndex));
        Assert.True(plan.Runs[1].Continues);
        Assert.Equal(6 * Second, plan.Runs[1].StartTicks);
    }

    [Fact]
    public void More_keyframes_than_an_index_can_count_become_longer_pieces()
    {
        var table = new FragmentEntry[100_000];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = new FragmentEntry(700 + i * 100L, 100, i * 18_000L, 18_000, 5, true, UnixTime.ToMicroseconds(s_start) + i * 200_000L);
        }

        var body = ClipBody.Build(Create([Segment(0, 20_000, table)], 0, 20_000)!);
        Assert.Equal(body.Head.Length + 10_000_000L, body.Length);
        Assert.InRange(body.Head.Length, 20_000 * 12, 65_535 * 12 + 2000);
    }

    [Fact]
    public void Nothing_to_play_is_null()
    {
        Assert.Null(Create([], 0, 10));
        Assert.Null(Create([Segment(0, 10)], 10, 20));
        Assert.Null(Create([Segment(20, 10)], 10, 20));
        Assert.Null(Create([Segment(0, 10) with { Gops = default }], 0, 20));
        Assert.Null(Create([Segment(0, 1, [Table(0, 2)[1]])], 0, 20));
    }

    private static PlaybackPlan? Create(SegmentRow[] segments, double from, double to) =>
        PlaybackPlan.Create(segments, s_start.AddSeconds(from), s_start.AddSeconds(to));

    private static SegmentRow Segment(double at, int seconds, FragmentEntry[]? table = null) => new(
        Guid.CreateVersion7(), "c", "main", s_start.AddSeconds(at), s_start.AddSeconds(at + seconds), "/x", 700,
        GopTable.Encode(table ?? Table(at, seconds)), [new TrackInfo(0, CodecKind.H264, 90_000, new byte[] { 1 }, 320, 240)], 1, 0, 0, 0, true, RecordingClass.Continuous, 1);

    // A fragment a second, a keyframe every other.
    private static FragmentEntry[] Table(double at, int seconds, double pace = 1)
    {
        var table = new FragmentEntry[seconds];
        long capture = UnixTime.ToMicroseconds(s_start.AddSeconds(at));
        for (int i = 0; i < seconds; i++)
        {
            table[i] = new FragmentEntry(700 + i * 1000, 1000, i * Second, Second, 25, i % 2 == 0, capture + (long)(i * pace * 1_000_000));
        }

        return table;
    }
}
