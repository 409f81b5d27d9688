using System.Globalization;
using System.Text;
using Vms.Control.Devices.Hikvision;

namespace Vms.Control.Tests.Devices.Hikvision;

public sealed class IsapiTests
{
    [Theory]
    [InlineData("<l><i><a>1</a><b><c>x &amp; y</c></b></i></l>", "1", "x & y")]
    [InlineData("<l xmlns:h=\"u\"><h:i><h:A> 1 </h:A><h:b><h:C>x</h:C></h:b></h:i></l>", "1", "x")]
    [InlineData("<l><h:i><u:a>1</u:a></h:i></l>", "1", null)]                          // undeclared prefixes
    [InlineData("<l><i><a>1</a><b><c>rtsp://h/p?s=1&e=2&amp;n=3&#38;</c></b>", null, null)]
    [InlineData("<l><i><a>1</a><b><c>rtsp://h/p?s=1&e=2&amp;n=3&#38;</c></b></i>", "1", "rtsp://h/p?s=1&e=2&n=3&")]
    [InlineData("<l><i><a><![CDATA[1]]></a><a>2</a><b/></i></l>", "1", null)]
    public void Texts_are_found_by_their_path(string document, string? a, string? c)
    {
        var item = IsapiXml.First(Encoding.UTF8.GetBytes(document), "i");
        Assert.Equal(a, item?["a"]);
        Assert.Equal(c, item?["b/c"]);
    }

    [Fact]
    public void A_document_type_ends_the_reading_and_nothing_is_fetched()
    {
        byte[] bomb = Encoding.UTF8.GetBytes("<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]><l><i><a>&a;&b;</a></i></l>");
        Assert.Null(IsapiXml.First(bomb, "i"));
    }

    [Fact]
    public void Ceilings_hold()
    {
        var items = new List<IsapiItem>();
        IsapiXml.Read(Encoding.UTF8.GetBytes("<l>" + string.Concat(Enumerable.Repeat("<i><a>1</a></i>", IsapiXml.MaxItems + 5)) + "</l>"), "i", items);
        Assert.Equal(IsapiXml.MaxItems, items.Count);

        var item = IsapiXml.First(
            Encoding.UTF8.GetBytes($"<i><long>{new string('x', IsapiXml.MaxText + 1)}</long>{string.Concat(Enumerable.Repeat("<a>1</a>", IsapiXml.MaxFields + 5))}</i>"), "i")!;
        Assert.Equal(IsapiXml.MaxFields, item.Count);
        Assert.Null(item["long"]);

        string deep = string.Concat(Enumerable.Repeat("<d>", 10_000));
        Assert.False(IsapiXml.Read(Encoding.UTF8.GetBytes("<l>" + deep), "i", []));
    }

    [Theory]
    [InlineData("CST-8:00:00", 480, 480)]
    [InlineData("CST-0:00:00", 0, 0)]
    [InlineData("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00", 60, 120)]
    [InlineData("EST+5:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00", -300, -240)]
    [InlineData("IST-5:30", 330, 330)]
    [InlineData("AEST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00", 660, 600)]     // summer over the new year
    public void A_zone_is_read_as_the_device_means_it(string rule, int minutesInJanuary, int minutesInJuly)
    {
        var zone = IsapiTime.Zone(rule)!;
        Assert.Equal(TimeSpan.FromMinutes(minutesInJanuary), Offset(new DateTime(2026, 1, 15, 12, 0, 0)));
        Assert.Equal(TimeSpan.FromMinutes(minutesInJuly), Offset(new DateTime(2026, 7, 15, 12, 0, 0)));

        TimeSpan Offset(DateTime local) => local - zone.ToUtc(local)!.Value.UtcDateTime;
    }

    [Theory]
    [InlineData("")]
    [InlineData("CST")]
    [InlineData("CST-99:00:00")]
    [InlineData("CST-8:00:00DST")]
    public void What_is_no_zone_is_none(string rule) => Assert.Null(IsapiTime.Zone(rule));

    [Theory]
    [InlineData("<Time><localTime>2026-11-30T18:20:11+05:30</localTime></Time>", 330)]
    [InlineData("<Time><localTime>2026-11-30T18:20:11</localTime></Time>", 0)]
    [InlineData("<Time><localTime>2026-11-30T18:20:11+01:00</localTime><timeZone>nonsense</timeZone></Time>", 60)]
    [InlineData("nonsense", 0)]
    public void Without_a_rule_the_clock_says_where_it_is(string document, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), IsapiTime.Zone(Encoding.UTF8.GetBytes(document)).BaseOffset);

    [Theory]
    [InlineData("2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z")]     // the hour that spring leaves out
    [InlineData("2026-10-25T02:30:00Z", "2026-10-25T01:30:00Z")]     // the hour that comes twice: winter's
    [InlineData("2026-07-01T12:00:00+05:00", "2026-07-01T07:00:00Z")]
    [InlineData("20260701T120000Z", "2026-07-01T10:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z", null)]
    [InlineData("0001-01-01T00:00:00+14:00", null)]
    [InlineData("yesterday", null)]
    public void Times_become_UTC_or_nothing(string text, string? expected)
    {
        var zone = IsapiTime.Zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")!;
        Assert.Equal(expected, IsapiTime.Read(text, zone)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
