using System.Text;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Soap;

public sealed class SoapReaderTests
{
    [Fact]
    public void Local_names_attributes_and_trimmed_text_are_read()
    {
        var root = Read("""<?xml version="1.0"?><a:r xmlns:a="urn:x"><a:c a:token="t" other="&#65;&lt;"> <![CDATA[ x ]]>y </a:c><c/><d><c>inner</c></d></a:r>""")!;
        Assert.Equal("r", root.Name);
        Assert.Equal("x y", root.TextAt("c"));
        Assert.Equal("t", root.Child("c")!.Attribute("token"));
        Assert.Equal("A<", root.Child("c")!.Attribute("other"));
        Assert.Null(root.Child("c")!.Attribute("none"));
        Assert.Equal(2, root.ChildrenNamed("c").Count());
        Assert.Equal("inner", root.TextAt("d", "c"));
        Assert.Equal("inner", root.Child("d")!.Descendant("c")!.Text);
    }

    [Theory]
    [InlineData("<r><tad:x tad:y='1'>v</tad:x></r>")]                                // Reolink TrackMix: a prefix nothing declares
    [InlineData("\r\n\uFEFF <?xml version='1.0' encoding='utf-8'?><r><x>v</x></r>\0\0\r\n")]
    [InlineData("<?xml version='1.0' encoding='gb2312'?><r><x>v</x></r>")]
    [InlineData("<!-- before --><r><?pi?><x>v<!-- in --></x></r>")]
    public void What_devices_write_beside_the_rules_is_read(string document) => Assert.Equal("v", Read(document)!.TextAt("x"));

    [Fact]
    public void Characters_that_no_document_may_hold_end_the_reading() => Assert.Null(Read("<r><x>a&#0;b</x></r>"));

    [Fact]
    public void Utf16_is_told_by_its_mark() =>
        Assert.Equal("v", SoapReader.Read([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("<r><x>v</x></r>")])!.TextAt("x"));

    [Theory]
    [InlineData("")]
    [InlineData("not XML")]
    [InlineData("<html><br></html>")]
    [InlineData("<r><x>v</x>")]
    [InlineData("""<!DOCTYPE r [<!ENTITY e "boom">]><r>&e;</r>""")]
    [InlineData("""<!DOCTYPE r SYSTEM "http://192.0.2.1/x.dtd"><r/>""")]
    public void What_is_none_and_what_has_a_DTD_is_not(string document) => Assert.Null(Read(document));

    [Fact]
    public void An_entity_that_nothing_declares_stands_for_nothing() => Assert.Equal("ab", Read("<r>a&e;b</r>")!.Text);

    [Fact]
    public void Ceilings_hold()
    {
        Assert.NotNull(Read(Nested(SoapReader.MaxDepth)));
        Assert.Null(Read(Nested(SoapReader.MaxDepth + 1)));
        Assert.Null(Read("<r>" + string.Concat(Enumerable.Repeat("<x/>", SoapReader.MaxElements)) + "</r>"));
        Assert.Null(Read("<r " + string.Join(' ', Enumerable.Range(0, SoapReader.MaxAttributes + 1).Select(i => $"a{i}=''")) + "/>"));
        Assert.Null(SoapReader.Read(new byte[SoapReader.MaxDocument + 1]));
    }

    [Theory]
    [InlineData("25", 25)]
    [InlineData("25.000000", 25)]
    [InlineData("1e300", null)]
    [InlineData("NaN", null)]
    [InlineData("", null)]
    [InlineData("many", null)]
    public void Numbers_are_read_as_devices_write_them(string text, int? expected) => Assert.Equal(expected, Read($"<r><n>{text}</n></r>")!.IntegerAt("n"));

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("<x>", depth)) + string.Concat(Enumerable.Repeat("</x>", depth));

    private static SoapElement? Read(string document) => SoapReader.Read(Encoding.UTF8.GetBytes(document));
}
