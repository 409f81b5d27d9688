using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs.H265;
using Vms.Testing.Footage;

namespace Vms.Codecs.Tests.H265;

public sealed class H265ParameterSetsTests
{
    [Theory]
    [InlineData(320, 180, 15, 0)]
    [InlineData(638, 362, 25, 3)]
    public async Task What_the_encoder_was_told_is_what_the_parameter_set_says(int width, int height, int frameRate, int bFrames)
    {
        var spec = FootageSpec.Pattern($"sps-{width}", width, height, frameRate) with { Seconds = 1, BFrames = bFrames, BitrateKbps = 200 };
        var footage = await H265Footage.LoadAsync(spec);

        Assert.True(H265Sps.TryParse(footage.Sps.Span, out var sps));

        Assert.Equal((width, height), (sps.Width, sps.Height));
        Assert.Equal(frameRate, sps.FrameRate);
        Assert.Equal(1, sps.Profile.ProfileIdc);
        Assert.Equal((1, 8, 8), (sps.ChromaFormatIdc, sps.BitDepthLuma, sps.BitDepthChroma));
        Assert.Equal(bFrames > 0, sps.MaxNumReorderPictures > 0);
    }

    [Fact]
    public async Task The_decoder_configuration_gives_back_what_it_was_built_from()
    {
        var footage = await H265Footage.LoadAsync(FootageSpec.SmallH265);
        byte[] hvcC = HevcDecoderConfiguration.Build(footage.Vps.Span, footage.Sps.Span, footage.Pps.Span);

        Assert.True(HevcDecoderConfiguration.TryParse(hvcC, out var read));

        Assert.Equal(Convert.ToHexString(footage.Vps.Span), Convert.ToHexString(Assert.Single(read.Vps).Span));
        Assert.Equal(Convert.ToHexString(footage.Sps.Span), Convert.ToHexString(Assert.Single(read.Sps).Span));
        Assert.Equal(Convert.ToHexString(footage.Pps.Span), Convert.ToHexString(Assert.Single(read.Pps).Span));
        Assert.StartsWith("hvc1.1.6.L", read.CodecString, StringComparison.Ordinal);
        for (int length = 0; length < hvcC.Length; length++)
            Assert.False(HevcDecoderConfiguration.TryParse(hvcC.AsMemory(0, length), out _));
    }

    // The examples of ISO/IEC 14496-15 annex E.3, and a high tier one.
    [Theory]
    [InlineData("016000000090000000000000 5D", "1.6.L93.90")]
    [InlineData("016000000090000000000000 78", "1.6.L120.90")]
    [InlineData("022000000080000000000000 96", "2.4.L150.80")]
    [InlineData("216000000000000000000000 99", "1.6.H153")]
    [InlineData("4450000000123456000001 5D", "A4.A.L93.12.34.56.0.0.1")]
    public void The_codec_string_follows_annex_e(string hex, string expected)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        // profile bytes, compatibility, six constraint bytes, level
        byte[] general = [.. bytes[..5], .. bytes[5..11], bytes[^1]];
        Assert.Equal(expected, H265ProfileTierLevel.Read(general).ToString());
    }

    [Fact]
    public async Task Versions_grow_with_changes_and_not_with_repetitions()
    {
        var footage = await H265Footage.LoadAsync(FootageSpec.SmallH265);
        var other = await H265Footage.LoadAsync(FootageSpec.Pattern("sps-320", 320, 180, 15) with { Seconds = 1, BitrateKbps = 200 });
        var sets = new H265ParameterSets();

        Assert.True(sets.Update(footage.Sps.Span));
        Assert.False(sets.IsComplete);
        Assert.True(sets.Update(footage.Pps.Span));
        Assert.True(sets.IsComplete);
        Assert.True(sets.Update(footage.Vps.Span));
        uint version = sets.Version;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Assert.False(sets.Update(footage.Vps.Span) || sets.Update(footage.Sps.Span) || sets.Update(footage.Pps.Span));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(version, sets.Version);

        Assert.True(sets.Update(other.Sps.Span));
        Assert.Equal(version + 1, sets.Version);
        Assert.Equal(320, sets.Sps.Width);
        sets.Clear();
        Assert.Equal(version + 2, sets.Version);
        Assert.False(sets.IsComplete);
    }

    [Fact]
    public async Task Damaged_bytes_never_throw_and_never_pass_a_ceiling()
    {
        var footage = await H265Footage.LoadAsync(FootageSpec.SmallH265);
        byte[] hvcC = footage.Track.CodecParameters.ToArray();
        byte[] sps = footage.Sps.ToArray();
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            Check(Damage(sps, random));
            Check(Damage(footage.Pps.ToArray(), random));
            Check(Damage(footage.Vps.ToArray(), random));
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Check([0x42, 0x01, .. noise]);
            Assert.True(!HevcDecoderConfiguration.TryParse(Damage(hvcC, random), out var read) || read.Sps.Count is > 0 and <= 64);
        }).QuickCheckThrowOnFailure();

        static void Check(byte[] nal)
        {
            var sets = new H265ParameterSets();
            sets.Update(nal);
            if (H265Sps.TryParse(nal, out var parsed))
                Assert.True(parsed.Width is > 0 and <= H265Sps.MaxDimension && parsed.Height is > 0 and <= H265Sps.MaxDimension);
        }
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        byte[] damaged = [.. bytes[..random.Next(1, bytes.Length + 1)]];
        for (int i = random.Next(6); i > 0; i--)
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        return damaged;
    }
}
