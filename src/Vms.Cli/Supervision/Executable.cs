namespace Vms.Cli.Supervision;

/// <summary>Finds the programs that stand beside this one.</summary>
internal static class Executable
{
    /// <summary>The native host when it is there, else <c>dotnet NAME.dll</c>.</summary>
    /// <exception cref="FileNotFoundException">Neither is there: the installation is incomplete.</exception>
    public static (string FileName, IReadOnlyList<string> Arguments) Find(string name)
    {
        var native = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? name + ".exe" : name);
        if (File.Exists(native))
            return (native, []);
        var managed = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        return File.Exists(managed)
            ? ("dotnet", [managed])
            : throw new FileNotFoundException($"{name} is missing beside {Environment.ProcessPath}: the installation is incomplete");
    }

    /// <summary>This very program, to run <c>vms guard</c>.</summary>
    public static (string FileName, IReadOnlyList<string> Arguments) Self() => Find("vms");

    /// <summary>A program on PATH or in one of the usual places; null when it is nowhere.</summary>
    public static string? OnPath(string name, params IEnumerable<string> alsoIn)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return alsoIn.Concat(path).Concat(["/usr/sbin", "/usr/local/sbin"]).Select(d => Path.Combine(d, file)).FirstOrDefault(File.Exists);
    }
}
