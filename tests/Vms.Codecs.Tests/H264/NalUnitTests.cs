using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs.H264;

namespace Vms.Codecs.Tests.H264;

public sealed class NalUnitTests
{
    [Theory]
    [InlineData("00000001 67AA 000001 68BB 00000001 6588", "67AA 68BB 6588")]
    [InlineData("FF FF 000001 6588", "6588")]
    [InlineData("000001 6588 0000 000001 4101 000000", "6588 4101")]
    [InlineData("000001 000001 6588", "6588")]
    [InlineData("6588", "")]
    [InlineData("000001", "")]
    [InlineData("", "")]
    public void A_byte_stream_splits_at_start_codes(string stream, string expected)
    {
        var units = new List<string>();
        foreach (var nal in new AnnexB(Bytes(stream)))
            units.Add(Convert.ToHexString(nal));
        Assert.Equal(expected, string.Join(' ', units));
    }

    [Theory]
    [InlineData("00000002 6588 00000001 41", "6588 41", true)]
    [InlineData("00000002 6588 00000009 41", "6588", false)]
    [InlineData("00000002 6588 00000000", "6588", false)]
    [InlineData("FFFFFFFF 65", "", false)]
    [InlineData("000000", "", false)]
    [InlineData("", "", false)]
    public void A_sample_splits_at_its_lengths(string sample, string expected, bool wellFormed)
    {
        var units = new List<string>();
        foreach (var nal in new NalUnits(Bytes(sample)))
            units.Add(Convert.ToHexString(nal));
        Assert.Equal(expected, string.Join(' ', units));
        Assert.Equal(wellFormed, NalUnits.IsWellFormed(Bytes(sample)));
    }

    [Fact]
    public void Any_bytes_split_without_harm_and_length_prefixing_is_well_formed() =>
        Prop.ForAll(
            Gen.Frequency((3, Gen.Constant((byte)0)), (2, Gen.Constant((byte)1)), (3, ArbMap.Default.GeneratorFor<byte>())).ArrayOf().ToArbitrary(),
            bytes =>
            {
                var output = new ArrayBufferWriter<byte>();
                AnnexB.ToLengthPrefixed(bytes, output);
                foreach (var nal in new NalUnits(bytes))
                    _ = nal.Length;
                return output.WrittenCount == 0 || NalUnits.IsWellFormed(output.WrittenSpan);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Theory]
    [InlineData("6588", 0, 2)]
    [InlineData("419A", 0, 0)]
    [InlineData("019E", 0, 1)]
    [InlineData("414600", 1, 0)]
    [InlineData("654200", 1, 2)]
    public void The_head_of_a_slice_says_where_and_what_it_is(string nal, int firstMb, int type)
    {
        Assert.True(H264Slice.TryParse(Bytes(nal), out var slice));
        Assert.Equal((firstMb, type), (slice.FirstMb, slice.SliceType));
    }

    [Theory]
    [InlineData("6788")]
    [InlineData("6388")]
    [InlineData("65")]
    [InlineData("650000000000")]
    public void What_has_no_slice_header_is_refused(string nal) => Assert.False(H264Slice.TryParse(Bytes(nal), out _));

    [Theory]
    [InlineData("0606 01 C4 80", true)]
    [InlineData("0605 02 AABB 06 01 C4 80", true)]
    [InlineData("0605 02 AABB 80", false)]
    [InlineData("06FF05 01 00 80", false)]
    [InlineData("0606", false)]
    [InlineData("06", false)]
    public void A_recovery_point_is_found_among_messages(string nal, bool expected) =>
        Assert.Equal(expected, H264Sei.HasRecoveryPoint(Bytes(nal)));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
