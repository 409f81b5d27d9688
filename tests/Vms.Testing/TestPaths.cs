namespace Vms.Testing;

/// <summary>Places tests share.</summary>
public static class TestPaths
{
    private static readonly Lazy<string> s_repository = new(FindRepository);

    /// <summary>The folder with Vms.slnx.</summary>
    public static string Repository => s_repository.Value;

    /// <summary>Build output and caches, not under version control.</summary>
    public static string Artifacts => Path.Combine(Repository, "artifacts");

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vms.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Vms.slnx above {AppContext.BaseDirectory}.");
    }
}
