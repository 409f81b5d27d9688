using Vms.Recorder.Archive;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Tests.Retention;

/// <summary>One segment of 100 bytes a day, numbered by its age in days.</summary>
public sealed class RetentionRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Protection.None, 40, Standing.Free)]
    [InlineData(Protection.None, 3, Standing.Promised)]
    [InlineData(Protection.Bookmark, 40, Standing.Promised)]
    [InlineData(Protection.Export, 40, Standing.Promised)]
    [InlineData(Protection.Clip, 40, Standing.Held)]
    [InlineData(Protection.Hold, 3, Standing.Held)]
    [InlineData(Protection.Unknown, 40, Standing.Held)]
    internal void What_keeps_a_segment_and_its_age_decide(Protection protection, int days, Standing expected) =>
        Assert.Equal(expected, RetentionRules.StandingOf(Policy(minDays: 7), s_now, Aged(days, protection)));

    [Fact]
    public void Without_a_minimum_nothing_is_young_not_even_what_a_fast_clock_wrote() =>
        Assert.Equal(Standing.Free, RetentionRules.StandingOf(Policy(), s_now, Aged(-10)));

    [Fact]
    public void What_is_over_its_age_goes_except_what_is_kept()
    {
        var stream = Stream((9, default), (8, Protection.Hold), (7, default), (6, Protection.Bookmark), (5, default), (4, default));
        Assert.Equal([9, 7, 5], Ages(RetentionRules.OverAge(Policy(maxDays: 4.5), s_now, stream)));
        Assert.Empty(RetentionRules.OverAge(Policy(), s_now, stream));
    }

    [Fact]
    public void What_begins_early_and_was_written_late_stops_no_rule_for_what_comes_behind_it()
    {
        var early = Aged(9);
        early = early with { Segment = early.Segment with { End = s_now } };
        List<Candidate> stream = [early, .. Stream((8, default), (7, default), (3, default))];
        Assert.Equal([8, 7], Ages(RetentionRules.OverAge(Policy(maxDays: 4), s_now, stream)));
        Assert.Equal([8, 7], Ages(RetentionRules.OverSize(Policy(minDays: 5, maxBytes: 100), s_now, bytes: 400, stream, out long promised)));
        Assert.Equal(100, promised);
        Assert.Equal([8, 7], Ages(RetentionRules.ForRoom(Policy(minDays: 5), s_now, stream, alsoPromised: false).Select(c => c.Segment)));
    }

    [Fact]
    public void The_oldest_goes_of_what_is_too_much_and_what_is_held_does_not_count()
    {
        var stream = Stream((9, Protection.Clip), (8, default), (7, default), (6, default));
        var over = RetentionRules.OverSize(Policy(maxBytes: 200), s_now, bytes: 400, stream, out long promised);
        Assert.Equal([8], Ages(over));
        Assert.Equal(0, promised);
    }

    [Fact]
    public void The_minimum_of_days_is_stronger_than_the_limit_of_bytes_and_says_by_how_much()
    {
        var stream = Stream((9, default), (8, default), (3, default), (2, default));
        var over = RetentionRules.OverSize(Policy(minDays: 7, maxBytes: 100), s_now, bytes: 400, stream, out long promised);
        Assert.Equal([9, 8], Ages(over));
        Assert.Equal(100, promised);
    }

    [Fact]
    public void Room_is_made_of_the_oldest_of_all_streams_first_of_what_is_free_then_of_what_was_promised_and_never_of_what_is_held()
    {
        var one = Stream((20, Protection.Hold), (18, default), (3, default));
        var two = Stream((19, Protection.Bookmark), (17, default), (16, default));
        Assert.Equal([18, 17, 16], Room(alsoPromised: false));
        Assert.Equal([19, 18, 17, 16, 3], Room(alsoPromised: true));

        IEnumerable<int> Room(bool alsoPromised) => Ages(RetentionRules.OldestFirst(
            [
                RetentionRules.ForRoom(Policy(minDays: 7), s_now, one, alsoPromised),
                RetentionRules.ForRoom(Policy(), s_now, two, alsoPromised),
            ]).Select(c => c.Segment));
    }

    [Theory]
    [InlineData(0, 0, 0, 50)]           // no limits of its own: as long as the pool
    [InlineData(0, 30, 0, 30)]
    [InlineData(0, 0, 2000, 20)]        // 100 bytes a day
    [InlineData(25, 0, 2000, 25)]       // the minimum is stronger
    [InlineData(60, 90, 0, 50)]         // and the pool stronger than that
    public void A_camera_keeps_what_the_tightest_of_its_limits_and_the_pool_allow(int minDays, double maxDays, long maxBytes, double expected) =>
        Assert.Equal(expected, RetentionForecast.StreamDaysOf(Policy(minDays, maxDays, maxBytes), bytesPerDay: 100, poolDays: 50));

    [Fact]
    public void What_was_deleted_of_a_range_is_told_from_what_was_never_recorded()
    {
        // Ten-minute segments from noon on: two deleted, one there, a pause of an hour, one there.
        var noon = s_now;
        (DateTimeOffset, DateTimeOffset)[] there = [(noon.AddMinutes(20), noon.AddMinutes(30)), (noon.AddMinutes(90), noon.AddMinutes(100))];
        DateTimeOffset[] deleted = [noon, noon.AddMinutes(10)];
        Assert.Equal(
            new RangeCoverage(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(15)), RangeCoverage.Of(noon.AddMinutes(5), noon.AddMinutes(100), there, deleted));
        Assert.Equal(new RangeCoverage(TimeSpan.FromMinutes(10), default), RangeCoverage.Of(noon.AddMinutes(20), noon.AddMinutes(50), there, deleted));
        Assert.Equal(new RangeCoverage(default, default), RangeCoverage.Of(noon.AddDays(1), noon.AddDays(2), [], []));
    }

    private static RetentionPolicy Policy(int minDays = 0, double maxDays = 0, long maxBytes = 0) =>
        new(TimeSpan.FromDays(minDays), TimeSpan.FromDays(maxDays), maxBytes);

    private static List<Candidate> Stream(params (int Days, Protection Protection)[] segments) =>
        [.. segments.Select(s => Aged(s.Days, s.Protection))];

    private static Candidate Aged(int days, Protection protection = Protection.None)
    {
        var end = s_now.AddDays(-days);
        var name = new SegmentName("cam1", "main", end.AddMinutes(-10), Guid.CreateVersion7(end));
        return new Candidate(new StoredSegment(name, $"/pool/{days}", 100, end), protection);
    }

    private static IEnumerable<int> Ages(IEnumerable<StoredSegment> segments) => segments.Select(s => (int)(s_now - s.End).TotalDays);
}
