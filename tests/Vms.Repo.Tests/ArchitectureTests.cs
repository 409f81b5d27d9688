using System.Text.RegularExpressions;

namespace Vms.Repo.Tests;

/// <summary>The map and the land agree: ARCHITECTURE.md names every folder of src, and what it names exists.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly SourceFile? s_map = Sources.All.FirstOrDefault(f => f.Place == "ARCHITECTURE.md");

    /// <summary>"Vms.Media" and "Vms.Media/Ingest": projects and their first folders.</summary>
    private static readonly HashSet<string> s_folders =
    [
        .. from file in Sources.All
           where file.Place.StartsWith("src/", StringComparison.Ordinal)
           let parts = file.Place.Split('/').SkipWhile(p => !p.StartsWith("Vms.", StringComparison.Ordinal)).ToArray()
           where parts.Length > 1
           from folder in parts.Length > 2 ? new[] { parts[0], $"{parts[0]}/{parts[1]}" } : [parts[0]]
           select folder,
    ];

    [Fact]
    public void Every_folder_is_on_the_map() => Rule.Holds(
        from folder in s_folders
        where s_map is not null && !Names(folder)
        select folder);

    [Fact]
    public void Every_place_on_the_map_exists() => Rule.Holds(
        from Match match in Place().Matches(s_map?.Text ?? "")
        let folder = match.Value.TrimEnd('/', '.')
        where !s_folders.Contains(folder) && !TestsAndBenches(folder)
        select folder);

    /// <summary>By its whole path, or by its own name in a line about its project.</summary>
    private static bool Names(string folder)
    {
        if (s_map!.Text.Contains(folder, StringComparison.Ordinal)) return true;
        var parts = folder.Split('/');
        return parts.Length == 2 && s_map.Lines.Any(line =>
            line.Contains(parts[0], StringComparison.Ordinal) && Regex.IsMatch(line, $@"\b{Regex.Escape(parts[1])}\b"));
    }

    private static bool TestsAndBenches(string folder) =>
        Sources.All.Any(f => f.Place.StartsWith($"tests/{folder}/", StringComparison.Ordinal) || f.Place.StartsWith($"bench/{folder}/", StringComparison.Ordinal));

    [GeneratedRegex(@"\bVms(\.[A-Z][A-Za-z]+)+(/[A-Z][A-Za-z]+)?(?![\w.(<])")]
    private static partial Regex Place();
}
