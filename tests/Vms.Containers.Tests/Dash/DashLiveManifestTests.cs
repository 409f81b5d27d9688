using System.Xml.Linq;
using Vms.Containers.Dash;

namespace Vms.Containers.Tests.Dash;

public sealed class DashLiveManifestTests
{
    private static readonly XNamespace s_mpd = "urn:mpeg:dash:schema:mpd:2011";
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly DashLiveManifest s_manifest = new(
        "main/t/x.y/", "main/t/x.y/live.mpd", s_start, s_start.AddSeconds(30), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(0.2),
        4_000_000,
        [
            new DashPeriod(7, TimeSpan.Zero, 900_000, "init-7.mp4", "avc1.4D401E", 640, 360,
                [new DashSegment(7, 900_000, 360_000), new DashSegment(8, 1_260_000, 360_000), new DashSegment(9, 1_800_000, 360_000)]),
            new DashPeriod(10, TimeSpan.FromSeconds(20), 0, "init-10.mp4", "avc1.42C01F", 320, 180, [new DashSegment(10, 0, 360_000)]),
        ]);

    [Fact]
    public void A_growing_segment_can_be_asked_for_when_its_first_part_is_there()
    {
        var mpd = XDocument.Parse(s_manifest.Write()).Root!;
        Assert.Equal("dynamic", (string?)mpd.Attribute("type"));
        Assert.Equal("2026-11-21T09:30:00.000Z", (string?)mpd.Attribute("availabilityStartTime"));
        Assert.Equal("main/t/x.y/", mpd.Element(s_mpd + "BaseURL")!.Value);
        Assert.Equal("main/t/x.y/live.mpd", mpd.Element(s_mpd + "Location")!.Value);
        var template = mpd.Descendants(s_mpd + "SegmentTemplate").First();
        Assert.Equal("3.800", (string?)template.Attribute("availabilityTimeOffset"));
        Assert.Equal("false", (string?)template.Attribute("availabilityTimeComplete"));
        Assert.Equal("7", (string?)template.Attribute("startNumber"));
        Assert.Equal("900000", (string?)template.Attribute("presentationTimeOffset"));
        Assert.Equal("2026-11-21T09:30:30.000Z", (string?)mpd.Element(s_mpd + "UTCTiming")!.Attribute("value"));
    }

    [Fact]
    public void A_segment_that_does_not_follow_says_when_it_starts()
    {
        var mpd = XDocument.Parse(s_manifest.Write()).Root!;
        var first = mpd.Elements(s_mpd + "Period").First().Descendants(s_mpd + "S").ToList();
        Assert.Equal(["900000", null, "1800000"], first.Select(s => (string?)s.Attribute("t")));
        Assert.All(first, s => Assert.Equal("360000", (string?)s.Attribute("d")));
    }

    [Fact]
    public void Other_parameters_are_another_period() => Assert.Equal(
        [("7", "PT0.000S", "init-7.mp4"), ("10", "PT20.000S", "init-10.mp4")],
        XDocument.Parse(s_manifest.Write()).Root!.Elements(s_mpd + "Period").Select(p => (
            (string)p.Attribute("id")!, (string)p.Attribute("start")!, (string)p.Descendants(s_mpd + "SegmentTemplate").Single().Attribute("initialization")!)));
}
