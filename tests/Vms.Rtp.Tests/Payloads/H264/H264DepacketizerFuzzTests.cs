using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs.H264;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;

namespace Vms.Rtp.Tests.Payloads.H264;

public sealed class H264DepacketizerFuzzTests
{
    // Payload heads that reach every branch, so that random bytes do not all end at "unsupported type".
    private static readonly byte[][] s_heads =
        [[], [0x65], [0x41], [0x67], [0x68], [0x06], [0x09], [0x78], [0x78, 0, 3], [0x7C, 0x85], [0x7C, 0x05], [0x7C, 0x45], [0, 0, 1], [0x1D]];

    private static readonly Gen<(byte[] Payload, bool Marker, uint Timestamp, int Lost)[]> s_packets =
        (from head in Gen.Elements(s_heads)
         from tail in ArbMap.Default.GeneratorFor<byte[]>()
         from marker in ArbMap.Default.GeneratorFor<bool>()
         from timestamp in Gen.Choose(0, 3)
         from lost in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(1, 5)))
         select ((byte[])[.. head, .. tail], marker, (uint)timestamp, lost)).ArrayOf();

    [Fact]
    public void Any_packets_give_well_formed_units_or_faults_and_a_keyframe_after_them_is_found() =>
        Prop.ForAll(s_packets.ToArbitrary(), packets =>
        {
            var depacketizer = new H264Depacketizer(new AccessUnitBuffer());
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

            var after = CasePacket.Parse(
                ["09 F0|T100|M", "67 42 C0 0C D9 01 41 FB 01 10 00 00 03 00 10 00 00 03 01 E0 F1 42 A4 80|T101", "68 CB 83 CB 20", "65 88 01|M", "65 88 02|M|T102", "65 88 03|M|T103", "65 88 04|M|T104"]);
            int found = 0;
            foreach (var packet in after)
            {
                Assert.True(RtpPacketView.TryParse(packet.ToRtp(0), out var view));
                depacketizer.Push(view, 0);
                while (depacketizer.Units.TryTake(out var unit))
                    found += unit.Info.IsKeyframe && unit.Info.Timestamp > 100 ? 1 : 0;
            }

            return found >= 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
}
