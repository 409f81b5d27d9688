using Vms.Containers.AtRest;
using Vms.Hosting;

namespace Vms.Cli.Verification;

/// <summary>The data keys that encrypted recordings are read with: those of a directory of keys, and of the pools that files lie in, as far as the directory
/// has what opens them.</summary>
internal sealed class DataKeys : IDisposable
{
    private readonly Dictionary<ulong, DataKey> _keys;

    private DataKeys(PoolKeyring ring) => _keys = ring.Keys.ToDictionary(k => k.Id, k => new DataKey(k.Id, k.Key.Span));

    /// <param name="directory">With pool keys and keyrings.</param>
    /// <param name="recordings">Files of the archive; a disk from another machine brings its keyring along.</param>
    /// <exception cref="InvalidDataException">A key file is damaged; the message is for the user.</exception>
    public static DataKeys Read(string directory, IEnumerable<string> recordings) =>
        new(PoolKeyring.ReadAll(directory, recordings.Select(PoolIndexOf).OfType<string>().Distinct().Select(PoolKeyring.CopyIn).Where(File.Exists)));

    public DataKey? Find(ulong id) => _keys.GetValueOrDefault(id);

    public void Dispose()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    /// <summary>POOL/camera/stream/day/file.</summary>
    private static string? PoolIndexOf(string recording) =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(recording))))) is { } pool ? Path.Combine(pool, ".index") : null;
}
