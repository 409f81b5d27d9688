using Vms.Testing;

namespace Vms.Repo.Tests;

/// <summary>A file people wrote: its place in the repository and its text.</summary>
/// <param name="Place">Relative to the repository's root, with forward slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record SourceFile(string Place, string Text)
{
    private IReadOnlyList<string>? _lines;

    public IReadOnlyList<string> Lines => _lines ??= Text.Split('\n');
}

/// <summary>What is under version control, as far as people wrote it: no build output, no packages, no recordings.</summary>
public static class Sources
{
    private const long LargestText = 2 * 1024 * 1024;

    private static readonly HashSet<string> s_notOurs =
        [".git", "artifacts", "bin", "obj", "node_modules", "dist", "data", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea"];

    /// <summary>A build product that has to lie among the sources that it belongs to.</summary>
    private static readonly HashSet<string> s_made = ["sdk/typescript/src/schema.ts"];

    private static readonly HashSet<string> s_text =
    [
        ".cs", ".csproj", ".props", ".targets", ".slnx", ".proto", ".sql", ".json", ".md", ".ts", ".tsx", ".js", ".cjs", ".mjs", ".css",
        ".html", ".py", ".sh", ".yml", ".yaml", ".cfg", ".conf", ".service", ".ps1", ".cmd", ".txt", ".svg", "",
    ];

    private static readonly Lazy<IReadOnlyList<SourceFile>> s_all = new(() => [.. Read(new DirectoryInfo(TestPaths.Repository), "")]);

    public static IReadOnlyList<SourceFile> All => s_all.Value;

    public static IEnumerable<SourceFile> Under(string folder, string ending) =>
        All.Where(f => f.Place.StartsWith(folder + "/", StringComparison.Ordinal) && f.Place.EndsWith(ending, StringComparison.Ordinal));

    /// <summary>The project a file belongs to ("Vms.Bus"), or "".</summary>
    public static string ProjectOf(string place) => place.Split('/').FirstOrDefault(part => part.StartsWith("Vms.", StringComparison.Ordinal)) ?? "";

    private static IEnumerable<SourceFile> Read(DirectoryInfo directory, string place)
    {
        foreach (var file in directory.EnumerateFiles())
        {
            if (file.Length <= LargestText && file.LinkTarget is null && s_text.Contains(file.Extension) && !s_made.Contains(place + file.Name))
                yield return new SourceFile(place + file.Name, File.ReadAllText(file.FullName));
        }

        foreach (var child in directory.EnumerateDirectories())
        {
            if (s_notOurs.Contains(child.Name) || child.LinkTarget is not null) continue;
            foreach (var file in Read(child, $"{place}{child.Name}/")) yield return file;
        }
    }
}
