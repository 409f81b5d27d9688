using System.Buffers;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Media.Egress.Sound;
using Vms.Native.Opus;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress.Sound;

/// <summary>AAC into Opus, without the child around it.</summary>
public sealed class SoundConverterTests
{
    private const int AacTicks = 1024 * OpusEncoder.Rate / 16_000;

    [Fact]
    public async Task AAC_becomes_Opus_that_sounds_the_same_at_the_same_time()
    {
        var aac = await AudioFootage.LoadAsync(CodecKind.Aac);
        using var converter = new AacToOpus(aac.Track.CodecParameters.Span, 1);
        var packets = Convert(converter, aac, count: 70, from: 0);
        Assert.InRange(packets.Count, 70 * AacTicks / OpusEncoder.PacketSamples - 3, 70 * AacTicks / OpusEncoder.PacketSamples);
        Assert.True(packets[0].Header.IsDiscontinuity);
        Assert.All(packets.Skip(1), p => Assert.False(p.Header.IsDiscontinuity));
        Assert.All(packets, p => Assert.Equal(p.Header.Pts * 1_000_000 / OpusEncoder.Rate, p.Header.CaptureTimeUs, 20.0));

        using var folder = new TestDirectory();
        await File.WriteAllBytesAsync(folder["opus.mp4"], Mp4([.. packets.Select(p => p.Packet)]));
        var tone = await Tone.DecodeAsync(folder["opus.mp4"]);
        foreach (double at in new[] { 1.0, 2.0, 3.0, 4.0 })
            Assert.InRange(tone.FrequencyAt(tone.StartSeconds + at), Tone.ExpectedAt(at) - 40, Tone.ExpectedAt(at) + 40);
    }

    [Fact]
    public async Task A_gap_is_not_closed_and_garbage_is_left_out()
    {
        var aac = await AudioFootage.LoadAsync(CodecKind.Aac);
        using var converter = new AacToOpus(aac.Track.CodecParameters.Span, 1);
        Convert(converter, aac, count: 20, from: 0);
        var random = new Random(11);
        var packet = new byte[OpusEncoder.MaxPacketBytes];
        for (int i = 0; i < 200; i++)
        {
            var garbage = new byte[random.Next(1, 400)];
            random.NextBytes(garbage);
            converter.Push(new SampleHeader(0, 0, 0, 0, (20 + i) * AacTicks, 0), garbage);
            while (converter.TryTake(packet, out _, out _))
            {
            }
        }

        var after = Convert(converter, aac, count: 20, from: 1000);
        Assert.True(after[0].Header.IsDiscontinuity);
        Assert.Equal(1000 * AacTicks, after[0].Header.Pts);
    }

    private static List<(SampleHeader Header, byte[] Packet)> Convert(AacToOpus converter, AudioFootage aac, int count, int from)
    {
        var packets = new List<(SampleHeader, byte[])>();
        var packet = new byte[OpusEncoder.MaxPacketBytes];
        for (int i = 0; i < count; i++)
        {
            long pts = (long)(from + i) * AacTicks;
            converter.Push(new SampleHeader(0, 0, 0, 0, pts, pts * 1_000_000 / OpusEncoder.Rate), aac.Frames[i].Data.Span);
            while (converter.TryTake(packet, out var header, out int length))
                packets.Add((header, packet[..length]));
        }

        return packets;
    }

    private static byte[] Mp4(IReadOnlyList<byte[]> packets)
    {
        var file = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(file, [new TrackInfo(0, CodecKind.Opus, OpusEncoder.Rate, new byte[] { 0, 1, 0, 0, 0, 0, 0xBB, 0x80, 0, 0, 0 }, 0, 0)]);
        SoundSample[] samples = [.. packets.Select(p => new SoundSample(p.Length, OpusEncoder.PacketSamples))];
        var header = new byte[CmafSoundFragment.HeaderBytes(samples.Length)];
        CmafSoundFragment.WriteHeader(1, 0, 0, samples, header);
        file.Write(header);
        foreach (var packet in packets)
            file.Write(packet);
        return file.WrittenSpan.ToArray();
    }
}
