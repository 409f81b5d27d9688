using Vms.Rtp.Time;

namespace Vms.Rtp.Tests.Time;

/// <summary>A camera of known truth: capture at <c>Utc</c>, transport delays it, the estimator must find it again.</summary>
public sealed class WallClockEstimatorTests
{
    private const long StartUtc = 1_790_000_000_000_000;
    private const long FrameUs = 40_000;
    private const int Rate = 90_000;

    private readonly WallClockEstimator _clock = new(Rate);
    private long _serverShift;

    [Fact]
    public void Without_reports_the_least_delayed_arrival_leads_and_late_frames_do_not()
    {
        var random = new Random(3);
        long error = 0;
        for (int i = 0; i < 25 * 120; i++)
            error = Unit(i * FrameUs, delayUs: i % 50 == 17 ? 5_000 : 20_000 + random.Next(300_000), out _) - Truth(i * FrameUs);

        Assert.InRange(error, 5_000, 25_000);
    }

    [Fact]
    public void Sane_reports_lead_once_two_agree()
    {
        Unit(0, 150_000, out _);
        long error = long.MaxValue;
        for (int i = 1; i < 25 * 600; i++)
        {
            if (i % 125 == 3)
                _clock.OnSenderReport(Pts(i * FrameUs), Truth(i * FrameUs));
            error = Unit(i * FrameUs, 150_000, out bool step) - Truth(i * FrameUs);
            Assert.False(step);
        }

        Assert.True(_clock.FollowsReports);
        Assert.InRange(error, -1000, 1000);
    }

    [Theory]
    [InlineData("a camera whose clock stands at 1970", -StartUtc)]
    [InlineData("an hour ahead", 3_600_000_000)]
    [InlineData("ten seconds behind", -10_000_000)]
    [InlineData("half a second ahead of arrival", 650_000)]
    public void Insane_reports_are_not_believed(string what, long shift)
    {
        Assert.NotEmpty(what);
        for (int i = 0; i < 2500; i++)
        {
            if (i % 125 == 3)
                _clock.OnSenderReport(Pts(i * FrameUs), Truth(i * FrameUs) + shift);
            long error = Unit(i * FrameUs, 100_000, out bool step) - Truth(i * FrameUs);
            Assert.False(step);
            Assert.InRange(error, 99_000, 101_000);
        }

        Assert.False(_clock.FollowsReports);
    }

    [Fact]
    public void Reports_that_drift_away_are_dropped_without_a_jump()
    {
        long last = long.MinValue;
        for (int i = 0; i < 25 * 300; i++)
        {
            if (i % 125 == 3)
                _clock.OnSenderReport(Pts(i * FrameUs), Truth(i * FrameUs) + (i * FrameUs / 50));     // 2 %
            long capture = Unit(i * FrameUs, 100_000, out bool step);
            Assert.False(step);
            Assert.True(capture > last);
            last = capture;
        }

        Assert.InRange(last - Truth(((25 * 300) - 1) * FrameUs), 0, 200_000);
    }

    [Fact]
    public void The_offset_moves_by_at_most_500_ppm()
    {
        Unit(0, 400_000, out _);
        long previous = StartUtc + 400_000;
        for (int i = 1; i < 1000; i++)
        {
            long capture = Unit(i * FrameUs, 10_000, out bool step);
            Assert.False(step);
            Assert.InRange(capture - previous, FrameUs - 20, FrameUs + 20);
            previous = capture;
        }
    }

    [Fact]
    public void A_camera_clock_that_runs_100_ppm_fast_is_followed()
    {
        long worst = 0;
        for (int i = 0; i < 25 * 3600; i++)
        {
            long truth = i * FrameUs;
            long pts = Pts(truth + (truth / 10_000));
            long error = _clock.Capture(pts, truth + 30_000, StartUtc + truth + 30_000, believed: true, out bool step) - StartUtc - truth;
            Assert.False(step);
            worst = Math.Max(worst, Math.Abs(error - 30_000));
        }

        Assert.InRange(worst, 0, 10_000);
    }

    [Fact]
    public void Reports_that_stop_coming_are_followed_for_a_minute_and_then_arrival_is()
    {
        long error = 0;
        for (int i = 0; i < 25 * 7200; i++)
        {
            long truth = i * FrameUs;
            long pts = Pts(truth + (truth / 10_000));      // a crystal 100 ppm fast
            if (i is 100 or 225)
                _clock.OnSenderReport(pts, StartUtc + truth);
            error = _clock.Capture(pts, truth + 30_000, StartUtc + truth + 30_000, believed: true, out bool step) - StartUtc - truth;
            Assert.False(step);
        }

        Assert.False(_clock.FollowsReports);
        Assert.InRange(error, 20_000, 40_000);
    }

    [Theory]
    [InlineData(3_600_000_000)]
    [InlineData(-3_600_000_000)]
    public void When_the_server_clock_is_set_capture_time_follows_in_one_step(long shift)
    {
        for (int i = 0; i < 100; i++)
            Unit(i * FrameUs, 20_000, out _);
        _serverShift = shift;

        long capture = Unit(100 * FrameUs, 20_000, out bool step);
        Assert.True(step);
        Assert.InRange(capture - Truth(100 * FrameUs) - shift, 0, 30_000);
        Unit(101 * FrameUs, 20_000, out step);
        Assert.False(step);
    }

    [Fact]
    public void Frames_that_a_camera_had_buffered_lead_to_one_step_back_to_the_truth()
    {
        // Three seconds of old frames arrive at once, then live ones.
        int steps = 0;
        long error = 0;
        for (int i = 0; i < 200; i++)
        {
            error = Unit(i * FrameUs, Math.Max(3_000_000 - (i * FrameUs), 10_000), out bool step) - Truth(i * FrameUs);
            steps += step ? 1 : 0;
        }

        Assert.InRange(steps, 1, 3);
        Assert.InRange(error, 0, 1_100_000);
    }

    private static long Pts(long mediaUs) => mediaUs * 9 / 100;

    private static long Truth(long mediaUs) => StartUtc + mediaUs;

    private long Unit(long mediaUs, long delayUs, out bool step) =>
        _clock.Capture(Pts(mediaUs), mediaUs + delayUs, StartUtc + mediaUs + delayUs + _serverShift, believed: true, out step);
}
