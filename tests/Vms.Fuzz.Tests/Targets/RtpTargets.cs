using System.Buffers.Binary;
using Vms.Codecs.H264;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.Aac;
using Vms.Rtp.Payloads.G726;
using Vms.Rtp.Payloads.H264;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Payloads.Metadata;
using Vms.Rtp.Payloads.Mjpeg;
using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>What a camera sends once it plays. An input is a row of packets, each behind its length (two bytes): mutations lose, double and
/// reorder them, and the reorder buffer stands in front of the codecs as it does in the product.</summary>
internal static class RtpTargets
{
    /// <summary>Three minutes of pictures at the most: <see cref="AccessUnitBuffer"/> may grow to what one unit may have.</summary>
    private const long PictureCeiling = 3L * AccessUnitBuffer.MaxUnitSize;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Video("rtp-h264", () => new H264Depacketizer(new AccessUnitBuffer())),
        Video("rtp-h265", () => new H265Depacketizer(new AccessUnitBuffer())),
        Video("rtp-h265-donl", () => new H265Depacketizer(new AccessUnitBuffer()) { HasDecodingOrderNumbers = true }),
        Video("rtp-jpeg", () => new MjpegDepacketizer(new AccessUnitBuffer())),
        Samples("rtp-aac-hbr", () => new AacDepacketizer(new AacFormat(1024))),
        Samples("rtp-aac-latm", () => new LatmDepacketizer(2, 1024)),
        Samples("rtp-whole-packets", () => new WholePacketDepacketizer()),
        Samples("rtp-g726", () => new Aal2G726Depacketizer(4)),
        Samples("rtp-metadata", () => new OnvifMetadataDepacketizer()),
        new FuzzTarget("rtp-replay", Replays) { MaxInput = 256, MaxAllocated = 64 << 10 },
        new FuzzTarget("rtcp", Reports) { MaxInput = 2048, MaxAllocated = 64 << 10 },
    ];

    private static FuzzTarget Video(string name, Func<VideoDepacketizer> make) => new(name, (ReadOnlySpan<byte> input, ref Outcome outcome) =>
    {
        var depacketizer = make();
        var reorder = new ReorderBuffer(64, 100);
        long now = 0;
        while (TryTakePacket(ref input, out var packet))
        {
            if (!RtpPacketView.TryParse(packet, out var view))
            {
                outcome.Add(-1);
                continue;
            }

            if (reorder.Push(packet, now += 10, out int lost) == ReorderOutcome.Next)
                Push(depacketizer, view, lost, ref outcome);
            while (reorder.TryRead(now, out var held, out lost))
            {
                if (RtpPacketView.TryParse(held, out view))
                    Push(depacketizer, view, lost, ref outcome);
            }
        }

        outcome.AddSize(depacketizer.DamagedUnits);
        outcome.Add(depacketizer.Describe(0) is not null);
    })
    {
        MaxAllocated = PictureCeiling,
    };

    private static void Push(VideoDepacketizer depacketizer, in RtpPacketView packet, int lost, ref Outcome outcome)
    {
        outcome.Add((int)depacketizer.Push(packet, lost).Fault);
        while (depacketizer.Units.TryTake(out var unit))
        {
            outcome.Add(unit.Info.IsKeyframe);
            outcome.AddSize(unit.Data.Length);
            if (depacketizer is NalUnitDepacketizer && !NalUnits.IsWellFormed(unit.Data))
                throw new InvalidDataException("The access unit is not made of whole NAL units.");
        }
    }

    private static FuzzTarget Samples(string name, Func<SampleDepacketizer> make) => new(name, (ReadOnlySpan<byte> input, ref Outcome outcome) =>
    {
        var depacketizer = make();
        var reorder = new ReorderBuffer(0, 0);
        while (TryTakePacket(ref input, out var packet))
        {
            if (!RtpPacketView.TryParse(packet, out var view) || reorder.Push(packet, 0, out int lost) != ReorderOutcome.Next)
            {
                outcome.Add(-1);
                continue;
            }

            outcome.Add((int)depacketizer.Push(view, lost));
            while (depacketizer.TryTake(out var sample))
            {
                outcome.AddSize(sample.Data.Length);
                if (sample.Data.Length > SampleDepacketizer.MaxSampleSize)
                    throw new InvalidDataException("The sample is above the ceiling.");
            }
        }

        outcome.AddSize(depacketizer.DamagedSamples);
    });

    /// <summary>An RTP packet whose header extension is read as a device's that plays its recordings.</summary>
    private static void Replays(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        bool isPacket = RtpPacketView.TryParse(input, out var packet);
        outcome.Add(isPacket);
        if (!isPacket)
            return;
        outcome.Add(ReplayExtension.TryParse(packet.Extension, out var replay));
        outcome.Add(replay.IsCleanPoint);
        outcome.Add(replay.EndsSection);
        outcome.Add(replay.IsDiscontinuous);
        _ = replay.RecordedUs + replay.Request;
    }

    private static void Reports(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var reader = new RtcpReader(input);
        while (reader.MoveNext())
        {
            var packet = reader.Current;
            outcome.Add((int)packet.Type);
            outcome.Add(packet.TryReadSenderReport(out _));
            int blocks = 0;
            while (packet.TryReadReportBlock(blocks, out _))
                blocks++;
            while (packet.TryReadGoodbye(blocks, out _))
                blocks++;
            while (packet.TryReadNack(blocks, out _, out _))
                blocks++;
            outcome.AddSize(blocks);
            outcome.Add(packet.IsPictureLossIndication || packet.IsFullIntraRequest);
            _ = packet.SenderSsrc ^ packet.MediaSsrc;
        }

        outcome.Add(reader.IsMalformed);
    }

    private static bool TryTakePacket(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (input.Length < 2)
            return false;
        int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 2);
        packet = input.Slice(2, length);
        input = input[(2 + length)..];
        return true;
    }
}
