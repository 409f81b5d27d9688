using Vms.Codecs.Aac;

namespace Vms.Codecs.Tests.Aac;

public sealed class AudioSpecificConfigTests
{
    [Theory]
    [InlineData("1190", 2, 48000, 2, 1024)]         // ffmpeg's AAC LC
    [InlineData("1408", 2, 16000, 1, 1024)]         // what Hikvision and Axis send
    [InlineData("1588", 2, 8000, 1, 1024)]
    [InlineData("1194", 2, 48000, 2, 960)]
    [InlineData("2B118800", 2, 24000, 2, 1024)]     // explicit SBR: the core runs at half the rate
    [InlineData("17802EE008", 2, 24000, 1, 1024)]   // the rate written out
    public void What_cameras_send_is_read(string hex, int type, int rate, int channels, int frame)
    {
        Assert.True(AudioSpecificConfig.TryParse(Convert.FromHexString(hex), out var config));

        Assert.Equal((type, rate, channels, frame), (config.ObjectType, config.SamplingRate, config.Channels, config.FrameLength));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("0000")]
    [InlineData("F800")]        // escape
    [InlineData("1780")]        // the rate is cut off
    public void What_is_no_AAC_is_refused(string hex) => Assert.False(AudioSpecificConfig.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void What_is_built_reads_back()
    {
        Assert.Equal(Convert.FromHexString("1190"), AudioSpecificConfig.Build(48000, 2));
        Assert.Equal(Convert.FromHexString("1408"), AudioSpecificConfig.Build(16000, 1));
        Assert.Null(AudioSpecificConfig.Build(44000, 2));
        Assert.Null(AudioSpecificConfig.Build(48000, 9));
    }

    [Theory]
    [InlineData("400024203FC0", "1210", 1)]         // ffmpeg: 44.1 kHz stereo
    [InlineData("44002420 3FC0", "1210", 5)]
    public void The_configuration_is_cut_out_of_a_StreamMuxConfig(string hex, string specific, int subFrames)
    {
        var mux = StreamMuxConfig.TryParse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        Assert.NotNull(mux);
        Assert.Equal(specific, Convert.ToHexString(mux.AudioSpecificConfig));
        Assert.Equal(subFrames, mux.SubFrames);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("00")]
    [InlineData("4010")]
    public void What_is_no_simple_StreamMuxConfig_is_refused(string hex) => Assert.Null(StreamMuxConfig.TryParse(Convert.FromHexString(hex)));
}
