using Vms.Codecs.H264;

namespace Vms.Codecs.Tests.H264;

public sealed class H264ParameterSetsTests
{
    private static readonly byte[] s_small = Convert.FromHexString("6742c00cd90141fb0110000003001000000301e0f142a480");
    private static readonly byte[] s_other = Convert.FromHexString("6764000dacd94141feab011000003e90000ea600f1429960");
    private static readonly byte[] s_pps = Convert.FromHexString("68ebe3cb22c0");
    private static readonly byte[] s_otherPps = Convert.FromHexString("68ebe3cb22d0");

    private readonly H264ParameterSets _sets = new();

    [Fact]
    public void Repeating_what_is_known_changes_nothing_and_allocates_nothing()
    {
        Assert.True(_sets.Update(s_small));
        Assert.True(_sets.Update(s_pps));
        Assert.True(_sets.IsComplete);
        uint version = _sets.Version;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Assert.False(_sets.Update(s_small));
            Assert.False(_sets.Update(s_pps));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(version, _sets.Version);
    }

    [Fact]
    public void A_changed_set_replaces_the_one_with_its_id()
    {
        _sets.Update(s_small);
        _sets.Update(s_pps);
        uint version = _sets.Version;

        Assert.True(_sets.Update(s_other));
        Assert.True(_sets.Update(s_otherPps));

        Assert.Equal(version + 2, _sets.Version);
        Assert.Equal(318, _sets.Sps.Width);
        Assert.Equal(AvcDecoderConfiguration.Build(s_other, s_otherPps), _sets.ToConfiguration());
    }

    [Fact]
    public void Garbage_is_ignored()
    {
        Assert.False(_sets.Update([]));
        Assert.False(_sets.Update([0x67]));
        Assert.False(_sets.Update([0x67, 1, 2, 3, 4, 5]));
        Assert.False(_sets.Update([0x65, 0x88, 0x80]));
        Assert.False(_sets.Update(new byte[10_000]));
        Assert.False(_sets.Update([0x68, 0, 0]));
        Assert.False(_sets.IsComplete);
        Assert.Equal(0u, _sets.Version);
    }

    [Fact]
    public void Clearing_counts_as_a_change()
    {
        _sets.Update(s_small);
        _sets.Clear();
        Assert.Equal(2u, _sets.Version);
        Assert.False(_sets.IsComplete);
        Assert.Equal(0, _sets.Sps.Width);
    }
}
