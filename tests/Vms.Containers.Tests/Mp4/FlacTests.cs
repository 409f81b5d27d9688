using Vms.Codecs;
using Vms.Codecs.Flac;
using Vms.Codecs.G711;
using Vms.Codecs.Opus;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Containers.Tests.Mp4;

/// <summary>What uncompressed sound is wrapped in for browsers, against ffmpeg's decoder.</summary>
public sealed class FlacTests
{
    [Theory]
    [InlineData(CodecKind.PcmA, "alaw")]
    [InlineData(CodecKind.PcmU, "mulaw")]
    public async Task G711_as_FLAC_decodes_to_the_very_samples_that_ffmpeg_makes_of_it(CodecKind codec, string format)
    {
        var sound = await AudioFootage.LoadAsync(codec);
        using var folder = new TestDirectory();
        byte[] codes = [.. sound.Frames.SelectMany(f => f.Data.ToArray()), .. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await File.WriteAllBytesAsync(folder["codes.raw"], codes);
        Tool.Run("ffmpeg", $"-v error -f {format} -ar 8000 -ac 1 -i {folder["codes.raw"]} -f s16le {folder["expected.raw"]}");

        await using (var file = File.Create(folder["wrapped.flac"]))
        {
            file.Write([.. "fLaC"u8, 0x80, 0, 0, FlacFrame.StreamInfoBytes, .. FlacFrame.StreamInfo(8000, 1)]);
            var samples = new short[codes.Length];
            G711.Expand(codec, codes, samples);
            var frame = new byte[FlacFrame.MaxBytes(FlacFrame.MaxBlock, 1)];
            // Lengths of all kinds, so that the numbers of the first samples have all lengths too.
            int length = 1;
            for (int at = 0; at < samples.Length; at += length)
            {
                length = Math.Min(samples.Length - at, length * 7 % FlacFrame.MaxBlock + 1);
                int written = FlacFrame.Write(samples.AsSpan(at, length), 1, at, frame);
                Assert.Equal(FlacFrame.BytesOf(length, 1, at), written);
                file.Write(frame, 0, written);
            }
        }

        Tool.Run("ffmpeg", $"-v error -xerror -err_detect crccheck+explode -i {folder["wrapped.flac"]} -f s16le {folder["decoded.raw"]}");
        Assert.Equal(await File.ReadAllBytesAsync(folder["expected.raw"]), await File.ReadAllBytesAsync(folder["decoded.raw"]));
    }

    [Fact]
    public async Task Two_channels_and_silence_decode()
    {
        using var folder = new TestDirectory();
        short[] samples = [.. Enumerable.Range(-500, 1000).Select(i => (short)(i * 60))];
        await using (var file = File.Create(folder["stereo.flac"]))
        {
            file.Write([.. "fLaC"u8, 0x80, 0, 0, FlacFrame.StreamInfoBytes, .. FlacFrame.StreamInfo(44_100, 2)]);
            var frame = new byte[FlacFrame.MaxBytes(500, 2)];
            file.Write(frame, 0, FlacFrame.Write(samples, 2, 0, frame));
            file.Write(frame, 0, FlacFrame.WriteSilence(500, 2, 500, frame));
        }

        Tool.Run("ffmpeg", $"-v error -xerror -err_detect crccheck+explode -i {folder["stereo.flac"]} -f s16le {folder["decoded.raw"]}");
        byte[] expected = [.. samples.SelectMany(BitConverter.GetBytes), .. new byte[2000]];
        Assert.Equal(expected, await File.ReadAllBytesAsync(folder["decoded.raw"]));
    }

    [Theory]
    [InlineData(new byte[] { 0xF8, 0xFF, 0xFE }, 960)]          // CELT, 20 ms
    [InlineData(new byte[] { 3 << 3 }, 2880)]                   // SILK, 60 ms
    [InlineData(new byte[] { 13 << 3 | 1 }, 1920)]              // hybrid, two of 20 ms
    [InlineData(new byte[] { 16 << 3 | 3, 4 }, 480)]            // CELT, four of 2.5 ms
    [InlineData(new byte[] { 3 << 3 | 3, 3 }, 0)]               // 180 ms: more than a packet may hold
    [InlineData(new byte[] { 3 }, 0)]
    [InlineData(new byte[0], 0)]
    public void An_Opus_packet_says_how_long_it_is(byte[] packet, int ticks) => Assert.Equal(ticks, OpusPacket.TicksOf(packet));
}
