using Vms.Testing;

namespace Vms.Fuzz.Tests;

/// <summary>The stored inputs of a target, one a file: real messages to begin with, and what earlier runs found worth keeping.</summary>
internal static class Corpus
{
    /// <summary>Longer inputs, and more of them, are not stored.</summary>
    private const int MaxStoredLength = 2048;
    private const int MaxStored = 48;

    public static string Folder(FuzzTarget target) =>
        Path.Combine(TestPaths.Repository, "tests", "Vms.Fuzz.Tests", "Corpora", target.Name);

    /// <summary>In the order of their names.</summary>
    public static List<byte[]> Load(FuzzTarget target) =>
        [.. Directory.EnumerateFiles(Folder(target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>Stores an input that led to something new.</summary>
    public static void Keep(FuzzTarget target, byte[] input, ulong outcome)
    {
        string folder = Folder(target);
        if (input.Length <= MaxStoredLength && Directory.EnumerateFiles(folder).Count() < MaxStored)
            File.WriteAllBytes(Path.Combine(folder, $"{outcome:x16}.bin"), input);
    }
}
