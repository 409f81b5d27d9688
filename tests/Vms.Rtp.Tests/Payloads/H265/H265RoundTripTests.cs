using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H265;
using Vms.Testing.Footage;

namespace Vms.Rtp.Tests.Payloads.H265;

/// <summary>Real footage through packetizer and depacketizer.</summary>
public sealed class H265RoundTripTests
{
    public static TheoryData<string> Kinds => ["small", "slices", "b-frames"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Depacketizing_what_was_packetized_gives_the_footage_back(string kind)
    {
        var footage = await FootageAsync(kind);
        var samples = footage.ToSamples();
        var (packetizer, depacketizer) = Pair(footage);
        int received = 0, keyframes = 0;
        for (int i = 0; i < samples.Count; i++)
        {
            packetizer.Packetize(samples[i], (uint)(i * 3600), footage.Frames[i].IsKeyframe);
            for (int p = 0; p < packetizer.Packets.Count; p++)
            {
                Assert.True(RtpPacketView.TryParse(packetizer.Packets[p], out var packet));
                Assert.Equal(PayloadFault.None, depacketizer.Push(packet, 0).Fault);
                while (depacketizer.Units.TryTake(out var unit))
                {
                    Assert.True(unit.Data.SequenceEqual(samples[received]));
                    Assert.Equal((uint)(received * 3600), unit.Info.Timestamp);
                    Assert.Equal(footage.Frames[received].IsKeyframe, unit.Info.IsKeyframe);
                    keyframes += unit.Info.IsKeyframe ? 1 : 0;
                    received++;
                }
            }
        }

        Assert.Equal(samples.Count, received);
        Assert.True(keyframes >= 2);
        Assert.Equal(kind == "b-frames", depacketizer.ParameterSets.Sps.MaxNumReorderPictures > 0);
    }

    [Fact]
    public async Task Any_pattern_of_loss_gives_only_whole_units_that_decode()
    {
        var footage = await FootageAsync("slices");
        var samples = footage.ToSamples();
        var all = samples.Select(Convert.ToHexString).ToHashSet();
        long damaged = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var (packetizer, depacketizer) = Pair(footage);
            int lost = 0;
            bool afterKeyframe = false;
            long last = -1;
            for (int i = 0; i < samples.Count; i++)
            {
                packetizer.Packetize(samples[i], (uint)(i * 3600), footage.Frames[i].IsKeyframe);
                for (int p = 0; p < packetizer.Packets.Count; p++)
                {
                    if (random.NextDouble() < 0.01)
                    {
                        lost++;
                        continue;
                    }

                    Assert.True(RtpPacketView.TryParse(packetizer.Packets[p], out var packet));
                    depacketizer.Push(packet, lost);
                    lost = 0;
                    while (depacketizer.Units.TryTake(out var unit))
                    {
                        Assert.Contains(Convert.ToHexString(unit.Data), all);
                        long frame = unit.Info.Timestamp / 3600;
                        Assert.True(unit.Info.IsKeyframe || (afterKeyframe && frame == last + 1), "a unit whose predecessor is missing");
                        afterKeyframe = true;
                        last = frame;
                    }
                }
            }

            damaged += depacketizer.DamagedUnits;
        }

        Assert.InRange(damaged, 20, int.MaxValue);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1200)]
    [InlineData(10_000)]
    public async Task Packets_of_a_run_have_one_length_and_none_is_too_long(int maxPacketSize)
    {
        var footage = await FootageAsync("small");
        var samples = footage.ToSamples();
        var options = new H265PacketizerOptions { MaxPacketSize = maxPacketSize, PayloadType = 102, Ssrc = 7, FirstSequenceNumber = 65_500 };
        var packetizer = new H265Packetizer(options);
        packetizer.SetParameterSets(footage.Track.CodecParameters.Span);
        ushort sequence = options.FirstSequenceNumber;
        for (int i = 0; i < samples.Count; i++)
        {
            packetizer.Packetize(samples[i], (uint)i, footage.Frames[i].IsKeyframe);
            var packets = packetizer.Packets;

            Assert.Equal(packets.Count, packets.Runs.Sum(run => run.PacketCount));
            Assert.Equal(packets.Data.Length, packets.Runs.Sum(run => run.Length));
            Assert.True(packets.Runs.Count <= 2);
            foreach (var run in packets.Runs)
            {
                for (int p = run.FirstPacket; p < run.FirstPacket + run.PacketCount - 1; p++)
                    Assert.Equal(run.PacketLength, packets.LengthOf(p));
                Assert.InRange(packets.LengthOf(run.FirstPacket + run.PacketCount - 1), 1, run.PacketLength);
                Assert.Equal(packets.OffsetOf(run.FirstPacket), run.Offset);
            }

            for (int p = 0; p < packets.Count; p++)
            {
                Assert.InRange(packets.LengthOf(p), 13, options.MaxPacketSize);
                Assert.True(RtpPacketView.TryParse(packets[p], out var packet));
                Assert.Equal((102, 7u, (uint)i, sequence++), (packet.PayloadType, packet.Ssrc, packet.Timestamp, packet.SequenceNumber));
                Assert.Equal(p == packets.Count - 1, packet.Marker);
            }
        }

        Assert.Equal(sequence, packetizer.NextSequenceNumber);
    }

    [Fact]
    public void Small_nal_units_share_a_packet_and_a_single_one_stands_alone()
    {
        var packetizer = new H265Packetizer(new H265PacketizerOptions());
        packetizer.Packetize(Convert.FromHexString("00000003" + "460150" + "00000004" + "4E010180" + "00000004" + "0202D001"), 1, isKeyframe: false);
        Assert.Equal("600100044E010180" + "00040202D001", Payload(packetizer, 0));
        Assert.Equal(1, packetizer.Packets.Count);

        packetizer.Packetize(Convert.FromHexString("00000004" + "0202D001"), 2, isKeyframe: false);
        Assert.Equal("0202D001", Payload(packetizer, 0));

        packetizer.Packetize([], 3, isKeyframe: false);
        Assert.Equal(0, packetizer.Packets.Count);
        Assert.Empty(packetizer.Packets.Runs);
    }

    [Fact]
    public async Task Nothing_is_allocated_per_unit_or_packet_after_warm_up()
    {
        var footage = await FootageAsync("small");
        var samples = footage.ToSamples();
        var (packetizer, depacketizer) = Pair(footage);
        uint timestamp = 0;
        Round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round()
        {
            for (int i = 0; i < samples.Count; i++)
            {
                packetizer.Packetize(samples[i], timestamp += 3600, footage.Frames[i].IsKeyframe);
                for (int p = 0; p < packetizer.Packets.Count; p++)
                {
                    if (RtpPacketView.TryParse(packetizer.Packets[p], out var packet))
                        depacketizer.Push(packet, 0);
                    while (depacketizer.Units.TryTake(out _))
                    {
                    }
                }
            }
        }
    }

    private static string Payload(H265Packetizer packetizer, int packet) =>
        Convert.ToHexString(packetizer.Packets[packet][RtpPacketView.FixedHeaderSize..]);

    private static (H265Packetizer, H265Depacketizer) Pair(H265Footage footage)
    {
        var packetizer = new H265Packetizer(new H265PacketizerOptions());
        packetizer.SetParameterSets(footage.Track.CodecParameters.Span);
        return (packetizer, new H265Depacketizer(new AccessUnitBuffer()));
    }

    private static Task<H265Footage> FootageAsync(string kind) => H265Footage.LoadAsync(kind switch
    {
        "small" => FootageSpec.SmallH265,
        "slices" => FootageSpec.Pattern("slices-h265", 640, 360) with { SlicesPerPicture = 4, Seconds = 4 },
        "b-frames" => FootageSpec.Pattern("b-frames-h265", 640, 360) with { BFrames = 2, Seconds = 4 },
        _ => throw new ArgumentException(kind),
    });
}
