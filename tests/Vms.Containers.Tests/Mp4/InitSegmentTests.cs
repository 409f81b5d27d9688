using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

public sealed class InitSegmentTests
{
    // Baseline 3.0 with a short SPS and PPS.
    private static readonly byte[] s_avcC = Convert.FromHexString("0142C01EFFE1000467421EAB01000268CE");

    [Fact]
    public void The_bytes_are_the_golden_ones()
    {
        string init = Convert.ToHexString(Write([new TrackInfo(0, CodecKind.H264, 90_000, s_avcC, 640, 360)]));
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "init-h264.hex")).ReplaceLineEndings(""), init);
    }

    [Fact]
    public void The_reader_gives_back_the_tracks_and_the_length()
    {
        TrackInfo[] tracks = [new(0, CodecKind.H264, 90_000, s_avcC, 640, 360), new(1, CodecKind.H264, 1000, s_avcC, 1920, 1080)];
        byte[] init = Write(tracks);

        Assert.True(Fmp4InitReader.TryRead([.. init, 1, 2, 3], out var read, out int length));
        Assert.Equal(init.Length, length);
        Assert.Equal(tracks, read);
    }

    [Fact]
    public void The_reader_refuses_damaged_and_cut_init_segments_without_throwing()
    {
        byte[] init = Write([new TrackInfo(0, CodecKind.H264, 90_000, s_avcC, 640, 360)]);
        for (int length = 0; length < init.Length; length++) Assert.False(Fmp4InitReader.TryRead(init.AsSpan(0, length), out _, out _));
        Prop.ForAll(Gen.Choose(0, init.Length - 1).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (position, flip) =>
        {
            byte[] damaged = init.ToArray();
            damaged[position] ^= (byte)flip;
            Fmp4InitReader.TryRead(damaged, out _, out _);
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Write(TrackInfo[] tracks)
    {
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, tracks);
        return init.WrittenSpan.ToArray();
    }
}
