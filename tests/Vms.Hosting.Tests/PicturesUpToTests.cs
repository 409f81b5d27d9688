using System.Globalization;
using Vms.Codecs;
using Vms.Hosting.Decoding;
using Vms.Native.Ffmpeg;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Hosting.Tests;

/// <summary>Which of the pictures of a group is the one of a moment, also where they are decoded in another order than they are shown in.</summary>
public sealed class PicturesUpToTests
{
    private const long FrameUs = 40_000;

    [Theory]
    [InlineData("0 1 2 3 4", 2.5, 2, 3)]                    // as they come
    [InlineData("0 1 2 3 4", 2, 2, 3)]
    [InlineData("0 3 1 2 6 4 5 9 7 8", 2.5, 2, 4)]          // two B-frames
    [InlineData("0 3 1 2 6 4 5 9 7 8", 1.5, 1, 3)]
    [InlineData("0 3 1 2 6 4 5 9 7 8", 3.5, 3, 2)]          // what follows it is shown before it and is not needed
    [InlineData("0 4 2 1 3 8 6 5 7 12 10 9 11", 1.5, 1, 4)] // three in a pyramid
    [InlineData("0 4 2 1 3 8 6 5 7 12 10 9 11", 7.5, 7, 9)]
    [InlineData("0 8 4 2 1 3 6 5 7 16 12 10", 5.5, 5, 8)]   // seven in a pyramid
    [InlineData("0 4 2 1 3", 9, 4, 2)]                      // the group ends before it
    [InlineData("0 4 2", 1.5, 0, 1)]                        // the rest is still on its way
    [InlineData("1 2 3", 0.5, 1, 1)]                        // the keyframe is a rounding behind
    public void The_last_that_is_shown_up_to_a_moment_is_the_last_that_is_decoded(string order, double moment, int shown, int units)
    {
        var pictures = new PicturesUpTo(PictureCodec.H264, (long)(moment * FrameUs));
        foreach (int number in order.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)))
        {
            if (!pictures.TryTake([(byte)number], number * FrameUs))
                break;
        }

        Assert.Equal(shown * FrameUs, pictures.CapturedUs);
        Assert.Equal(units * (PictureDecoder.UnitHeaderBytes + 1), pictures.Units.Length);
        Assert.Equal(shown, pictures.Units.Span[^1]);
    }

    [Fact]
    public void Of_pictures_that_stand_alone_the_last_one_is_all()
    {
        var pictures = new PicturesUpTo(PictureCodec.Mjpeg, 2 * FrameUs);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(i => pictures.TryTake([(byte)i], i * FrameUs)));
        Assert.Equal(2 * FrameUs, pictures.CapturedUs);
        Assert.Equal(PictureDecoder.UnitHeaderBytes + 1, pictures.Units.Length);
        Assert.Equal(2, pictures.Units.Span[^1]);
    }

    [Theory]
    [InlineData(CodecKind.H264)]
    [InlineData(CodecKind.H265)]
    public async Task The_decoder_gives_that_very_picture(CodecKind codec)
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small with { Name = "small-pyramid", Codec = codec, BFrames = 3 });
        var (samples, order) = (footage.ToSamples(), await FfProbe.DisplayOrderAsync(footage.Path));
        Assert.NotEqual(order.Order(), order);
        using var directory = new TestDirectory();
        foreach (int moment in (int[])[0, 1, 2, 3, 5, 14, 23, 24])
        {
            var pictures = new PicturesUpTo(codec == CodecKind.H264 ? PictureCodec.H264 : PictureCodec.H265, (moment * FrameUs) + 1);
            _ = Enumerable.Range(0, footage.Spec.GopLength).All(TryTake);

            var jpeg = PictureDecoder.ToJpegOfLast(pictures.Codec, pictures.Units.Span, 640, 90);
            await File.WriteAllBytesAsync(directory["still.jpg"], jpeg.Bytes.ToArray());
            Assert.Equal([moment], await FfProbe.FrameNumbersAsync(directory["still.jpg"]));

            bool TryTake(int i)
            {
                var unit = new System.Buffers.ArrayBufferWriter<byte>();
                Assert.True(StandaloneKeyframe.TryWrite(footage.Track, samples[i], unit));
                return pictures.TryTake(unit.WrittenSpan, order[i] * FrameUs);
            }
        }
    }
}
