using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;

namespace Vms.Rtp.Tests.Reception;

public sealed class RtpReceptionStatisticsTests
{
    [Fact]
    public void Loss_across_the_wrap_is_counted_in_total_and_per_interval()
    {
        var statistics = new RtpReceptionStatistics(90_000);
        Assert.False(statistics.TryReport(0, out _));
        foreach (int sequence in new[] { 65534, 65535, 0, 2, 3 })
            Push(statistics, sequence, 0, 0);

        Assert.True(statistics.TryReport(0, out var block));
        Assert.Equal((7u, 1, (byte)(256 / 6), 65536u + 3), (block.Ssrc, block.CumulativeLost, block.FractionLost, block.HighestSequence));

        Push(statistics, 4, 0, 0);
        Assert.True(statistics.TryReport(0, out block));
        Assert.Equal((1, (byte)0), (block.CumulativeLost, block.FractionLost));
    }

    [Fact]
    public void Jitter_follows_the_formula_of_appendix_a8()
    {
        var statistics = new RtpReceptionStatistics(90_000);
        double expected = 0;
        long transit = 0;
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            long delayUs = random.Next(0, 8000);
            long newTransit = delayUs * 9 / 100;
            if (i > 0)
                expected += (Math.Abs(newTransit - transit) - expected) / 16;
            transit = newTransit;
            Push(statistics, i, (uint)(i * 3600), (i * 40_000) + delayUs);
        }

        Assert.InRange(statistics.Jitter, expected - 3, expected + 3);
    }

    [Fact]
    public void The_last_sender_report_and_its_age_are_given_back()
    {
        var statistics = new RtpReceptionStatistics(90_000);
        Push(statistics, 1, 0, 0);
        statistics.OnSenderReport(new RtcpSenderReport(7, 0x1111_2222_3333_4444, 0, 0, 0), arrivalUs: 1_000_000);

        Assert.True(statistics.TryReport(3_500_000, out var block));
        Assert.Equal((0x2222_3333u, 65536u * 5 / 2), (block.LastSenderReport, block.DelaySinceLastSenderReport));
    }

    [Fact]
    public void A_new_source_starts_from_zero()
    {
        var statistics = new RtpReceptionStatistics(90_000);
        Push(statistics, 1, 0, 0);
        Push(statistics, 100, 0, 0);
        Push(statistics, 20_000, 0, 0, ssrc: 8);

        Assert.Equal((1L, 0L), (statistics.Received, statistics.Lost));
    }

    private static void Push(RtpReceptionStatistics statistics, int sequence, uint timestamp, long arrivalUs, uint ssrc = 7)
    {
        byte[] packet = new byte[20];
        RtpPacketWriter.WriteHeader(packet, 96, false, (ushort)sequence, timestamp, ssrc);
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        statistics.OnPacket(view, arrivalUs);
    }
}
