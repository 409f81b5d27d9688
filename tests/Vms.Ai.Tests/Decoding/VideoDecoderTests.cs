using Vms.Ai.Analysis;
using Vms.Codecs;
using Vms.Native.Ffmpeg;
using Vms.Testing.Footage;

namespace Vms.Ai.Tests.Decoding;

public sealed class VideoDecoderTests
{
    public static TheoryData<string> Kinds => new() { "h264", "h265", "reordered" };

    [Theory, MemberData(nameof(Kinds))]
    public async Task Every_picture_comes_with_the_time_of_its_sample(string kind)
    {
        var (footage, decoder) = await OpenAsync(kind);
        using (decoder)
        {
            var tags = new List<long>();
            var samples = footage.ToSamples();
            for (int i = 0; i < samples.Count; i++)
            {
                if (Decode(decoder, footage, i, samples[i]))
                    tags.Add(decoder.Tag);
            }

            Assert.Equal((640, 360), (decoder.Width, decoder.Height));
            Assert.InRange(tags.Count, samples.Count - 4, samples.Count);
            Assert.Equal(tags.Count, tags.Distinct().Count());
            Assert.Equal(0, decoder.Failures);

            var grey = new byte[(256 * 144) + 64];
            Assert.True(decoder.ToGrey(grey, 256, 144));
            Assert.InRange(grey.AsSpan(0, 256 * 144).ToArray().Average(b => (double)b), 60, 200);
            var colour = new byte[(640 * 360 * 3) + 64];
            Assert.True(decoder.ToBgr(colour));
            Assert.InRange(colour.AsSpan(0, 640 * 360 * 3).ToArray().Average(b => (double)b), 60, 200);
        }
    }

    [Fact]
    public async Task Damaged_samples_cost_pictures_and_nothing_else()
    {
        var (footage, decoder) = await OpenAsync("h264");
        using (decoder)
        {
            var random = new Random(5);
            var samples = footage.ToSamples();
            int pictures = 0;
            for (int i = 0; i < samples.Count; i++)
            {
                byte[] sample = [.. samples[i]];
                for (int hit = 0; hit < 20; hit++)
                    sample[random.Next(sample.Length)] = (byte)random.Next(256);
                pictures += Decode(decoder, footage, i, sample[..random.Next(1, sample.Length)]) ? 1 : 0;
            }

            decoder.Reset();
            for (int i = 0; i < 25; i++)
                pictures += Decode(decoder, footage, i, samples[i]) ? 1 : 0;
            Assert.InRange(pictures, 20, samples.Count + 25);
        }
    }

    [Fact]
    public void A_sample_larger_than_any_is_refused()
    {
        using var decoder = new VideoDecoder(PictureCodec.H264);
        Assert.Throws<InvalidDataException>(() => decoder.Room(VideoDecoder.MaxSample + 1).Clear());
    }

    private static async Task<(VideoFootage Footage, VideoDecoder Decoder)> OpenAsync(string kind)
    {
        var footage = await VideoFootage.LoadAsync(kind switch
        {
            "h265" => FootageSpec.SmallH265,
            "reordered" => FootageSpec.Small with { Name = "small-reordered", BFrames = 2 },
            _ => FootageSpec.Small,
        });
        return (footage, new VideoDecoder(footage.Spec.Codec == CodecKind.H265 ? PictureCodec.H265 : PictureCodec.H264));
    }

    private static bool Decode(VideoDecoder decoder, VideoFootage footage, int index, byte[] sample)
    {
        int ahead = footage.Frames[index].IsKeyframe ? ParameterSets.LengthOf(footage.Track) : 0;
        Span<byte> room = decoder.Room(ahead + sample.Length);
        if (ahead > 0)
            ParameterSets.Write(footage.Track, room);
        sample.CopyTo(room[ahead..]);
        return decoder.Decode(room.Length, 1_000_000 + (index * 40_000), DecodeSkip.None);
    }
}
