using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs.H264;

namespace Vms.Codecs.Tests.H264;

public sealed class AvcDecoderConfigurationTests
{
    private static readonly byte[] s_baseline = Convert.FromHexString("6742c00cd90141fb0110000003001000000301e0f142a480");
    private static readonly byte[] s_high = Convert.FromHexString("6764000dacd94141feab011000003e90000ea600f1429960");
    private static readonly byte[] s_pps = Convert.FromHexString("68ebe3cb22c0");

    [Fact]
    public void A_record_holds_profile_lengths_and_parameter_sets() => Assert.Equal(
        "01" + "42C00C" + "FF" + "E1" + "0018" + Convert.ToHexString(s_baseline) + "01" + "0006" + Convert.ToHexString(s_pps),
        Convert.ToHexString(AvcDecoderConfiguration.Build(s_baseline, s_pps)));

    [Fact]
    public void High_profiles_also_say_chroma_format_and_bit_depth() =>
        Assert.Equal("FDF8F800", Convert.ToHexString(AvcDecoderConfiguration.Build(s_high, s_pps)[^4..]));

    [Fact]
    public void What_was_built_parses_back()
    {
        byte[] record = AvcDecoderConfiguration.Build([s_high, s_baseline], [s_pps, s_pps, s_pps]);
        Assert.True(AvcDecoderConfiguration.TryParse(record, out var configuration));
        Assert.Equal([s_high, s_baseline], configuration.Sps.Select(set => set.ToArray()));
        Assert.Equal(3, configuration.Pps.Count);
        Assert.Equal("avc1.64000D", configuration.CodecString);
    }

    [Fact]
    public void Any_cut_or_damaged_record_is_refused_or_parses_without_harm()
    {
        byte[] record = AvcDecoderConfiguration.Build(s_baseline, s_pps);
        for (int length = 0; length < record.Length; length++)
            Assert.False(AvcDecoderConfiguration.TryParse(record.AsMemory(0, length), out _));

        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            byte[] any = [1, 0x42, 0, 0x1E, 0xFF, .. bytes];
            return !AvcDecoderConfiguration.TryParse(any, out var parsed) || parsed.Sps.Count > 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_record_without_sequence_parameter_set_cannot_be_built() =>
        Assert.Throws<ArgumentException>(() => AvcDecoderConfiguration.Build([], [s_pps]));
}
