using Vms.Containers.Hls;

namespace Vms.Containers.Tests.Hls;

public sealed class HlsVodPlaylistTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, 250, TimeSpan.Zero);

    [Fact]
    public void The_whole_playlist()
    {
        string playlist = HlsVodPlaylist.Write(
            [
                new HlsSegment("a/0-3.m4s", "a/init.mp4", 360_000, true, s_start),
                new HlsSegment("a/4-8.m4s", "a/init.mp4", 378_000, false, s_start.AddSeconds(4)),
                new HlsSegment("b/0-0.m4s", "b/init.mp4", 45_000, true, s_start.AddSeconds(60)),
            ],
            TimeSpan.FromSeconds(1.5));

        Assert.Equal(
            """
            #EXTM3U
            #EXT-X-VERSION:7
            #EXT-X-TARGETDURATION:5
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:VOD
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-START:TIME-OFFSET=1.500,PRECISE=YES
            #EXT-X-MAP:URI="a/init.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:00.250Z
            #EXTINF:4.00000,
            a/0-3.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:30:04.250Z
            #EXTINF:4.20000,
            a/4-8.m4s
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="b/init.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T09:31:00.250Z
            #EXTINF:0.50000,
            b/0-0.m4s
            #EXT-X-ENDLIST

            """.ReplaceLineEndings("\n"),
            playlist);
    }

    [Fact]
    public void A_playlist_that_starts_at_its_beginning_does_not_say_so() =>
        Assert.DoesNotContain(
            "EXT-X-START",
            HlsVodPlaylist.Write([new HlsSegment("a", "i", 1, true, s_start)], TimeSpan.Zero),
            StringComparison.Ordinal);
}
