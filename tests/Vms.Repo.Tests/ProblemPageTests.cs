using System.Text;
using Vms.Testing;

namespace Vms.Repo.Tests;

/// <summary>docs/ref/problems.md: code, status and title come from the source; what to do about it is written there by hand and stays. A code
/// without a line, or a line without advice, fails. Set VMS_UPDATE_DOCS=1 to write the lines anew.</summary>
public sealed class ProblemPageTests
{
    private const string Place = "docs/ref/problems.md";
    private const string Begin = "| code | status | what happened | what to do |";
    private const string BeginFields = "| code | what is wrong with the field |";

    private static readonly string s_path = Path.Combine(TestPaths.Repository, Place);

    [Fact]
    public void Every_code_is_on_the_page_with_its_statuses_and_sentences_and_nothing_else_is()
    {
        var page = File.ReadAllText(s_path);
        var (before, rows, between, fields, after) = Split(page);
        var advice = rows.ToDictionary(r => r[0].Trim('`'), r => r[^1]);
        var meaning = fields.ToDictionary(r => r[0].Trim('`'), r => r[^1]);
        var expected = new StringBuilder(before).Append(Begin).Append("\n| --- | --- | --- | --- |\n");
        foreach (var (code, statuses, titles) in ProblemCodes.All)
            expected.Append($"| `{code}` | {string.Join(", ", statuses)} | {string.Join(". ", titles)} | {advice.GetValueOrDefault(code)} |\n");
        expected.Append(between).Append(BeginFields).Append("\n| --- | --- |\n");
        foreach (var code in ProblemCodes.OfFields)
            expected.Append($"| `{code}` | {meaning.GetValueOrDefault(code)} |\n");
        expected.Append(after);
        if (Environment.GetEnvironmentVariable("VMS_UPDATE_DOCS") == "1")
            File.WriteAllText(s_path, expected.ToString());
        Assert.Equal(File.ReadAllText(s_path), expected.ToString());
    }

    [Fact]
    public void Every_line_says_what_to_do()
    {
        var (_, rows, _, fields, _) = Split(File.ReadAllText(s_path));
        Rule.Holds(from row in rows.Concat(fields) where row[^1].Length == 0 select $"{Place}: {row[0]}");
    }

    [Fact]
    public void Codes_are_found() => Assert.True(ProblemCodes.All.Count > 50 && ProblemCodes.OfFields.Count > 20, $"only {ProblemCodes.All.Count} and {ProblemCodes.OfFields.Count}");

    [Fact]
    public void A_code_that_is_not_beside_its_status_is_told_to_the_scan() => Rule.Holds(ProblemCodes.Unknown());

    [Fact]
    public void What_the_scan_was_told_is_still_there() => Rule.Holds(ProblemCodes.Stale());

    /// <summary>Codes are forever: clients compare them.</summary>
    [Fact]
    public void Codes_are_camel_case() => Rule.Holds(
        from code in ProblemCodes.All.Select(c => c.Code).Concat(ProblemCodes.OfFields)
        where !char.IsAsciiLetterLower(code[0]) || !code.All(char.IsAsciiLetterOrDigit)
        select code);

    private static (string Before, List<string[]> Rows, string Between, List<string[]> Fields, string After) Split(string page)
    {
        var (before, rows, rest) = Table(page, Begin);
        var (between, fields, after) = Table(rest, BeginFields);
        return (before, rows, between, fields, after);
    }

    /// <summary>The text before the table with this head, the cells of its rows, and what follows.</summary>
    private static (string Before, List<string[]> Rows, string After) Table(string text, string head)
    {
        var start = text.IndexOf(head, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{Place} has no table '{head}'");
        var lines = text[start..].Split('\n');
        var length = lines.TakeWhile(l => l.StartsWith('|')).Count();
        return (text[..start], [.. lines[2..length].Select(Cells)], string.Join('\n', lines[length..]));
    }

    private static string[] Cells(string row) => [.. row.Trim('|').Split('|').Select(c => c.Trim())];
}
