using System.Text.RegularExpressions;

namespace Vms.Repo.Tests;

/// <summary>Log events: one id each in the whole product, in the range of their project.</summary>
public sealed partial class LoggingTests
{
    private static readonly Dictionary<string, (int From, int To)> s_ranges = new()
    {
        ["Vms.Control"] = (1000, 1999),
        ["Vms.Media"] = (2000, 2999),
        ["Vms.Recorder"] = (3000, 3999),
        ["Vms.Ai"] = (4000, 4999),
        ["Vms.Cli"] = (5000, 5999),
        ["Vms.Hosting"] = (6000, 6099),
        ["Vms.Bus"] = (6100, 6199),
        ["Vms.Rpc"] = (6200, 6299),
        ["Vms.Postgres"] = (6300, 6399),
        ["Vms.StreamLog"] = (6400, 6499),
        ["Vms.Native"] = (6500, 6599),
    };

    private static readonly (string Place, string Project, int Id)[] s_events =
    [
        .. from file in Sources.Under("src", ".cs")
           from Match match in LoggerMessage().Matches(file.Text)
           select (file.Place, Sources.ProjectOf(file.Place), int.Parse(match.Groups["id"].ValueSpan)),
    ];

    [Fact]
    public void Events_are_found() => Assert.True(s_events.Length > 20, $"only {s_events.Length} log events");

    [Fact]
    public void Event_ids_are_unique() => Rule.Holds(
        from same in s_events.GroupBy(e => e.Id)
        where same.Count() > 1
        select $"{same.Key}: {string.Join(", ", same.Select(e => e.Place))}");

    [Fact]
    public void Event_ids_are_in_the_range_of_their_project() => Rule.Holds(
        from e in s_events
        where !s_ranges.TryGetValue(e.Project, out var range) || e.Id < range.From || e.Id > range.To
        select $"{e.Place}: {e.Id}");

    [Fact]
    public void Every_log_method_has_an_id() => Rule.Holds(
        from file in Sources.Under("src", ".cs")
        where Attribute().Count(file.Text) != s_events.Count(e => e.Place == file.Place)
        select file.Place);

    [Fact]
    public void Nothing_is_logged_without_a_generated_method() => Rule.Holds(
        from file in Sources.Under("src", ".cs")
        from line in Rule.CodeLines(file)
        where DirectCall().IsMatch(line.Text)
        select $"{file.Place}:{line.Number}");

    [GeneratedRegex(@"\[LoggerMessage\(\s*(EventId\s*=\s*)?(?<id>\d+)\s*,")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex(@"\[LoggerMessage\b")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex DirectCall();
}
