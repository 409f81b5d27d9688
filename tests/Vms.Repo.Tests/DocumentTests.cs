using System.Text.RegularExpressions;
using Vms.Testing;

namespace Vms.Repo.Tests;

/// <summary>Pages for people: their links lead somewhere, and each design page says where it stands.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Relative_links_lead_somewhere() => Rule.Holds(
        from page in Sources.All
        where page.Place.EndsWith(".md", StringComparison.Ordinal)
        from Match match in Link().Matches(page.Text)
        let target = match.Groups["target"].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains(':')
        let path = Path.Combine(TestPaths.Repository, Path.GetDirectoryName(page.Place) ?? "", target)
        where !File.Exists(path) && !Directory.Exists(path)
        select $"{page.Place}: {target}");

    [Fact]
    public void Design_pages_say_status_and_decision() => Rule.Holds(
        from page in Sources.Under("docs/design", ".md")
        where !page.Place.EndsWith("/glossary.md", StringComparison.Ordinal)
        from word in new[] { "Status", "Decision" }
        where !page.Text.Contains(word, StringComparison.Ordinal)
        select $"{page.Place}: no {word}");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
