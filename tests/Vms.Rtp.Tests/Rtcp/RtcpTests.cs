using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Rtp.Rtcp;

namespace Vms.Rtp.Tests.Rtcp;

public sealed class RtcpTests
{
    [Fact]
    public void What_is_written_reads_back()
    {
        byte[] buffer = new byte[RtcpWriter.MaxCompoundSize];
        var report = new RtcpSenderReport(1, 0x8000_0001_4000_0000, 3, 4, 5);
        var block = new RtcpReportBlock(9, 12, -3, 70_000, 33, 44, 55);
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(report);
        writer.ReceiverReport(2, block);
        writer.ReceiverReport(6);
        writer.SourceDescription(1, "name");
        writer.PictureLossIndication(1, 99);
        writer.Goodbye(1);

        var types = new List<RtcpPacketType>();
        foreach (var packet in new RtcpReader(writer.Written))
        {
            types.Add(packet.Type);
            switch (packet.Type)
            {
                case RtcpPacketType.SenderReport:
                    Assert.True(packet.TryReadSenderReport(out var read));
                    Assert.Equal(report, read);
                    Assert.False(packet.TryReadReportBlock(0, out _));
                    break;
                case RtcpPacketType.ReceiverReport when packet.Count == 1:
                    Assert.True(packet.TryReadReportBlock(0, out var readBlock));
                    Assert.Equal(block, readBlock);
                    Assert.Equal(2u, packet.SenderSsrc);
                    break;
                case RtcpPacketType.PayloadFeedback:
                    Assert.True(packet.IsPictureLossIndication);
                    Assert.Equal((1u, 99u), (packet.SenderSsrc, packet.MediaSsrc));
                    break;
                case RtcpPacketType.Goodbye:
                    Assert.True(packet.TryReadGoodbye(0, out uint ssrc));
                    Assert.Equal(1u, ssrc);
                    Assert.False(packet.TryReadGoodbye(1, out _));
                    break;
            }
        }

        Assert.Equal(
            [RtcpPacketType.SenderReport, RtcpPacketType.ReceiverReport, RtcpPacketType.ReceiverReport, RtcpPacketType.SourceDescription,
                RtcpPacketType.PayloadFeedback, RtcpPacketType.Goodbye],
            types);
    }

    [Fact]
    public void A_generic_nack_names_the_packets_that_follow_as_bits()
    {
        byte[] nack = Convert.FromHexString("81CD0004" + "00000001" + "00000002" + "00640003" + "FFFF0000");
        var reader = new RtcpReader(nack);
        Assert.True(reader.MoveNext());
        Assert.True(reader.Current.TryReadNack(0, out ushort first, out ushort following));
        Assert.Equal((100, 3), (first, following));
        Assert.True(reader.Current.TryReadNack(1, out first, out following));
        Assert.Equal((65535, 0), (first, following));
        Assert.False(reader.Current.TryReadNack(2, out _, out _));
    }

    [Fact]
    public void A_broken_tail_does_not_cost_the_report_before_it()
    {
        byte[] buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(new RtcpSenderReport(1, 2, 3, 4, 5));
        byte[] datagram = [.. writer.Written, 0x81, 0xCA, 0x00, 0x40, 1, 2];        // Hanwha QNV-8080R, mediamtx#5355

        var reader = new RtcpReader(datagram);
        Assert.True(reader.MoveNext());
        Assert.False(reader.IsMalformed);
        Assert.False(reader.MoveNext());
        Assert.True(reader.IsMalformed);
    }

    [Fact]
    public void Any_bytes_are_walked_without_harm() =>
        Prop.ForAll(
            (from type in Gen.Choose(199, 207)
             from count in Gen.Choose(0, 31)
             from words in Gen.Choose(0, 8)
             from rest in ArbMap.Default.GeneratorFor<byte[]>()
             select (byte[])[(byte)(0x80 | count), (byte)type, 0, (byte)words, .. rest]).ToArbitrary(),
            bytes =>
            {
                foreach (var packet in new RtcpReader(bytes))
                {
                    for (int i = 0; i < 32; i++)
                    {
                        packet.TryReadReportBlock(i, out _);
                        packet.TryReadGoodbye(i, out _);
                        packet.TryReadNack(i, out _, out _);
                    }

                    packet.TryReadSenderReport(out _);
                    _ = packet.MediaSsrc + packet.SenderSsrc;
                }

                return true;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData(0)]
    [InlineData(1_790_000_000_123_456)]
    [InlineData(2_500_000_000_000_001)]         // after the era of 2036
    public void Ntp_times_convert_both_ways(long microseconds) =>
        Assert.Equal(microseconds, NtpTime.ToUnixMicroseconds(NtpTime.FromUnixMicroseconds(microseconds)));
}
