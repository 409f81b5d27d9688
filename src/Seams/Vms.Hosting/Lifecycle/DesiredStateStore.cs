using System.Security.Cryptography;

namespace Vms.Hosting;

/// <summary>
/// The desired state a plane applied last, on disk: it starts and works while control or the database is down. Encrypted with
/// the node key, because it holds camera credentials. One caller at a time.
/// </summary>
/// <typeparam name="T">The state; the caller says how it becomes bytes.</typeparam>
public sealed class DesiredStateStore<T>(PlaneOptions options, NodeKey key, string name, Func<T, byte[]> serialize, Func<byte[], T> deserialize)
    where T : class
{
    private readonly string _path = Path.Combine(options.StateDirectory, name + ".state");

    /// <summary>What was saved last; null on the first start. A file that cannot be read is set aside and named in the exception's place.</summary>
    /// <param name="unreadable">Where the unreadable file was moved to, else null: control sends the state again.</param>
    public T? Load(out string? unreadable)
    {
        unreadable = null;
        if (!File.Exists(_path))
            return null;
        try
        {
            return deserialize(key.Unprotect(File.ReadAllBytes(_path)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException or InvalidDataException or IOException)
        {
            unreadable = _path + ".unreadable";
            File.Move(_path, unreadable, overwrite: true);
            return null;
        }
    }

    public void Save(T state)
    {
        PrivateFiles.CreateDirectory(options.StateDirectory);
        PrivateFiles.Replace(_path, key.Protect(serialize(state)));
    }
}
