using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Rtp.Tests.Testing;

public sealed class FootageTests
{
    [Fact]
    public async Task Every_frame_carries_its_number_in_pixels()
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        Assert.Equal(FootageSpec.Small.Seconds * FootageSpec.Small.FrameRate, footage.Frames.Count);

        var numbers = await FfProbe.FrameNumbersAsync(footage.Path);

        Assert.Equal(Enumerable.Range(0, footage.Frames.Count).Select(number => (int?)number), numbers);
    }

    [Fact]
    public async Task Every_gop_begins_where_the_spec_says()
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        Assert.All(footage.Frames.Index(), frame => Assert.Equal(frame.Index % FootageSpec.Small.GopLength == 0, frame.Item.IsKeyframe));
    }

    [Fact]
    public void A_stamp_is_found_in_any_bytes()
    {
        var stamp = new FrameStamp(3, 4_000_000_000, 123_456_789_012_345);
        byte[] sei = stamp.ToSei();
        Assert.Equal(FrameStamp.SeiLength, sei.Length);

        byte[] bytes = [1, 2, 3, .. sei, 0, .. new FrameStamp(4, 5, 6).ToSei(), .. "VMSSIM c=000"u8];
        Assert.Equal([stamp, new FrameStamp(4, 5, 6)], FrameStamp.FindAll(bytes));
        Assert.True(FrameStamp.TryFind(bytes, out var first));
        Assert.Equal(stamp, first);
    }
}
