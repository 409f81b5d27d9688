using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs.H264;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Codecs.Tests.H264;

public sealed class H264SpsTests
{
    // Source, bytes, width, height, profile, level, frame rate (0: none), reorder (-1: unknown), frames only.
    [Theory]
    [InlineData("Reolink, with a byte behind its end (retina#102)", "67640033ac1514a0a03da1000004f6000063380404", 640, 480, "avc1.640033", 10, -1, true)]
    [InlineData("V380 (retina#68)", "274d001fe7402802dd80a5050505f00000030010000003028b010002dc68000225517fff0280", 1280, 720, "avc1.4D001F", 20, -1, true)]
    [InlineData("x264 baseline 4:2:0", "6742c00cd90141fb0110000003001000000301e0f142a480", 320, 240, "avc1.42C00C", 15, 0, true)]
    [InlineData("x264 high, odd size, B-frames", "6764000dacd94141feab011000003e90000ea600f1429960", 318, 238, "avc1.64000D", 29.97, 2, true)]
    [InlineData("x264 interlaced", "67640015acd941410fcb808800000300080000030190f8a14cb0", 320, 240, "avc1.640015", 25, 2, false)]
    [InlineData("x264 with the JVT scaling matrix flag", "6764000cacd94141fb0110000003001000000301e0f1429960", 320, 240, "avc1.64000C", 15, 2, true)]
    [InlineData("x264 4:4:4, 10 bit", "67f4000c90d9b28283f60220000003002000000303c1e28532c0", 320, 240, "avc1.F4000C", 15, 2, true)]
    public void Known_parameter_sets_read_as_they_should(
        string source, string hex, int width, int height, string codec, double frameRate, int reorder, bool framesOnly)
    {
        Assert.NotEmpty(source);
        Assert.True(H264Sps.TryParse(Convert.FromHexString(hex), out var sps));
        Assert.Equal((width, height, codec, framesOnly), (sps.Width, sps.Height, sps.CodecString, sps.FrameMbsOnly));
        Assert.Equal(frameRate, sps.FrameRate ?? 0, 2);
        Assert.Equal(reorder, sps.MaxNumReorderFrames ?? -1);
    }

    public static TheoryData<string, int, int, int, string> Footage => new()
    {
        { "baseline", 320, 240, 0, "baseline" },
        { "main", 640, 360, 0, "main" },
        { "high", 1280, 720, 2, "high" },
        { "odd", 318, 238, 1, "high" },
        { "tall", 720, 1282, 0, "main" },
    };

    [Theory, MemberData(nameof(Footage))]
    public async Task Ffprobe_reads_the_same_from_real_footage(string name, int width, int height, int bFrames, string profile)
    {
        var spec = FootageSpec.Pattern($"sps-{name}", width, height, frameRate: 20) with { Seconds = 1, BFrames = bFrames, Profile = profile };
        var footage = await H264Footage.LoadAsync(spec);
        Assert.True(H264Sps.TryParse(footage.Sps.Span, out var sps));

        var probe = await FfProbe.InspectAsync(footage.Path);

        Assert.Equal((probe.Width, probe.Height, (byte)probe.Level, probe.FrameRate, probe.BFrames),
            (sps.Width, sps.Height, sps.LevelIdc, sps.FrameRate ?? 0, sps.MaxNumReorderFrames ?? -1));
        Assert.StartsWith(
            sps.ProfileIdc switch { 66 => "Constrained Baseline", 77 => "Main", _ => "High" }, probe.Profile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no parameter set", "6588840000")]
    [InlineData("too short", "6742")]
    [InlineData("cut off", "6742c00cd901")]
    [InlineData("empty", "")]
    public void What_is_no_whole_parameter_set_is_refused(string what, string hex)
    {
        Assert.NotEmpty(what);
        Assert.False(H264Sps.TryParse(Convert.FromHexString(hex), out _));
    }

    [Fact]
    public void A_vui_that_is_cut_off_leaves_its_fields_unknown()
    {
        byte[] whole = Convert.FromHexString("6764000dacd94141feab011000003e90000ea600f1429960");
        Assert.True(H264Sps.TryParse(whole.AsSpan(0, 13), out var sps));
        Assert.Equal((318, 238, null, null), (sps.Width, sps.Height, sps.FrameRate, sps.MaxNumReorderFrames));
    }

    [Fact]
    public void Any_bytes_parse_within_the_ceilings_or_are_refused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
            !H264Sps.TryParse([0x67, .. bytes], out var sps)
            || (sps.Width is > 0 and <= H264Sps.MaxDimension && sps.Height is > 0 and <= H264Sps.MaxDimension
                && sps.MaxNumReorderFrames is null or (>= 0 and <= 16) && sps.FrameRate is null or (> 0 and < 1000)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void A_damaged_parameter_set_parses_within_the_ceilings_or_is_refused() =>
        Prop.ForAll(
            (from at in Gen.Choose(1, 23) from bits in Gen.Choose(1, 255) select (at, bits)).ToArbitrary(),
            c =>
            {
                byte[] sps = Convert.FromHexString("6764000dacd94141feab011000003e90000ea600f1429960");
                sps[c.at] ^= (byte)c.bits;
                return !H264Sps.TryParse(sps, out var parsed) || (parsed.Width is > 0 and <= H264Sps.MaxDimension && parsed.Height > 0);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
}
