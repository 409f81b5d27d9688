using Vms.Codecs;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;

namespace Vms.Rtp.Tests.Time;

public sealed class SampleClockTests
{
    private const long StartUtc = 1_790_000_000_000_000;
    private const uint Frame = 3600;
    private const long FrameUs = 40_000;

    private readonly SampleClock _clock = new(90_000);

    [Fact]
    public void Timestamps_go_on_across_the_wrap()
    {
        uint start = uint.MaxValue - (3 * Frame) + 1;
        long[] pts = [.. Enumerable.Range(0, 6).Select(i => Stamp(start + ((uint)i * Frame), i).Pts)];
        Assert.Equal(Enumerable.Range(0, 6).Select(i => start + (i * (long)Frame)), pts);
    }

    [Fact]
    public void One_frame_hours_off_is_restamped_and_nothing_else_changes()
    {
        // Intelbras: every two seconds one frame is hours away (mediamtx#6255).
        for (int i = 0; i < 500; i++)
        {
            bool odd = i % 50 == 49;
            var time = Stamp((uint)(1000 + (i * Frame) + (odd ? 3 * 3600 * 90_000 : 0)), i);
            Assert.False(time.IsDiscontinuity);
            Assert.Equal(odd, time.IsRestamped);
            Assert.InRange(time.Pts - 1000 - (i * Frame), -300, 300);
            Assert.InRange(time.CaptureTimeUs - StartUtc - (i * FrameUs), -5000, 5000);
        }

        Assert.Equal(10, _clock.Restamped);
    }

    [Theory]
    [InlineData(5 * 3600 * 90_000L)]
    [InlineData(-5 * 3600 * 90_000L)]
    [InlineData(30 * 90_000L)]
    public void A_lasting_jump_is_one_discontinuity_and_media_time_goes_on(long jump)
    {
        var times = Enumerable.Range(0, 200).Select(i => Stamp((uint)(1_000_000 + (i * Frame) + (i >= 100 ? jump : 0)), i)).ToArray();

        Assert.Single(times, time => time.IsDiscontinuity);
        Assert.True(times[100 + SampleClock.JumpConfirmation - 1].IsDiscontinuity);
        for (int i = 1; i < times.Length; i++)
        {
            Assert.InRange(times[i].Pts - times[i - 1].Pts, 1, 3 * Frame);
            Assert.InRange(times[i].CaptureTimeUs - StartUtc - (i * FrameUs), -50_000, 50_000);
        }
    }

    [Fact]
    public void Timestamps_that_are_all_zero_go_by_arrival()
    {
        var times = Enumerable.Range(0, 250).Select(i => Stamp(0, i)).ToArray();
        for (int i = 3; i < times.Length; i++)
        {
            Assert.Equal(Frame, times[i].Pts - times[i - 1].Pts);
            Assert.Equal(FrameUs, times[i].CaptureTimeUs - times[i - 1].CaptureTimeUs);
            Assert.False(times[i].IsDiscontinuity);
        }

        Assert.True(_clock.GoesByArrival);
    }

    [Fact]
    public void Two_frames_with_one_timestamp_stand_behind_each_other()
    {
        // Reolink Duo 2.
        var times = Enumerable.Range(0, 100).Select(i => Stamp((uint)(i / 2 * 2 * Frame), i)).ToArray();
        for (int i = 1; i < times.Length; i++)
        {
            Assert.InRange(times[i].Pts - times[i - 1].Pts, 1, 2 * Frame);
            Assert.False(times[i].IsDiscontinuity);
            Assert.False(times[i].IsRestamped);
        }
    }

    [Fact]
    public void Output_order_of_b_pictures_is_kept()
    {
        int[] decodingOrder = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8];
        for (int i = 0; i < decodingOrder.Length; i++)
            Assert.Equal(decodingOrder[i] * Frame, Stamp((uint)(decodingOrder[i] * Frame), i).Pts);
    }

    [Fact]
    public void A_burst_after_a_stall_of_the_network_keeps_the_cameras_times()
    {
        for (int i = 0; i < 300; i++)
        {
            long arrival = Math.Max(i * FrameUs, i >= 100 ? 200 * FrameUs : 0);       // 4 s stall, then all at once
            var time = _clock.Stamp((uint)(i * Frame), arrival, StartUtc + arrival);
            Assert.Equal(i * Frame, time.Pts);
            Assert.InRange(time.CaptureTimeUs - StartUtc - (i * FrameUs), -1000, 10_000);
            Assert.False(time.IsDiscontinuity);
        }
    }

    [Fact]
    public void A_pause_of_the_camera_is_no_jump()
    {
        Stamp(0, 0);
        var after = Stamp(60 * 90_000, 60 * 25);
        Assert.Equal((60 * 90_000, false, false), (after.Pts, after.IsDiscontinuity, after.IsRestamped));
    }

    [Fact]
    public void Reports_without_ntp_time_and_reports_between_frames_are_handled()
    {
        for (int i = 0; i < 1000; i++)
        {
            Stamp((uint)(i * Frame), i);
            if (i % 125 == 0)
                _clock.OnSenderReport(new RtcpSenderReport(1, 0, (uint)(i * Frame), 0, 0));
        }

        Assert.False(_clock.FollowsReports);
        for (int i = 1000; i < 1300; i++)
        {
            Stamp((uint)(i * Frame), i);
            if (i % 125 == 0)
                _clock.OnSenderReport(new RtcpSenderReport(1, NtpTime.FromUnixMicroseconds(StartUtc + (i * FrameUs) - 100_000), (uint)(i * Frame), 0, 0));
        }

        Assert.True(_clock.FollowsReports);
    }

    [Fact]
    public void Media_time_never_stands_still_whatever_comes()
    {
        var random = new Random(5);
        long last = long.MinValue;
        long arrival = 0;
        for (int i = 0; i < 20_000; i++)
        {
            arrival += random.Next(0, 100_000);
            uint timestamp = random.Next(10) switch { 0 => (uint)random.NextInt64(uint.MaxValue), 1 => 0, _ => (uint)(arrival * 9 / 100) };
            var time = _clock.Stamp(timestamp, arrival, StartUtc + arrival);
            Assert.NotEqual(last, time.Pts);
            Assert.InRange(time.CaptureTimeUs, StartUtc - 60_000_000, StartUtc + arrival + 60_000_000);
            last = time.Pts;
        }
    }

    [Fact]
    public void Nothing_is_allocated_per_unit()
    {
        Stamp(0, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 10_000; i++)
            Stamp((uint)(i * Frame), i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private SampleTime Stamp(uint timestamp, int frame) => _clock.Stamp(timestamp, frame * FrameUs, StartUtc + (frame * FrameUs));
}
