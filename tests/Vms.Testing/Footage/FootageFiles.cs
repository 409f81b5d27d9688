using Vms.Testing.Processes;

namespace Vms.Testing.Footage;

/// <summary>Files that ffmpeg made once, in the artifacts folder. Test processes that run side by side share them.</summary>
internal static class FootageFiles
{
    /// <param name="name">Says everything the content depends on.</param>
    /// <param name="arguments">Of ffmpeg, for a given output file.</param>
    /// <returns>The file's path.</returns>
    public static async Task<string> MakeAsync(string name, Func<string, IEnumerable<string>> arguments)
    {
        string folder = Directory.CreateDirectory(Path.Combine(TestPaths.Artifacts, "footage")).FullName;
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
            return path;

        string partial = Path.Combine(folder, $"{Environment.ProcessId}.{Guid.NewGuid():N}.{name}");
        try
        {
            await ChildProcess.RunAsync("ffmpeg", arguments(partial), TimeSpan.FromMinutes(5));
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }

        return path;
    }
}
