using FsCheck;
using FsCheck.Fluent;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

public sealed class FragmentPatchTests
{
    private static readonly TestSegment s_segment = TestSegment.Write(TestFootage.Plain);

    [Fact]
    public void Without_parameter_sets_only_the_fields_named_change()
    {
        byte[] stored = Fragment(1);
        byte[] moved = stored.ToArray();
        Assert.True(new FragmentPatch(0xA1A2A3A4, 900_000, [TestFootage.Plain.Track], [2], default).TryApply(moved));

        int moof = FragmentHeader.SizeOf(1);
        // uuid → free; mfhd sequence_number; tfhd sample_description_index; tfdt baseMediaDecodeTime
        int[] allowed = [.. Enumerable.Range(4, 4), .. Enumerable.Range(moof + 20, 4), .. Enumerable.Range(moof + 48, 4), .. Enumerable.Range(moof + 64, 8)];
        Assert.All(Enumerable.Range(0, stored.Length), i => Assert.True(stored[i] == moved[i] || allowed.Contains(i), $"byte {i} changed"));
        Assert.Equal([0xA1, 0xA2, 0xA3, 0xA4], moved[(moof + 20)..(moof + 24)]);
    }

    [Fact]
    public void What_is_no_fragment_is_refused_and_never_throws() =>
        Prop.ForAll(Gen.Choose(0, 2000).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), Gen.Choose(0, 2000).ToArbitrary(), (position, flip, cut) =>
        {
            byte[] damaged = Fragment(0);
            damaged[position] ^= (byte)flip;
            var patch = new FragmentPatch(1, 0, [TestFootage.Plain.Track], [1], default);
            patch.TryApply(damaged.AsSpan(0, Math.Min(damaged.Length, cut)));
            bool inHeader = position < FragmentHeader.SizeOf(1);
            return !patch.TryApply(damaged) || !inHeader;
        }).QuickCheckThrowOnFailure();

    private static byte[] Fragment(int index) =>
        s_segment.File[(int)s_segment.Fragments[index].Offset..(int)s_segment.Fragments[index].EndOffset];
}
