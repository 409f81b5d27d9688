using Vms.Codecs.H264;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;

namespace Vms.Rtp.Tests.Payloads.H264;

/// <summary>Slices are as short as slice headers go: 65 88 begins an IDR picture, 65 42 is a later slice of one, 41 9A begins
/// a P picture, 41 46 is a later slice of one. 01 9E begins a B picture.</summary>
public sealed class H264DepacketizerTests
{
    private const string Sps = "67 42 C0 0C D9 01 41 FB 01 10 00 00 03 00 10 00 00 03 01 E0 F1 42 A4 80";
    private const string Pps = "68 CB 83 CB 20";
    private const string InterlacedSps = "67 64 00 15 AC D9 41 41 0F CB 80 88 00 00 03 00 08 00 00 03 01 90 F8 A1 4C B0";
    private const string RecoveryPointSei = "06 06 01 C4 80";
    private const string OtherSei = "06 05 02 AA BB 80";

    public static TheoryData<PayloadCase> Cases => new()
    {
        new PayloadCase("single NAL units (RFC 6184 §5.6)",
            ["65 88 AA|M", "41 9A BB|M|T2"],
            ["00000003 6588AA", "00000003 419ABB"]),
        new PayloadCase("STAP-A with parameter sets, then FU-A (§5.7.1, §5.8)",
            [$"78 0018 {Sps} 0005 {Pps} 0006 {OtherSei}", "7C 85 88 01 02", "7C 05 03 04", "7C 45 05 06|M", "41 9A 07|M|T2"],
            ["00000006 060502AABB80 00000008 6588010203040506", "00000003 419A07"]),
        new PayloadCase("FU-A with S and E set (CostarHD, OpenIPC SSC378DE)",
            ["7C C5 88 FE|M", "41 9A BB|M|T2"],
            ["00000003 6588FE", "00000003 419ABB"]),
        new PayloadCase("FU-A without data (retina#115)",
            ["7C 85", "7C 05 88 01", "7C 05", "7C 45 02|M"],
            ["00000004 65880102"]),
        new PayloadCase("FU-A with the reserved bit set (HeroSpeed)",
            ["7C A5 88 01", "7C 25 02", "7C 65 03|M"],
            ["00000005 6588010203"]),
        new PayloadCase("FU-A whose type changes between fragments (Tiandy, moonfire-nvr#344)",
            ["7C 85 88 01", "7C 01 02", "7C 41 03|M"],
            ["00000005 6588010203"]),
        new PayloadCase("no marker at all (FLIR M400)",
            ["65 88 01|T1", "41 9A 02|T2", "41 9A 03|T3", "41 9A 04|T4"],
            ["00000003 658801", "00000003 419A02", "00000003 419A03"]),
        new PayloadCase("marker on SPS, PPS and SEI (Tapo TC70, LV-IP22IR40DVBL)",
            [$"{Sps}|M", $"{Pps}|M", $"{OtherSei}|M", "65 88 01|M", "41 9A 02|M|T2"],
            ["00000006 060502AABB80 00000003 658801", "00000003 419A02"]),
        new PayloadCase("parameter sets with a timestamp of their own, then with the previous picture's (Reolink RLC-822A)",
            [$"{Sps}|M|T1", Pps, "65 88 01|M|T2", "41 9A 02|M|T3", Sps, Pps, "65 88 03|M|T4"],
            ["00000003 658801", "00000003 419A02", "00000003 658803"]),
        new PayloadCase("two pictures with one timestamp (Reolink Duo 2)",
            [$"{Sps}|T1", Pps, "65 88 01|M", "41 9A 02|M|T1", "41 9A 03|T2", "41 9A 04|M|T2"],
            ["00000003 658801", "00000003 419A02", "00000003 419A03", "00000003 419A04"]),
        new PayloadCase("a keyframe with the timestamp of the picture before it, no marker between",
            ["65 88 01|M|T1", "41 9A 02|T2", Sps, Pps, "65 88 03|M"],
            ["00000003 658801", "00000003 419A02", "00000003 658803"]),
        new PayloadCase("several NAL units behind start codes in one payload (V380, retina#68)",
            [$"{Sps} 00 00 00 01 {Pps} 00 00 00 01 65 88 01|M", "41 9A 02|M|T2"],
            ["00000003 658801", "00000003 419A02"]),
        new PayloadCase("a payload that begins with a start code (V380)",
            [$"00 00 00 01 {Sps} 00 00 01 {Pps} 00 00 01 65 88 01|M", "00 00 01 41 9A 02|M|T2"],
            ["00000003 658801", "00000003 419A02"]),
        new PayloadCase("start codes inside a fragmented NAL unit (V380, retina#108)",
            [$"7C 87 {Sps[3..]}", $"7C 07 00 00 00 01 {Pps} 00", "7C 47 00 00 01 65 88 01|M"],
            ["00000003 658801"]),
        new PayloadCase("delimiter and SEI before a picture of several slices",
            ["09 F0", OtherSei, "65 88 01", "65 42 02", "65 42 03|M", "09 F0|T2", "41 9A 04", "41 46 05|M"],
            ["00000002 09F0 00000006 060502AABB80 00000003 658801 00000003 654202 00000003 654203",
                "00000002 09F0 00000003 419A04 00000003 414605"]),
        new PayloadCase("the delimiter in a unit of packets of its own with a marker",
            ["09 F0|M|T1", "65 88 01|M", "09 F0|M|T2", "41 9A 02|M"],
            ["00000002 09F0 00000003 658801", "00000002 09F0 00000003 419A02"]),
        new PayloadCase("parameter sets in fragments",
            [$"7C 87 {Sps[3..20]}", $"7C 47 {Sps[21..]}", Pps, "65 88 01|M"],
            ["00000003 658801"]),
        new PayloadCase("filler, end of sequence and layers of scalable coding are left out",
            ["0C FF FF 80", "6E 40 80", "65 88 01", "74 40 80", "0A 00|M", "41 9A 02|M|T2"],
            ["00000003 658801", "00000003 419A02"]),
        new PayloadCase("an empty STAP-A entry and zeros behind the NAL unit",
            ["78 0000 0005 65 88 01 00 00|M", "41 9A 02 00|M|T2"],
            ["00000003 658801", "00000003 419A02"]),
        new PayloadCase("an empty payload and payloads of unknown types between the packets",
            ["65 88 01|M", "|T1", "1F 00 01", "1E 02", "41 9A 02|M|T2"],
            ["00000003 658801", "00000003 419A02"]),
        new PayloadCase("two fields of a frame stay together (interlaced)",
            [InterlacedSps, Pps, "65 88 01", "41 9A 02|M", "41 9A 03|T2", "41 9A 04|M"],
            ["00000003 658801 00000003 419A02", "00000003 419A03 00000003 419A04"]),
        new PayloadCase("a recovery point without IDR begins decoding (intra refresh)",
            [$"{RecoveryPointSei}", "41 9A 01|M", "41 9A 02|M|T2"],
            ["00000005 060601C480 00000003 419A01", "00000003 419A02"]),
        new PayloadCase("an I picture behind an SPS begins decoding, also when it is no IDR",
            [Sps, Pps, "41 88 01|M", "41 9A 02|M|T2"],
            ["00000003 418801", "00000003 419A02"]),
    };

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Yields_the_expected_access_units(PayloadCase c) =>
        Assert.Equal(c.Units, Depacketize(CasePacket.Parse(c.Packets)));

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Losing_any_one_packet_never_yields_a_damaged_unit(PayloadCase c)
    {
        foreach (var survivors in CasePacket.EachWithOneMissing(CasePacket.Parse(c.Packets)))
            Assert.All(Depacketize(survivors), unit => Assert.Contains(unit, c.Units));
    }

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void After_losing_any_one_packet_the_stream_comes_back_whole(PayloadCase c)
    {
        var once = CasePacket.Parse(c.Packets);
        var again = Enumerable.Range(1, 2).SelectMany(round =>
            once.Select(packet => packet with { Timestamp = packet.Timestamp + (uint)(100 * round) })).ToArray();
        foreach (var survivors in CasePacket.EachWithOneMissing(once))
        {
            var units = Depacketize([.. survivors, .. again]);
            Assert.Equal(c.Units, units[^c.Units.Length..]);
        }
    }

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Input_is_only_read(PayloadCase c)
    {
        var packets = CasePacket.Parse(c.Packets);
        var copies = packets.Select(packet => packet.Payload.ToArray()).ToArray();
        Depacketize(packets);
        Assert.All(packets.Zip(copies), pair => Assert.Equal(pair.Second, pair.First.Payload));
    }

    [Theory]
    [InlineData(PayloadFault.FragmentWithoutStart, "7C 05 01 02|M")]
    [InlineData(PayloadFault.FragmentWithoutEnd, "7C 85 88 01", "41 9A 02|M")]
    [InlineData(PayloadFault.FragmentWithoutEnd, "7C 85 88 01", "7C 85 88 01")]
    [InlineData(PayloadFault.FragmentWithoutEnd, "7C 85 88 01", "41 9A 02|M|T2")]
    [InlineData(PayloadFault.MalformedFragment, "7C")]
    [InlineData(PayloadFault.MalformedAggregate, "78 0009 65 88")]
    [InlineData(PayloadFault.MalformedAggregate, "78 0003 65 88 01 00")]
    [InlineData(PayloadFault.MalformedAggregate, "78 0003 78 00 01")]
    [InlineData(PayloadFault.PictureWithoutStart, "65 42 01|M")]
    [InlineData(PayloadFault.MalformedSlice, "65 80|M")]
    [InlineData(PayloadFault.UnsupportedType, "1D 65 88")]
    [InlineData(PayloadFault.Empty, "")]
    public void A_fault_is_named_and_costs_its_unit_and_those_up_to_the_next_keyframe(PayloadFault fault, params string[] packets)
    {
        var depacketizer = NewDepacketizer();
        Assert.Single(Push(depacketizer, ["65 88 01|M|T1000"]));

        var (faults, resyncs, units) = PushAll(depacketizer, packets);
        bool costsNothing = fault is PayloadFault.UnsupportedType or PayloadFault.Empty;

        Assert.Contains(fault, faults);
        Assert.Equal(costsNothing ? 0 : 1, resyncs);
        Assert.Empty(units);
        Assert.Equal(costsNothing ? ["00000003419A05", "00000003658806"] : ["00000003658806"], Push(depacketizer, ["41 9A 05|M|T5", "65 88 06|M|T6"]));
    }

    [Fact]
    public void Nothing_comes_before_the_first_keyframe_with_known_parameter_sets()
    {
        var depacketizer = new H264Depacketizer(new AccessUnitBuffer());

        Assert.Empty(Push(depacketizer, ["41 9A 01|M", "65 88 02|M|T2", "41 9A 03|M|T3"]));
        Assert.True(depacketizer.IsAwaitingKeyframe);
        Assert.Equal(["00000003658804"], Push(depacketizer, [$"{Sps}|T4", Pps, "65 88 04|M"]));
        Assert.Equal(3, depacketizer.UndecodableUnits);
        Assert.Equal(0, depacketizer.DamagedUnits);
    }

    [Fact]
    public void The_unit_behind_a_loss_says_how_many_are_missing()
    {
        var depacketizer = NewDepacketizer();
        var packets = CasePacket.Parse(["65 88 01|M", "41 9A 02|M|T2", "41 9A 03|M|T3", "41 9A 04|M|T4", "65 88 05|M|T5"]).ToList();
        packets[2] = packets[2] with { LostBefore = 1 };       // unit 2 never came; 3 may miss its start, 4 needs them
        packets.RemoveAt(1);

        var dropped = new List<int>();
        ushort sequence = 0;
        foreach (var packet in packets)
        {
            Assert.True(RtpPacketView.TryParse(packet.ToRtp(sequence++), out var view));
            depacketizer.Push(view, packet.LostBefore);
            while (depacketizer.Units.TryTake(out var unit))
                dropped.Add(unit.Info.DroppedBefore);
        }

        Assert.Equal([0, 3], dropped);
        Assert.Equal((1, 1), (depacketizer.DamagedUnits, depacketizer.UndecodableUnits));
    }

    [Fact]
    public void A_marker_on_every_slice_is_learnt_and_then_ignored()
    {
        var depacketizer = NewDepacketizer();
        string[] picture = ["65 88 01|M", "65 42 02|M", "65 42 03|M"];

        Push(depacketizer, [.. picture, $"{picture[0]}|T2", .. picture[1..], $"{picture[0]}|T3", .. picture[1..]]);

        Assert.Equal(
            ["00000003658801" + "00000003654202" + "00000003654203"],
            Push(depacketizer, ["65 88 04|M|T4"]));
    }

    [Fact]
    public void B_slices_are_reported()
    {
        var depacketizer = NewDepacketizer();
        var flags = new List<bool>();
        foreach (var packet in CasePacket.Parse(["65 88 01|M", "41 9A 02|M|T2", "01 9E 03|M|T3"]))
        {
            Assert.True(RtpPacketView.TryParse(packet.ToRtp(0), out var view));
            depacketizer.Push(view, 0);
            while (depacketizer.Units.TryTake(out var unit))
                flags.Add(unit.Info.HasBSlices);
        }

        Assert.Equal([false, false, true], flags);
    }

    [Fact]
    public void Changed_parameter_sets_belong_to_the_unit_behind_them()
    {
        var depacketizer = NewDepacketizer();
        var versions = new List<uint>();
        string changed = Pps[..^2] + "30";
        foreach (var packet in CasePacket.Parse(["65 88 01|M", "41 9A 02|T2", $"{changed}|T2", "65 88 03|M|T3", Sps, changed, "65 88 04|M|T4"]))
        {
            Assert.True(RtpPacketView.TryParse(packet.ToRtp(0), out var view));
            depacketizer.Push(view, 0);
            while (depacketizer.Units.TryTake(out var unit))
                versions.Add(unit.Info.ParameterSetsVersion);
        }

        Assert.Equal([2u, 2u, 3u, 3u], versions);
        Assert.True(AvcDecoderConfiguration.TryParse(depacketizer.ParameterSets.ToConfiguration(), out var configuration));
        Assert.Equal(Convert.FromHexString(changed.Replace(" ", "", StringComparison.Ordinal)), configuration.Pps[0].ToArray());
    }

    [Fact]
    public void A_unit_without_end_stops_growing_at_the_ceiling()
    {
        var depacketizer = NewDepacketizer();
        byte[] middle = [0x7C, 0x05, .. Enumerable.Repeat((byte)0x11, 60_000)];
        Assert.Empty(Push(depacketizer, ["7C 85 88"]));

        var faults = new HashSet<PayloadFault>();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(RtpPacketView.TryParse(new CasePacket(middle, false, 1, 0).ToRtp((ushort)i), out var view));
            faults.Add(depacketizer.Push(view, 0).Fault);
        }

        Assert.Equal([PayloadFault.None, PayloadFault.UnitTooLarge], faults);
        Assert.Equal(["00000003658806"], Push(depacketizer, ["65 88 06|M|T6"]));
    }

    [Fact]
    public void A_new_session_starts_clean()
    {
        var depacketizer = NewDepacketizer();
        Push(depacketizer, ["65 88 01|M", "7C 81 9A 02|T2"]);

        depacketizer.Reset();

        Assert.Equal(["00000003658806"], Push(depacketizer, ["65 88 06|M|T2"]));
    }

    [Fact]
    public void What_a_loss_cost_is_told_when_no_unit_comes_any_more_that_would_tell_it()
    {
        var depacketizer = NewDepacketizer();
        Push(depacketizer, ["65 88 01|M"]);
        Assert.True(RtpPacketView.TryParse(new CasePacket([0x41, 0x9A, 0x02], true, 3, 1).ToRtp(2), out var afterLoss));
        depacketizer.Push(afterLoss, 1);
        Assert.Empty(Push(depacketizer, ["41 9A 03|M|T4", "41 9A 04|M|T5", "41 9A 05|T6"]));

        Assert.Equal(4, depacketizer.TakeLost(andUnfinished: false));       // what the packet was of, and three units that need it
        Assert.Equal(0, depacketizer.TakeLost(andUnfinished: false));
        Assert.Equal(1, depacketizer.TakeLost(andUnfinished: true));        // the one that has no end yet
    }

    private static H264Depacketizer NewDepacketizer()
    {
        var depacketizer = new H264Depacketizer(new AccessUnitBuffer());
        Assert.True(depacketizer.ParameterSets.Update(Convert.FromHexString(Sps.Replace(" ", "", StringComparison.Ordinal))));
        Assert.True(depacketizer.ParameterSets.Update(Convert.FromHexString(Pps.Replace(" ", "", StringComparison.Ordinal))));
        return depacketizer;
    }

    private static List<string> Depacketize(IReadOnlyList<CasePacket> packets) => PushAll(NewDepacketizer(), packets).Units;

    private static List<string> Push(H264Depacketizer depacketizer, string[] packets) => PushAll(depacketizer, packets).Units;

    private static (List<PayloadFault> Faults, int Resyncs, List<string> Units) PushAll(H264Depacketizer depacketizer, string[] packets) =>
        PushAll(depacketizer, CasePacket.Parse(packets));

    private static (List<PayloadFault> Faults, int Resyncs, List<string> Units) PushAll(
        H264Depacketizer depacketizer, IReadOnlyList<CasePacket> packets)
    {
        var faults = new List<PayloadFault>();
        var units = new List<string>();
        int resyncs = 0;
        ushort sequence = 65_530;
        foreach (var packet in packets)
        {
            sequence += (ushort)(1 + packet.LostBefore);
            Assert.True(RtpPacketView.TryParse(packet.ToRtp(sequence), out var view));
            var result = depacketizer.Push(view, packet.LostBefore);
            faults.Add(result.Fault);
            resyncs += result.ResyncStarted ? 1 : 0;
            while (depacketizer.Units.TryTake(out var unit))
            {
                Assert.True(NalUnits.IsWellFormed(unit.Data));
                units.Add(Convert.ToHexString(unit.Data));
            }
        }

        return (faults, resyncs, units);
    }
}
