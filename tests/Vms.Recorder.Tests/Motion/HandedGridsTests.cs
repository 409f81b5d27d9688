using Vms.Hosting.Motion;
using Vms.Recorder.Motion;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Tests.Motion;

/// <summary>Grids that analysis hands over: which are taken, how long they are kept, and for which keyframes they answer.</summary>
public sealed class HandedGridsTests
{
    private const long Second = 1_000_000;
    private const long Day = 1_700_000_000 * Second;

    private readonly HandedGrids _handed = new(new OpenSegments());

    [Fact]
    public void What_is_no_grid_of_analysis_is_not_taken()
    {
        byte[] good = Entry(Grid(0, 2));
        Assert.True(_handed.Add("cam", good));
        Assert.False(_handed.Add("cam", good.AsSpan(0, good.Length - 1)));
        Assert.False(_handed.Add("cam", [.. good, 0]));
        Assert.False(_handed.Add("cam", []));
        Assert.False(_handed.Add("cam", Entry(Grid(0, 2) with { Source = MotionSource.Keyframes })));
        Assert.False(_handed.Add("cam", Entry(Grid(2, 2))));
        Assert.False(_handed.Add("cam", Entry(Grid(0, 61))));
        foreach (long beforeUs in (long[])[long.MinValue, -Second, long.MaxValue - Second])
            Assert.False(_handed.Add("cam", Entry(Grid(0, 2) with { BeforeUs = beforeUs, AfterUs = beforeUs + Second })));
        Assert.Single(_handed.Between("cam", Day, Day + (100 * Second)));
    }

    [Fact]
    public void When_there_are_too_many_cameras_those_that_have_told_nothing_for_long_are_forgotten()
    {
        for (int i = 0; i < 4096; i++)
            Assert.True(_handed.Add($"cam-{i}", Entry(i < 4095 ? Grid(0, 2) : Grid(300, 302))));
        Assert.False(_handed.Add("early", Entry(Grid(290, 292))));         // all of them have told something lately
        Assert.True(_handed.Add("late", Entry(Grid(400, 402))));
        Assert.Empty(_handed.Between("cam-0", 0, long.MaxValue));
        Assert.Single(_handed.Between("cam-4095", 0, long.MaxValue));
        Assert.Single(_handed.Between("late", 0, long.MaxValue));
    }

    [Fact]
    public void Of_a_camera_that_is_not_recorded_the_last_five_minutes_are_kept()
    {
        for (int at = 0; at < 1000; at += 2)
            Assert.True(_handed.Add("cam", Entry(Grid(at, at + 2))));
        var kept = _handed.Between("cam", 0, long.MaxValue);
        // What is kept is looked at every ten seconds.
        Assert.InRange(kept[0].BeforeUs, Day + (688 * Second), Day + (698 * Second));
        Assert.Equal(Day + (1000 * Second), kept[^1].AfterUs);
        Assert.Empty(_handed.Between("another", 0, long.MaxValue));
        Assert.Equal(2, _handed.Between("cam", Day + (801 * Second), Day + (803 * Second)).Count);
    }

    [Fact]
    public void The_grid_between_two_keyframes_is_the_one_that_counts()
    {
        var computed = Grid(0, 2, (7, 50)) with { Source = MotionSource.Keyframes };
        var known = new KnownGrids([computed, Grid(0, 2, (7, 90)), Grid(2, 4, (8, 60))]);
        Assert.Same(computed, known.Between(Day, Day + (2 * Second)));
        Assert.Equal(60, known.Between(Day + (2 * Second), Day + (4 * Second))!.Cells.Span[8]);
        Assert.Null(known.Between(Day + (4 * Second), Day + (6 * Second)));
    }

    [Fact]
    public void Those_of_another_stream_answer_where_they_reach_from_one_keyframe_to_the_other()
    {
        var known = new KnownGrids([Grid(0, 2, (1, 10)), Grid(2, 4, (1, 70), (2, 20)), Grid(6, 8, (3, 30)), Grid(8, 10) with { IsWholePicture = true }]);
        var joined = known.Between(Day + Second, Day + (3 * Second))!;
        Assert.Equal((80, 20, MotionSource.Analytics, false), (joined.Cells.Span[1], joined.Cells.Span[2], joined.Source, joined.IsWholePicture));
        Assert.Equal((Day + Second, Day + (3 * Second)), (joined.BeforeUs, joined.AfterUs));
        Assert.Null(known.Between(Day + (3 * Second), Day + (5 * Second)));        // from 4 to 6 nobody looked
        Assert.Null(known.Between(Day + (5 * Second), Day + (7 * Second)));
        // The light in one of them does not hide what moved in the other.
        var beside = known.Between(Day + (7 * Second), Day + (9 * Second))!;
        Assert.Equal((30, false), (beside.Cells.Span[3], beside.IsWholePicture));
        Assert.True(known.Between(Day + (8 * Second), Day + (10 * Second) - 1)!.IsWholePicture);
    }

    [Fact]
    public void What_changed_little_by_little_is_added_up_and_what_two_say_of_the_same_time_counts_once()
    {
        var slowly = new KnownGrids([Grid(0, 2, (1, 30), (2, 200)), Grid(2, 4, (1, 30), (2, 200))]);
        var joined = slowly.Between(Day + Second, Day + (3 * Second))!;
        Assert.Equal((60, 255), (joined.Cells.Span[1], joined.Cells.Span[2]));
        // A camera that sends nothing but keyframes: each is compared with the one a second before it.
        var often = new KnownGrids([.. Enumerable.Range(0, 21).Select(i => Grid(0, 1, (1, 30)) with { BeforeUs = Day + (i * 200_000L), AfterUs = Day + (i * 200_000L) + Second })]);
        Assert.Equal(60, often.Between(Day + 100_000, Day + 100_000 + Second)!.Cells.Span[1]);
    }

    [Fact]
    public void One_much_longer_than_the_time_between_the_keyframes_does_not_answer_for_them()
    {
        Assert.Null(new KnownGrids([Grid(0, 30)]).Between(Day + (10 * Second), Day + (12 * Second)));
        Assert.Null(new KnownGrids([Grid(0, 4)]).Between(Day + Second, Day + (3 * Second)));
        Assert.NotNull(new KnownGrids([Grid(0, 3)]).Between(Day + Second, Day + (3 * Second)));
        // Where shorter ones reach over the same time they answer.
        var known = new KnownGrids([Grid(0, 30, (4, 99)), Grid(10, 12, (7, 50))]);
        Assert.Equal((0, 50), (known.Between(Day + (10 * Second), Day + (11 * Second) + (Second / 2))!.Cells.Span[4], known.Between(Day + (10 * Second) + 1, Day + (12 * Second))!.Cells.Span[7]));
        // The grid of these very keyframes is as long as they are apart.
        Assert.NotNull(known.Between(Day, Day + (30 * Second)));
    }

    private static byte[] Entry(MotionGrid grid)
    {
        byte[] entry = new byte[MotionEntry.MaxBytes];
        return entry[..MotionEntry.Write(grid, entry)];
    }

    private static MotionGrid Grid(long before, long after, params (int Cell, byte Share)[] changed)
    {
        byte[] cells = new byte[MotionGrid.CellCount];
        foreach (var (cell, share) in changed)
            cells[cell] = share;
        return MotionGrid.Of(Day + (before * Second), Day + (after * Second), cells, isWholePicture: false, MotionSource.Analytics);
    }
}
