using System.Security.Cryptography;

namespace Vms.Ai.Models;

/// <summary>A model in the catalogue; <see cref="Manifest"/> is null and <see cref="Problem"/> says why when it cannot be used.</summary>
internal sealed record CatalogueEntry(string Name, string Folder, bool IsShipped, ModelManifest? Manifest, string? Problem);

/// <summary>
/// The models of this installation: those that came with the program, which nobody changes, and the operator's in the data directory. A folder
/// each: <c>NAME/model.onnx</c> and <c>NAME/model.json</c>. Files are read when asked; any thread.
/// </summary>
/// <param name="shipped">Need not be there.</param>
/// <param name="own">Made when the first model is added.</param>
internal sealed class ModelCatalogue(string shipped, string own)
{
    /// <summary>What cameras are set to, unless somebody chooses a model: whichever the operator made it.</summary>
    internal const string Default = "default";

    internal const string ModelFile = "model.onnx";

    /// <summary>Detectors that run several times a second are far smaller.</summary>
    internal const long MostModelBytes = 512 << 20;

    private const int MostOwnModels = 64;
    private const string NewPrefix = ".new-";
    private const long MostManifestBytes = 4 << 20;
    private const string ShippedDefault = "centernet";

    private string DefaultFile => Path.Combine(own, "default.txt");

    internal string OwnFolder => own;

    /// <summary>When it changed last, as far as the operator changes it.</summary>
    internal DateTime ChangedAt => Directory.Exists(own) ? Directory.GetLastWriteTimeUtc(own) : default;

    /// <summary>Shipped ones first, by name. An operator's model does not take the place of a shipped one.</summary>
    internal IReadOnlyList<CatalogueEntry> List()
    {
        var entries = NamesIn(shipped).Select(name => Read(name, shipped, isShipped: true)).ToList();
        entries.AddRange(NamesIn(own).Where(name => entries.All(e => e.Name != name)).Select(name => Read(name, own, isShipped: false)));
        return entries;
    }

    internal CatalogueEntry? Find(string name)
    {
        string wanted;
        try
        {
            wanted = name == Default ? DefaultName() : name;
        }
        catch (ModelException e)
        {
            return new CatalogueEntry(Default, own, IsShipped: false, null, e.Message);
        }

        if (!IsName(wanted))
            return null;
        return Directory.Exists(Path.Combine(shipped, wanted)) ? Read(wanted, shipped, isShipped: true)
            : Directory.Exists(Path.Combine(own, wanted)) ? Read(wanted, own, isShipped: false)
            : null;
    }

    /// <exception cref="ModelException">Nobody knows: the file that says so cannot be read.</exception>
    internal string DefaultName()
    {
        try
        {
            return File.ReadLines(DefaultFile).FirstOrDefault()?.Trim() is { } name && IsName(name) ? name : ShippedDefault;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ShippedDefault;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{Default}: {DefaultFile} cannot be read ({e.Message}); vms models default NAME writes it anew", e);
        }
    }

    /// <summary>Before a model is tried: may it be added under this name?</summary>
    /// <exception cref="ModelException">It may not; the message says why.</exception>
    internal void Check(string name, ModelManifest manifest)
    {
        if (!IsName(name))
            throw new ModelException($"'{name}' is no name for a model; expected up to 64 letters, digits, '-' or '_', and not '{Default}' (--name)");
        if (manifest.Complaint() is { } complaint)
            throw new ModelException($"{name}: {complaint}");
        if (Find(name) is { } there)
            throw new ModelException(there.IsShipped ? $"{name}: a model of this name comes with the product; choose another (--name)" : $"{name}: there is such a model; remove it first, or choose another name (--name)");
        if (NamesIn(own).Count() >= MostOwnModels)
            throw new ModelException($"{name}: there are {MostOwnModels} models; remove one first");
    }

    /// <summary>Adds a model that was tried; it is there as a whole or not at all.</summary>
    internal void Add(string name, ModelManifest manifest, byte[] model)
    {
        Check(name, manifest);
        string next = Path.Combine(own, NewPrefix + name);
        foreach (string left in Directory.Exists(own) ? Directory.GetDirectories(own, NewPrefix + "*") : [])
            Directory.Delete(left, recursive: true);
        Directory.CreateDirectory(next);
        File.WriteAllBytes(Path.Combine(next, ModelFile), model);
        File.WriteAllBytes(Path.Combine(next, ModelManifest.FileName), manifest.ToJson());
        Directory.Move(next, Path.Combine(own, name));
    }

    /// <exception cref="ModelException">There is no such model of the operator's, or it is in use as the default.</exception>
    internal void Remove(string name)
    {
        var entry = Find(name) ?? throw new ModelException($"There is no model '{name}'");
        if (entry.IsShipped)
            throw new ModelException($"{name}: it comes with the product and stays");
        if (entry.Name == DefaultName())
            throw new ModelException($"{entry.Name}: it is the default; make another one that first: vms models default {ShippedDefault}");
        string gone = Path.Combine(own, NewPrefix + entry.Name);
        Directory.Move(entry.Folder, gone);     // a half-deleted model is not listed
        Directory.Delete(gone, recursive: true);
    }

    internal void SetDefault(string name)
    {
        Directory.CreateDirectory(own);
        string next = DefaultFile + ".new";
        File.WriteAllText(next, name + "\n");
        File.Move(next, DefaultFile, overwrite: true);
    }

    /// <summary>The model's bytes, which are what was added.</summary>
    /// <exception cref="ModelException">The file is missing, too large, or another one.</exception>
    internal static byte[] Bytes(CatalogueEntry entry)
    {
        if (entry.Manifest is null)
            throw new ModelException(entry.Problem!);
        byte[] bytes = ReadModel(entry.Name, Path.Combine(entry.Folder, ModelFile));
        return HashOf(bytes) == entry.Manifest.Sha256
            ? bytes
            : throw new ModelException($"{entry.Name}: {ModelFile} is not the file that was added: its hash is another one");
    }

    /// <exception cref="ModelException">The file is missing or too large.</exception>
    internal static byte[] ReadModel(string name, string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > MostModelBytes)
                throw new ModelException($"{name}: {file} has {info.Length} bytes; at most {MostModelBytes} are taken");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{name}: {file} cannot be read ({e.Message})", e);
        }
    }

    internal static string HashOf(ReadOnlySpan<byte> model) => Convert.ToHexStringLower(SHA256.HashData(model));

    internal static bool IsName(string name) => name.Length is > 0 and <= 64 && name != Default && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static IEnumerable<string> NamesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(f => Path.GetFileName(f)!).Where(IsName).Order(StringComparer.Ordinal) : [];

    private static CatalogueEntry Read(string name, string parent, bool isShipped)
    {
        string folder = Path.Combine(parent, name), file = Path.Combine(folder, ModelManifest.FileName);
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MostManifestBytes })
                throw new ModelException($"{name}: {file} has more than {MostManifestBytes} bytes");
            return new CatalogueEntry(name, folder, isShipped, ModelManifest.FromJson(name, File.ReadAllBytes(file)), null);
        }
        catch (Exception e) when (e is ModelException or IOException or UnauthorizedAccessException)
        {
            return new CatalogueEntry(name, folder, isShipped, null, e is ModelException ? e.Message : $"{name}: {file} cannot be read ({e.Message})");
        }
    }
}
