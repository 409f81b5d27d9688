using System.Text;
using Npgsql;
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
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":1e-400}}""")]
    [InlineData("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":[-0.5e-310]}}""")]
    public void What_cannot_be_stored_is_no_event(string message) => Assert.Null(Parse(message));

    [Fact]
    public void Whole_characters_of_all_kinds_are_kept()
    {
        var happened = Parse("""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":"\\u0000 \ud83d\ude00 \t"}}""");
        Assert.Contains("\\\\u0000", happened!.DataJson, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.000e-400")]
    [InlineData("1e-300")]
    [InlineData("-12.5")]
    public void Nothing_is_a_number_too(string number) => Assert.NotNull(Parse($$$"""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"a":{{{number}}}}}"""));

    [Theory]
    [InlineData("a\0b\u0001", "a b ")]
    [InlineData("Haupt\u00fc", "Haupt\u00fc")]
    [InlineData(null, "")]
    public void A_recorder_s_texts_have_no_control_characters(string? told, string kept) => Assert.Equal(kept, NvrFacts.Cut(told));

    [Fact]
    public void A_text_that_is_cut_ends_with_a_whole_character() =>
        Assert.Equal(new string('x', NvrFacts.MaxText - 1), NvrFacts.Cut(new string('x', NvrFacts.MaxText - 1) + "\ud83d\ude00"));

    [Theory]
    [InlineData("plate", 64)]
    [InlineData("zone", 128)]
    [InlineData("line", 128)]
    public void What_events_are_found_by_is_no_longer_than_an_index_holds(string name, int most)
    {
        Assert.NotNull(Parse(With(most)));
        Assert.Null(Parse(With(most + 1)));

        string With(int length) => $$$"""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"{{{name}}}":"{{{new string('x', length)}}}"}}""";
    }

    [Fact]
    public void An_event_of_a_camera_with_an_endless_id_is_none()
    {
        var id = new string('x', 129);
        Assert.Null(BusEvent.TryParse($"vms.events.default.{id}.t", Encoding.UTF8.GetBytes($$"""{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","cameraId":"{{id}}"}""")));
    }

    [Theory]
    [InlineData("54000", true)]
    [InlineData("22P05", true)]
    [InlineData("53300", false)]
    [InlineData("5", false)]
    public void An_event_that_is_more_than_the_database_takes_is_refused_and_one_for_which_it_has_no_room_is_not(string sqlState, bool isRefusal) =>
        Assert.Equal(isRefusal, EventConsumer.IsRefusal(new PostgresException("", "ERROR", "ERROR", sqlState)));

    private static BusEvent? Parse(string message) => BusEvent.TryParse("vms.events.default._.t", Encoding.UTF8.GetBytes(message));
}
