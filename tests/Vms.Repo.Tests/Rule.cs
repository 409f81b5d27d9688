namespace Vms.Repo.Tests;

/// <summary>Shared shape of the rules: a list of places where one is broken.</summary>
internal static class Rule
{
    public static void Holds(IEnumerable<string> violations)
    {
        var all = violations.Distinct().ToList();
        Assert.True(all.Count == 0, $"{all.Count} place(s):\n{string.Join('\n', all)}");
    }

    /// <summary>Lines with their numbers from 1, without comments at their end and without lines that are only comment.</summary>
    public static IEnumerable<(int Number, string Text)> CodeLines(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Count; i++)
        {
            var line = file.Lines[i];
            var comment = line.IndexOf("//", StringComparison.Ordinal);
            while (comment > 0 && line[comment - 1] == ':') comment = line.IndexOf("//", comment + 2, StringComparison.Ordinal);   // https://
            var code = comment < 0 ? line : line[..comment];
            if (!string.IsNullOrWhiteSpace(code) && !code.TrimStart().StartsWith('*')) yield return (i + 1, code);
        }
    }
}
