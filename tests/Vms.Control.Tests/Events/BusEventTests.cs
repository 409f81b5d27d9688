using System.Text;
using Vms.Control.Devices.Nvr;
using Vms.Control.Events;

namespace Vms.Control.Tests.Events;

public sealed class BusEventTests
{
    [Theory]
    [InlineData("""{"id":"x\u0000","type":"t","at":"2026-11-21T12:00:00Z"}""")]
    [InlineData("""{"id":"x","type":"t\u0000","at":"2026-11-21T12:00:00Z"}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","cameraId":"\u0000"}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","source":"\u0000"}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":[{"b":"c\u0000"}]}}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a\u0000":1}}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":"\udc00"}}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":-1e999999}}""")]
    public void What_cannot_be_stored_is_no_event(string message) => Assert.Null(Parse(message));

    [Fact]
    public void Whole_characters_of_all_kinds_are_kept()
    {
        var happened = Parse("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":"\\u0000 \ud83d\ude00 \t"}}""");
        Assert.Contains("\\\\u0000", happened!.DataJson, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\0b\u0001", "a b ")]
    [InlineData("Haupt\u00fc", "Haupt\u00fc")]
    [InlineData(null, "")]
    public void A_recorder_s_texts_have_no_control_characters(string? told, string kept) => Assert.Equal(kept, NvrFacts.Cut(told));

    [Fact]
    public void A_text_that_is_cut_ends_with_a_whole_character() =>
        Assert.Equal(new string('x', NvrFacts.MaxText - 1), NvrFacts.Cut(new string('x', NvrFacts.MaxText - 1) + "\ud83d\ude00"));

    private static BusEvent? Parse(string message) => BusEvent.TryParse("vms.events.default._.t", Encoding.UTF8.GetBytes(message));
}
