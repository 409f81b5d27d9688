using System.Security.Cryptography;
using System.Text;
using Vms.Containers.Integrity;
using Vms.Hosting;

namespace Vms.Recorder.Integrity;

/// <summary>
/// The installation's own key for signing what it recorded (ECDSA P-256): <c>keys/integrity.key</c>, made at the first start, and its public
/// part <c>keys/integrity.pub</c>, which anybody who verifies needs.
/// </summary>
internal sealed class IntegrityKey : IDisposable
{
    private readonly ECDsa _key;

    private IntegrityKey(ECDsa key)
    {
        _key = key;
        Signer = new HeadSigner(key);
    }

    public HeadSigner Signer { get; }

    /// <exception cref="InvalidDataException">The file holds no such key; the message names it.</exception>
    public static IntegrityKey LoadOrCreate(PlaneOptions options)
    {
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        string path = Path.Combine(options.KeysDirectory, "integrity.key");
        if (!File.Exists(path))
        {
            using var created = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.TryCreate(path, Encoding.ASCII.GetBytes(created.ExportPkcs8PrivateKeyPem() + "\n"));
        }

        var key = Read(path);
        Publish(key, options.IntegrityPublicKeyFile);
        return new IntegrityKey(key);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>The public part stands first in its file; former keys behind it stay, for what they signed. On a full disk recording, which makes room, must
    /// start all the same: the next start publishes it.</summary>
    private static void Publish(ECDsa key, string path)
    {
        string pem = key.ExportSubjectPublicKeyInfoPem();
        try
        {
            string published = File.Exists(path) ? File.ReadAllText(path) : "";
            if (!published.StartsWith(pem, StringComparison.Ordinal))
                PrivateFiles.Replace(path, Encoding.ASCII.GetBytes($"{pem}\n{published.Replace(pem + "\n", "", StringComparison.Ordinal)}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said by whoever asks for it.
        }
    }

    private static ECDsa Read(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.KeySize == 256)
            {
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException($"{path} holds no private key: put back the file that was there, or move it away to begin with a new key", e);
        }

        key.Dispose();
        throw new InvalidDataException($"{path} holds a key of another kind than P-256");
    }
}
