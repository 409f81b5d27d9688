namespace Vms.Testing.Viewers;

/// <summary>Players and parsers of others, from npm.</summary>
public static class Players
{
    /// <summary>Their package; the scripts beside it use them.</summary>
    public static string Folder { get; } = Installed(Path.Combine(TestPaths.Repository, "tests", "Vms.Media.Tests", "Egress", "Players"));

    /// <summary>What a page loads: hls.js or dash.js.</summary>
    public static string ScriptOf(string name) =>
        Path.Combine(Folder, "node_modules", name == "hls.js" ? "hls.js/dist/hls.min.js" : "dashjs/dist/modern/umd/dash.all.min.js");

    private static string Installed(string folder) => Directory.Exists(Path.Combine(folder, "node_modules", "mp4box"))
        ? folder
        : throw new InvalidOperationException("The players are not installed: run './dev setup', or 'npm ci' in tests/Vms.Media.Tests/Egress/Players.");
}
