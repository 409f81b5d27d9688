using FsCheck;
using FsCheck.Fluent;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.Aac;
using Vms.Rtp.Payloads.G726;
using Vms.Rtp.Payloads.Metadata;
using Vms.Rtp.Tests.Payloads.H264;

namespace Vms.Rtp.Tests.Payloads;

public sealed class SampleDepacketizerTests
{
    /// <summary>A sample is its timestamp and its bytes.</summary>
    public static TheoryData<SampleCase> Cases => new()
    {
        new SampleCase("AAC-hbr: one unit", () => new AacDepacketizer(new(1024)), ["0010 0018 010203|M|T100"], ["100 010203"]),
        new SampleCase("AAC-hbr: three units in a packet, each 1024 ticks behind the one before", () => new AacDepacketizer(new(1024)),
            ["0030 0010 0018 0008 0101 020202 03|M|T100"], ["100 0101", "1124 020202", "2148 03"]),
        new SampleCase("AAC-hbr: a unit over three packets", () => new AacDepacketizer(new(1024)),
            ["0010 0030 0102|T7", "0010 0030 0304", "0010 0030 0506|M", "0010 0008 AA|M|T8"], ["7 010203040506", "8 AA"]),
        new SampleCase("AAC-hbr: a fragment that never ends costs itself only", () => new AacDepacketizer(new(1024)),
            ["0010 0030 0102|T7", "0010 0010 AABB|M|T8"], ["8 AABB"]),
        new SampleCase("AAC without indexlength (gortsplib b1674ff9)", () => new AacDepacketizer(new(1024, 16, 0, 0)), ["0020 0001 0002 AA BBCC|M|T1"], ["1 AA", "1025 BBCC"]),
        new SampleCase("AAC units wrapped in ADTS (gortsplib)", () => new AacDepacketizer(new(1024)), ["0010 0048 FFF14C8001 3FFC DEAD|M|T1"], ["1 DEAD"]),
        new SampleCase("AAC: a unit longer than what is there is dropped, the one before stays", () => new AacDepacketizer(new(1024)),
            ["0020 0008 0100 AA BB|M|T1", "0010 0008 CC|M|T5"], ["1 AA", "5 CC"]),
        new SampleCase("LATM: one element", () => new LatmDepacketizer(1, 1024), ["03 010203|M|T1"], ["1 010203"]),
        new SampleCase("LATM: a length over 255", () => new LatmDepacketizer(1, 1024), ["FF01 " + new string('A', 512) + "|M|T1"], ["1 " + new string('A', 512)]),
        new SampleCase("LATM: two sub-frames", () => new LatmDepacketizer(2, 1024), ["01 AA 02 BBCC|M|T1"], ["1 AA", "1025 BBCC"]),
        new SampleCase("LATM: an element cut in two", () => new LatmDepacketizer(1, 1024), ["04 0102|T1", "0304|M"], ["1 01020304"]),
        new SampleCase("LATM: no marker, a new timestamp ends the element", () => new LatmDepacketizer(1, 1024), ["02 0102|T1", "02 0304|T2", "02 0506|T3"], ["1 0102", "2 0304"]),
        new SampleCase("G.711, G.726, L16, Opus: the packet is the sample", () => new WholePacketDepacketizer(), ["D5D5|T1", "D5|T161"], ["1 D5D5", "161 D5"]),
        new SampleCase("AAL2-G726-32: nibbles change places", () => new Aal2G726Depacketizer(4), ["1234|T1"], ["1 2143"]),
        new SampleCase("AAL2-G726-16: four code words turn round", () => new Aal2G726Depacketizer(2), ["1B|T1"], ["1 E4"]),
        new SampleCase("AAL2-G726-24: eight code words in three bytes", () => new Aal2G726Depacketizer(3), ["053977|T1"], ["1 88C6FA"]),
        new SampleCase("metadata: a document in one packet", () => new OnvifMetadataDepacketizer(), [Xml("<tt:MetadataStream/>") + "|M|T1"], ["1 " + Xml("<tt:MetadataStream/>")]),
        new SampleCase("metadata: a document over three packets", () => new OnvifMetadataDepacketizer(),
            [Xml("<MetadataStream>") + "|T1", Xml("x"), Xml("</a>") + "|M"], ["1 " + Xml("<MetadataStream>x</a>")]),
        new SampleCase("metadata: no marker, the next document ends it", () => new OnvifMetadataDepacketizer(), [Xml("<tt:MetadataStream/>") + "|T1", Xml("<?xml?><b/>") + "|T2"], ["1 " + Xml("<tt:MetadataStream/>")]),
        new SampleCase("metadata: blanks are no document", () => new OnvifMetadataDepacketizer(), [Xml("\r\n") + "|M|T1", Xml("<?xml?><b/>") + "|M|T2"], ["2 " + Xml("<?xml?><b/>")]),
    };

    [Theory, MemberData(nameof(Cases))]
    public void Yields_the_expected_samples(SampleCase c) => Assert.Equal(c.Samples, c.Depacketize(CasePacket.Parse(c.Packets)));

    [Theory, MemberData(nameof(Cases))]
    public void Losing_any_one_packet_never_yields_a_damaged_sample(SampleCase c)
    {
        foreach (var survivors in CasePacket.EachWithOneMissing(CasePacket.Parse(c.Packets)))
            Assert.All(c.Depacketize(survivors), sample => Assert.Contains(sample, c.Samples));
    }

    [Fact]
    public void What_was_lost_in_front_of_a_sample_is_said()
    {
        var depacketizer = new WholePacketDepacketizer();
        var dropped = new List<int>();
        foreach (int lost in (int[])[0, 3, 0])
        {
            Assert.True(RtpPacketView.TryParse(new CasePacket([1], true, 1, 0).ToRtp(0), out var view));
            depacketizer.Push(view, lost);
            Assert.True(depacketizer.TryTake(out var sample));
            dropped.Add(sample.DroppedBefore);
        }

        Assert.Equal([0, 1, 0], dropped);
    }

    [Fact]
    public void A_document_above_the_ceiling_is_dropped_and_the_next_one_is_good()
    {
        var depacketizer = new OnvifMetadataDepacketizer();
        var faults = new List<PayloadFault>();
        for (int i = 0; i < 60; i++)
        {
            byte[] part = new byte[1400];
            part.AsSpan().Fill((byte)'<');
            Assert.True(RtpPacketView.TryParse(new CasePacket(part, i == 59, 1, 0).ToRtp((ushort)i), out var view));
            faults.Add(depacketizer.Push(view, 0));
        }

        Assert.Contains(PayloadFault.UnitTooLarge, faults);
        Assert.True(RtpPacketView.TryParse(new CasePacket("<b/>"u8.ToArray(), true, 2, 0).ToRtp(60), out var good));
        depacketizer.Push(good, 0);
        PayloadSample sample = default;
        while (depacketizer.TryTake(out var next))
            sample = next;
        Assert.Equal("<b/>"u8, sample.Data);
    }

    public static TheoryData<SampleCase> Kinds => new()
    {
        new SampleCase("AAC", () => new AacDepacketizer(new(1024)), [], []),
        new SampleCase("AAC, odd lengths", () => new AacDepacketizer(new(1024, 6, 2, 2)), [], []),
        new SampleCase("LATM", () => new LatmDepacketizer(3, 1024), [], []),
        new SampleCase("whole packets", () => new WholePacketDepacketizer(), [], []),
        new SampleCase("AAL2-G726-40", () => new Aal2G726Depacketizer(5), [], []),
        new SampleCase("metadata", () => new OnvifMetadataDepacketizer(), [], []),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Any_packets_give_samples_below_the_ceiling_and_no_exception(SampleCase c) =>
        Prop.ForAll(s_packets.ToArbitrary(), packets =>
        {
            var depacketizer = c.Make();
            int bytes = 0;
            foreach (var (payload, marker, timestamp, lost) in packets)
            {
                Assert.True(RtpPacketView.TryParse(new CasePacket(payload, marker, timestamp, lost).ToRtp(0), out var view));
                bytes += payload.Length;
                depacketizer.Push(view, lost);
                while (depacketizer.TryTake(out var sample))
                {
                    if (sample.Data.Length > Math.Min(bytes, SampleDepacketizer.MaxSampleSize))
                        return false;
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory, MemberData(nameof(Cases))]
    public void After_warm_up_a_packet_allocates_nothing(SampleCase c)
    {
        var depacketizer = c.Make();
        byte[][] packets = [.. CasePacket.Parse(c.Packets).Select((p, i) => p.ToRtp((ushort)i))];
        Push(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Push(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Push(int times)
        {
            for (int i = 0; i < times * packets.Length; i++)
            {
                if (!RtpPacketView.TryParse(packets[i % packets.Length], out var view))
                    throw new InvalidOperationException();
                depacketizer.Push(view, 0);
                while (depacketizer.TryTake(out _))
                {
                }
            }
        }
    }

    private static readonly Gen<(byte[] Payload, bool Marker, uint Timestamp, int Lost)[]> s_packets =
        (from head in Gen.Elements<byte[]>([], [0, 16], [0, 16, 0, 8], [0, 32, 0, 8, 0, 16], [0, 16, 1, 0], [0xFF, 0xFF], [3], (byte[])[.. "<a>"u8], (byte[])[.. "a>"u8])
         from tail in ArbMap.Default.GeneratorFor<byte[]>()
         from marker in ArbMap.Default.GeneratorFor<bool>()
         from timestamp in Gen.Choose(0, 3)
         from lost in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 5)))
         select ((byte[])[.. head, .. tail], marker, (uint)timestamp, lost)).ArrayOf();

    private static string Xml(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));

    public sealed class SampleCase(string name, Func<SampleDepacketizer> make, string[] packets, string[] samples)
    {
        public string[] Packets => packets;

        public string[] Samples => samples;

        public SampleDepacketizer Make() => make();

        public List<string> Depacketize(IEnumerable<CasePacket> pushed)
        {
            var depacketizer = make();
            var found = new List<string>();
            ushort sequence = 0;
            foreach (var packet in pushed)
            {
                Assert.True(RtpPacketView.TryParse(packet.ToRtp(sequence++), out var view));
                depacketizer.Push(view, packet.LostBefore);
                while (depacketizer.TryTake(out var sample))
                    found.Add($"{sample.Timestamp} {Convert.ToHexString(sample.Data)}");
            }

            return found;
        }

        public override string ToString() => name;
    }
}
