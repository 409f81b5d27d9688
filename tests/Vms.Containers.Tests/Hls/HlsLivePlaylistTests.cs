using Vms.Containers.Hls;

namespace Vms.Containers.Tests.Hls;

public sealed class HlsLivePlaylistTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, 250, TimeSpan.Zero);
    private static readonly HlsLivePart s_part = new(18_000, false);
    private static readonly HlsLivePart s_keyPart = new(18_000, true);

    [Fact]
    public void The_whole_playlist()
    {
        var playlist = new HlsLivePlaylist(
            TargetDurationSeconds: 1, PartTargetTicks: 18_000, DiscontinuitySequence: 2,
            [
                Segment(40, 0, 90_000),
                Segment(41, 1, 90_000),
                Segment(42, 2, 90_000),
                Segment(43, 3, 90_000) with { Parts = [s_keyPart, s_part, s_part, s_part, s_part] },
                new HlsLiveSegment(44, "init-44.mp4", true, s_start.AddSeconds(10), null, true, [s_keyPart, new HlsLivePart(16_200, false)]),
            ]);

        Assert.Equal(
            """
            #EXTM3U
            #EXT-X-VERSION:9
            #EXT-X-TARGETDURATION:1
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.60000,CAN-SKIP-UNTIL=6.0
            #EXT-X-PART-INF:PART-TARGET=0.20000
            #EXT-X-MEDIA-SEQUENCE:40
            #EXT-X-DISCONTINUITY-SEQUENCE:2
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MAP:URI="init-40.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:00.250Z
            #EXTINF:1.00000,
            40.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:01.250Z
            #EXTINF:1.00000,
            41.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:02.250Z
            #EXT-X-PART:DURATION=0.20000,URI="42.0.m4s",INDEPENDENT=YES
            #EXTINF:1.00000,
            42.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:03.250Z
            #EXT-X-PART:DURATION=0.20000,URI="43.0.m4s",INDEPENDENT=YES
            #EXT-X-PART:DURATION=0.20000,URI="43.1.m4s"
            #EXT-X-PART:DURATION=0.20000,URI="43.2.m4s"
            #EXT-X-PART:DURATION=0.20000,URI="43.3.m4s"
            #EXT-X-PART:DURATION=0.20000,URI="43.4.m4s"
            #EXTINF:1.00000,
            43.m4s
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="init-44.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:10.250Z
            #EXT-X-PART:DURATION=0.20000,URI="44.0.m4s",INDEPENDENT=YES
            #EXT-X-PART:DURATION=0.18000,URI="44.1.m4s"
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="44.2.m4s"

            """.ReplaceLineEndings("\n"),
            playlist.Write(skip: false));
    }

    [Fact]
    public void A_delta_update_leaves_out_what_lies_before_the_skip_boundary()
    {
        var playlist = new HlsLivePlaylist(1, 18_000, 0, [.. Enumerable.Range(0, 10).Select(i => Segment(i, i, 90_000))]);
        var delta = playlist.Write(skip: true);
        Assert.Contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n", delta, StringComparison.Ordinal);
        Assert.Contains("\n4.m4s\n", delta, StringComparison.Ordinal);
        Assert.DoesNotContain("\n3.m4s\n", delta, StringComparison.Ordinal);
        Assert.EndsWith("URI=\"10.0.m4s\"\n", delta, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_playlist_is_sent_whole_instead_of_a_delta()
    {
        var playlist = new HlsLivePlaylist(4, 18_000, 0, [Segment(1, 0, 360_000), Segment(2, 4, 360_000)]);
        Assert.Equal(playlist.Write(skip: false), playlist.Write(skip: true));
    }

    [Fact]
    public void A_segment_without_a_keyframe_takes_the_promise_back()
    {
        var playlist = new HlsLivePlaylist(4, 18_000, 0, [Segment(1, 0, 360_000), Segment(2, 4, 360_000) with { StartsWithKeyframe = false }]);
        Assert.DoesNotContain("INDEPENDENT-SEGMENTS", playlist.Write(skip: false), StringComparison.Ordinal);
    }

    [Fact]
    public void The_multivariant_playlist_names_its_one_variant() => Assert.Equal(
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=4000000,CODECS=\"avc1.4D401E\",RESOLUTION=640x360,FRAME-RATE=25.000\nmain/live.m3u8\n",
        new HlsMultivariantPlaylist("main/live.m3u8", "avc1.4D401E", 640, 360, 25, 4_000_000).Write());

    private static HlsLiveSegment Segment(long number, int second, long duration) =>
        new(number, "init-40.mp4", false, s_start.AddSeconds(second), duration, true, [s_keyPart]);
}
