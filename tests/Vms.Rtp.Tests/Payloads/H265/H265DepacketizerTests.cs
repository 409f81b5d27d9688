using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Tests.Payloads.H264;

namespace Vms.Rtp.Tests.Payloads.H265;

/// <summary>26 01 AF begins an IDR picture, 26 01 42 is a later slice of one, 02 01 D0 begins a trailing picture, 02 01 42 is a later
/// slice of one, 2A 01 AF is a CRA, 20 01 AF a BLA, 10 01 E0 a RASL picture.</summary>
public sealed class H265DepacketizerTests
{
    private const string Vps = "40010c01ffff01600000030090000003000003003c959409";
    private const string Sps = "42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003001e10";
    private const string Pps = "4401c073c189";
    private const string Sei = "4E 01 05 02 AA BB 80";

    public static TheoryData<PayloadCase> Cases => new()
    {
        new PayloadCase("single NAL units (RFC 7798 §4.4.1)",
            ["26 01 AF 01|M", "02 01 D0 02|M|T2"],
            ["00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("AP with parameter sets, then FU (§4.4.2, §4.4.3)",
            [$"60 01 {Sized(Vps)} {Sized(Sps)} {Sized(Pps)} {Sized(Sei)}", "62 01 93 AF 01 02", "62 01 13 03 04", "62 01 53 05 06|M", "02 01 D0 07|M|T2"],
            ["00000007 4E010502AABB80 00000009 2601AF010203040506", "00000004 0201D007"]),
        new PayloadCase("FU with S and E set (OpenIPC)",
            ["62 01 D3 AF FE|M", "02 01 D0 BB|M|T2"],
            ["00000004 2601AFFE", "00000004 0201D0BB"]),
        new PayloadCase("FU without data",
            ["62 01 93", "62 01 13 AF 01", "62 01 13", "62 01 53 02|M"],
            ["00000005 2601AF0102"]),
        new PayloadCase("FU whose type changes between fragments",
            ["62 01 93 AF 01", "62 01 01 02", "62 01 41 03|M"],
            ["00000006 2601AF010203"]),
        new PayloadCase("no marker at all",
            ["26 01 AF 01|T1", "02 01 D0 02|T2", "02 01 D0 03|T3", "02 01 D0 04|T4"],
            ["00000004 2601AF01", "00000004 0201D002", "00000004 0201D003"]),
        new PayloadCase("marker on parameter sets and SEI",
            [$"{Vps}|M", $"{Sps}|M", $"{Pps}|M", $"{Sei}|M", "26 01 AF 01|M", "02 01 D0 02|M|T2"],
            ["00000007 4E010502AABB80 00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("parameter sets with the previous picture's timestamp (Reolink)",
            ["26 01 AF 01|M", "02 01 D0 02|M|T2", Vps, Sps, Pps, "26 01 AF 03|M|T3"],
            ["00000004 2601AF01", "00000004 0201D002", "00000004 2601AF03"]),
        new PayloadCase("two pictures with one timestamp",
            ["26 01 AF 01|M", "02 01 D0 02", "02 01 D0 03|M"],
            ["00000004 2601AF01", "00000004 0201D002", "00000004 0201D003"]),
        new PayloadCase("several slices and a suffix SEI",
            ["26 01 AF 01", "26 01 42 02", "50 01 84 01 80|M", "02 01 D0 02|T2", "02 01 42 03|M"],
            ["00000004 2601AF01 00000004 26014202 00000005 5001840180", "00000004 0201D002 00000004 02014203"]),
        new PayloadCase("several NAL units behind start codes in one payload (Dahua OEM)",
            [$"{Sps} 00 00 00 01 {Pps} 00 00 00 01 26 01 AF 01|M", "00 00 01 02 01 D0 02|M|T2"],
            ["00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("PACI (§4.4.4): the extension is skipped, what it wraps is kept",
            ["64 01 26 30 AA BB CC AF 01|M", "02 01 D0 02|M|T2"],
            ["00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("end of sequence and filler are left out",
            ["26 01 AF 01", "48 01", "4C 01 FF FF 80|M", "02 01 D0 02|M|T2"],
            ["00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("a second layer is left out",
            ["26 01 AF 01", "26 09 AF 02|M", "02 01 D0 02|M|T2"],
            ["00000004 2601AF01", "00000004 0201D002"]),
        new PayloadCase("CRA in the middle keeps its RASL pictures",
            ["26 01 AF 01|M", "2A 01 AF 02|M|T3", "10 01 E0 03|M|T2", "02 01 D0 04|M|T4"],
            ["00000004 2601AF01", "00000004 2A01AF02", "00000004 1001E003", "00000004 0201D004"]),
        new PayloadCase("CRA at the start: RASL pictures behind it are skipped, RADL are not",
            ["2A 01 AF 02|M|T3", "10 01 E0 03|M|T2", "0C 01 E0 03|M|T1", "02 01 D0 04|M|T4"],
            ["00000004 2A01AF02", "00000004 0C01E003", "00000004 0201D004"]),
        new PayloadCase("BLA anywhere: RASL pictures behind it are skipped",
            ["26 01 AF 01|M", "20 01 AF 02|M|T3", "10 01 E0 03|M|T2", "02 01 D0 04|M|T4"],
            ["00000004 2601AF01", "00000004 2001AF02", "00000004 0201D004"]),
    };

    [Theory, MemberData(nameof(Cases))]
    public void Yields_the_expected_access_units(PayloadCase c) => Assert.Equal(c.Units, PushAll(NewDepacketizer(), CasePacket.Parse(c.Packets)).Units);

    [Theory, MemberData(nameof(Cases))]
    public void Losing_any_one_packet_never_yields_a_damaged_unit(PayloadCase c)
    {
        foreach (var survivors in CasePacket.EachWithOneMissing(CasePacket.Parse(c.Packets)))
            Assert.All(PushAll(NewDepacketizer(), survivors).Units, unit => Assert.Contains(unit, c.Units));
    }

    [Fact]
    public void Decoding_order_numbers_are_skipped_where_the_description_says_that_there_are_any()
    {
        var depacketizer = NewDepacketizer();
        depacketizer.HasDecodingOrderNumbers = true;

        var (faults, _, units) = PushAll(depacketizer, CasePacket.Parse(
        [
            $"60 01 0001 {Sized(Vps)} 00 {Sized(Sps)} 00 {Sized(Pps)}",
            "62 01 93 0004 AF 01", "62 01 13 02", "62 01 53 03|M",
            "02 01 0005 D0 07|M|T2",
        ]));

        Assert.All(faults, fault => Assert.Equal(PayloadFault.None, fault));
        Assert.Equal(["000000062601AF010203", "000000040201D007"], units);
    }

    [Fact]
    public void Skipped_leading_pictures_are_counted_and_are_no_loss()
    {
        var depacketizer = NewDepacketizer();
        var dropped = new List<int>();
        foreach (var packet in CasePacket.Parse(["2A 01 AF 02|M|T3", "10 01 E0 03|M|T2", "02 01 D0 04|M|T4"]))
        {
            Assert.True(RtpPacketView.TryParse(packet.ToRtp(0), out var view));
            depacketizer.Push(view, 0);
            while (depacketizer.Units.TryTake(out var unit))
                dropped.Add(unit.Info.DroppedBefore);
        }

        Assert.Equal([0, 0], dropped);
        Assert.Equal((0, 1), (depacketizer.DamagedUnits, depacketizer.UndecodableUnits));
    }

    [Theory]
    [InlineData(PayloadFault.FragmentWithoutStart, "62 01 13 01 02")]
    [InlineData(PayloadFault.FragmentWithoutEnd, "62 01 93 AF 02|T2", "02 01 D0 03|M|T3")]
    [InlineData(PayloadFault.FragmentWithoutEnd, "62 01 93 AF 02", "62 01 93 AF 03|M")]
    [InlineData(PayloadFault.MalformedFragment, "62 01")]
    [InlineData(PayloadFault.MalformedAggregate, "60 01 00")]
    [InlineData(PayloadFault.MalformedAggregate, "60 01 0009 26 01")]
    [InlineData(PayloadFault.MalformedAggregate, "60 01 0003 60 01 00")]
    [InlineData(PayloadFault.PictureWithoutStart, "26 01 42 01|M")]
    [InlineData(PayloadFault.UnsupportedType, "66 01 65 88")]
    [InlineData(PayloadFault.Empty, "26")]
    public void A_fault_is_named_and_costs_its_unit_and_those_up_to_the_next_keyframe(PayloadFault fault, params string[] packets)
    {
        var depacketizer = NewDepacketizer();
        Assert.Single(PushAll(depacketizer, CasePacket.Parse(["26 01 AF 01|M|T1000"])).Units);

        var (faults, resyncs, units) = PushAll(depacketizer, CasePacket.Parse(packets));
        bool costsNothing = fault is PayloadFault.UnsupportedType or PayloadFault.Empty;

        Assert.Contains(fault, faults);
        Assert.Equal(costsNothing ? 0 : 1, resyncs);
        Assert.Empty(units);
        Assert.Equal(
            costsNothing ? ["000000040201D005", "000000042601AF06"] : ["000000042601AF06"],
            PushAll(depacketizer, CasePacket.Parse(["02 01 D0 05|M|T5", "26 01 AF 06|M|T6"])).Units);
    }

    [Fact]
    public void The_track_is_described_as_soon_as_its_parameter_sets_are_known()
    {
        var depacketizer = new H265Depacketizer(new AccessUnitBuffer());
        Assert.Null(depacketizer.Describe(0));
        Assert.Empty(PushAll(depacketizer, CasePacket.Parse(["26 01 AF 01|M"])).Units);

        Assert.Single(PushAll(depacketizer, CasePacket.Parse([$"{Vps}|T2", Sps, Pps, "26 01 AF 01|M"])).Units);

        var track = depacketizer.Describe(3);
        Assert.NotNull(track);
        Assert.Equal((3, CodecKind.H265, 320, 180), (track.Id, track.Codec, track.Width, track.Height));
        depacketizer.ClearParameterSets();
        Assert.Null(depacketizer.Describe(3));
    }

    private static readonly byte[][] s_heads =
    [
        [], [0x26, 1, 0xAF], [0x02, 1, 0xD0], [0x2A, 1, 0xAF], [0x10, 1, 0xE0], [0x40, 1], [0x42, 1], [0x44, 1], [0x4E, 1], [0x46, 1], [0x60, 1],
        [0x60, 1, 0, 4], [0x62, 1, 0x93], [0x62, 1, 0x13], [0x62, 1, 0x53], [0x64, 1], [0x64, 1, 0x26, 0], [0, 0, 1], [0x66, 1],
    ];

    private static readonly Gen<(byte[] Payload, bool Marker, uint Timestamp, int Lost)[]> s_packets =
        (from head in Gen.Elements(s_heads)
         from tail in ArbMap.Default.GeneratorFor<byte[]>()
         from marker in ArbMap.Default.GeneratorFor<bool>()
         from timestamp in Gen.Choose(0, 3)
         from lost in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 5)))
         select ((byte[])[.. head, .. tail], marker, (uint)timestamp, lost)).ArrayOf();

    [Theory, InlineData(false), InlineData(true)]
    public void Any_packets_give_well_formed_units_or_faults_and_a_keyframe_after_them_is_found(bool withNumbers) =>
        Prop.ForAll(s_packets.ToArbitrary(), packets =>
        {
            var depacketizer = new H265Depacketizer(new AccessUnitBuffer()) { HasDecodingOrderNumbers = withNumbers };
            foreach (var (payload, marker, timestamp, lost) in packets)
            {
                if (!RtpPacketView.TryParse(new CasePacket(payload, marker, timestamp, lost).ToRtp(0), out var view))
                    return false;
                depacketizer.Push(view, lost);
                while (depacketizer.Units.TryTake(out var unit))
                {
                    if (!NalUnits.IsWellFormed(unit.Data))
                        return false;
                }
            }

            depacketizer.HasDecodingOrderNumbers = false;
            var after = CasePacket.Parse(
                ["46 01 50|T100|M", Sps + "|T101", Pps, "26 01 AF 01|M", "26 01 AF 02|M|T102", "26 01 AF 03|M|T103", "26 01 AF 04|M|T104"]);
            int found = 0;
            foreach (var packet in after)
            {
                Assert.True(RtpPacketView.TryParse(packet.ToRtp(0), out var view));
                depacketizer.Push(view, 0);
                while (depacketizer.Units.TryTake(out var unit))
                    found += unit.Info.IsKeyframe && unit.Info.Timestamp > 100 ? 1 : 0;
            }

            return found >= 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static string Sized(string nal) => $"{(nal.Replace(" ", "", StringComparison.Ordinal).Length / 2):X4} {nal}";

    private static H265Depacketizer NewDepacketizer()
    {
        var depacketizer = new H265Depacketizer(new AccessUnitBuffer());
        foreach (string set in (string[])[Vps, Sps, Pps])
            Assert.True(depacketizer.ParameterSets.Update(Convert.FromHexString(set)));
        return depacketizer;
    }

    private static (List<PayloadFault> Faults, int Resyncs, List<string> Units) PushAll(
        H265Depacketizer depacketizer, IReadOnlyList<CasePacket> packets)
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
