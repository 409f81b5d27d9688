using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.StreamLog.Layout;

namespace Vms.StreamLog.Tests;

public sealed class TrackTableTests
{
    [Fact]
    public void Tables_come_back_as_they_went_in()
    {
        TrackInfo[] tracks = [TestSamples.Video, TestSamples.Audio, new(7, CodecKind.Aac, 48_000, new byte[] { 0x11, 0x90 }, 0, 0)];
        Assert.True(TrackTable.TryDecode(TrackTable.Encode(tracks), out IReadOnlyList<TrackInfo> decoded));
        Assert.Equal(tracks, decoded);
        Assert.True(TrackTable.TryDecode(TrackTable.Encode([]), out decoded));
        Assert.Empty(decoded);
    }

    [Fact]
    public void Any_bytes_are_a_table_or_refused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => { TrackTable.TryDecode(bytes, out _); }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Every_cut_table_is_refused()
    {
        byte[] whole = TrackTable.Encode([TestSamples.Video, TestSamples.Audio]);
        for (int length = 0; length < whole.Length; length++)
            Assert.False(TrackTable.TryDecode(whole.AsSpan(0, length), out _));
    }

    [Fact]
    public void A_table_beyond_the_ceilings_is_refused_and_the_old_one_stays()
    {
        using var log = new LogFixture();
        using StreamLogWriter writer = log.OpenWriter(LogFixture.Fixed(1 << 16));
        writer.SetTracks([TestSamples.Video]);
        Assert.Throws<StreamLogException>(() => writer.SetTracks([TestSamples.Video with { CodecParameters = new byte[StreamLogWriter.MaxTrackTableBytes] }]));
        Assert.Throws<StreamLogException>(() => writer.SetTracks([.. Enumerable.Range(0, 9).Select(i => TestSamples.Audio with { Id = (byte)i })]));
        Assert.Equal([TestSamples.Video], writer.Tracks);
        Assert.Equal(1u, writer.TracksVersion);
    }
}
