using FsCheck;
using FsCheck.Fluent;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

public sealed class FragmentScannerTests
{
    private static readonly TestSegment s_segment = TestSegment.Write(TestFootage.Plain);

    [Fact]
    public void A_whole_file_gives_the_table_the_writer_had()
    {
        var scan = Scan(s_segment.File);

        Assert.Equal(s_segment.Fragments, scan.Fragments);
        Assert.Equal(s_segment.Headers[^1], scan.Last);
        Assert.Equal(s_segment.File.Length, scan.GoodEnd);
        Assert.Equal(0, scan.DamagedBytes);
        Assert.True(GopTable.TryDecode(scan.EncodeGopTable(), out var table));
        Assert.Equal(s_segment.Fragments, table);
    }

    [Fact]
    public void Cut_anywhere_the_last_good_fragment_is_found() =>
        Prop.ForAll(Gen.Choose(0, s_segment.File.Length).ToArbitrary(), Gen.Choose(1, 3).ToArbitrary(), (length, verifyLast) =>
        {
            var expected = s_segment.Fragments.Where(f => f.EndOffset <= length).ToList();
            var scan = Scan(s_segment.File.AsSpan(0, length).ToArray(), verifyLast);
            return scan.Fragments.SequenceEqual(expected) && scan.GoodEnd == (expected.Count > 0 ? expected[^1].EndOffset : s_segment.InitBytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tail_of_zeros_or_garbage_is_cut_off() =>
        Prop.ForAll(
            Gen.Choose(s_segment.InitBytes, s_segment.File.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (from, fill) =>
            {
                byte[] file = s_segment.File.ToArray();
                file.AsSpan(from).Fill((byte)fill);
                file[from] = (byte)(s_segment.File[from] ^ 0x55);
                return Scan(file).Fragments.SequenceEqual(s_segment.Fragments.Where(f => f.EndOffset <= from));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Flipped_bits_cost_the_fragments_they_hit_and_no_other() =>
        Prop.ForAll(Gen.ListOf(Gen.Choose(s_segment.InitBytes * 8, s_segment.File.Length * 8 - 1), 3).ToArbitrary(), bits =>
        {
            byte[] file = s_segment.File.ToArray();
            foreach (int bit in bits.Distinct()) file[bit / 8] ^= (byte)(1 << bit % 8);
            var expected = s_segment.Fragments.Where(f => !bits.Any(b => b / 8 >= f.Offset && b / 8 < f.EndOffset)).ToList();
            var scan = Scan(file);
            return scan.Fragments.SequenceEqual(expected)
                && scan.GoodEnd == (expected.Count > 0 ? expected[^1].EndOffset : s_segment.InitBytes)
                && scan.DamagedBytes == scan.GoodEnd - s_segment.InitBytes - expected.Sum(f => (long)f.Length);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_damaged_payload_before_the_verified_tail_is_trusted_and_within_it_is_not()
    {
        byte[] file = s_segment.File.ToArray();
        file[s_segment.Fragments[2].EndOffset - 1] ^= 1;

        Assert.Equal(s_segment.Fragments, Scan(file, verifyLast: 2).Fragments);
        Assert.Equal(s_segment.Fragments.Where((_, i) => i != 2), Scan(file).Fragments);

        file[s_segment.Fragments[^1].EndOffset - 1] ^= 1;
        Assert.Equal(s_segment.Fragments.SkipLast(1), Scan(file, verifyLast: 1).Fragments);
    }

    [Fact]
    public void Any_bytes_at_all_give_no_fragment_and_no_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => Scan([.. new byte[s_segment.InitBytes], .. bytes]).Fragments.Count == 0)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Headers_that_lie_across_two_reads_are_found_after_damage()
    {
        // The damaged first fragment is longer than one read of the scanner by every small amount.
        byte[] fragment = s_segment.File[(int)s_segment.Fragments[1].Offset..(int)s_segment.Fragments[1].EndOffset];
        for (int junk = 65_400; junk < 65_700; junk++)
        {
            byte[] file = [.. new byte[junk], .. fragment];
            using var stream = new MemoryStream(file);
            Assert.Equal(junk, Assert.Single(Fmp4FragmentScanner.Scan(stream, 0).Fragments).Offset);
        }
    }

    private static FragmentScan Scan(byte[] file, int verifyLast = int.MaxValue)
    {
        using var stream = new MemoryStream(file);
        return Fmp4FragmentScanner.Scan(stream, s_segment.InitBytes, verifyLast);
    }
}
