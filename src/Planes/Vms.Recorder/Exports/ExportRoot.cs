using System.ComponentModel.DataAnnotations;
using Vms.Hosting;

namespace Vms.Recorder.Exports;

/// <summary>Which folder exports stand in. Nothing else does: inside the one that the operator names, which may hold anything, they have one of their own.</summary>
internal static class ExportRoot
{
    public const string FolderName = "vms-exports";

    private static readonly StringComparison s_comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <exception cref="ValidationException">VMS_EXPORT_DIR is the folder of recordings, or in it, or around it.</exception>
    public static string Of(RecorderOptions options, PlaneOptions plane)
    {
        if (options.ExportDirectory is not { } named) return Path.GetFullPath(plane.ExportsDirectory);
        string directory = Resolve(named);
        foreach (string pool in (IEnumerable<string>)[plane.RecordingsDirectory, .. StorageSettings.Load(plane).Pools.Select(p => p.Path)])
        {
            string recordings = Resolve(pool);
            if (IsIn(directory, recordings) || IsIn(recordings, directory))
                throw new ValidationException($"VMS_EXPORT_DIR is {named}; expected a folder that neither is nor holds one of recordings, {pool}, nor lies in it");
        }

        return Path.Combine(Path.GetFullPath(named), FolderName);
    }

    /// <summary>Without links on the way.</summary>
    private static string Resolve(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent) return full;
        string here = Path.Combine(Resolve(parent), Path.GetFileName(full));
        return Directory.Exists(here) && Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? Resolve(target.FullName) : here;
    }

    private static bool IsIn(string path, string folder) => path.Equals(folder, s_comparison)
        || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, s_comparison);
}
