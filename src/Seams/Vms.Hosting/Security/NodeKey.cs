using System.Security.Cryptography;
using System.Text;

namespace Vms.Hosting;

/// <summary>
/// The installation's own AES-256 key, <c>keys/node.key</c>. Encrypts camera credentials in the database and the planes' last
/// applied desired state on disk, so that a copied database or backup gives no camera away without the key file.
/// </summary>
public sealed class NodeKey
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const byte FormatVersion = 1;

    private readonly byte[] _key;

    private NodeKey(byte[] key) => _key = key;

    /// <summary>Reads the key, making it on the first start. Several processes may do so at once.</summary>
    public static NodeKey LoadOrCreate(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var path = Path.Combine(options.KeysDirectory, "node.key");
        if (!File.Exists(path))
            PrivateFiles.TryCreate(path, RandomNumberGenerator.GetBytes(KeyBytes));
        var key = File.ReadAllBytes(path);
        return key.Length == KeyBytes ? new NodeKey(key) : throw new InvalidDataException($"{path} is {key.Length} bytes long, expected {KeyBytes}");
    }

    /// <summary>AES-256-GCM; answer is version, nonce, tag, ciphertext.</summary>
    public byte[] Protect(ReadOnlySpan<byte> plain)
    {
        var output = new byte[1 + NonceBytes + TagBytes + plain.Length];
        output[0] = FormatVersion;
        var nonce = output.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, output.AsSpan(1 + NonceBytes + TagBytes), output.AsSpan(1 + NonceBytes, TagBytes));
        return output;
    }

    /// <exception cref="CryptographicException">Not ours, or altered.</exception>
    public byte[] Unprotect(ReadOnlySpan<byte> cipher)
    {
        if (cipher.Length < 1 + NonceBytes + TagBytes || cipher[0] != FormatVersion)
            throw new CryptographicException("not encrypted by this installation");
        var plain = new byte[cipher.Length - 1 - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Decrypt(cipher.Slice(1, NonceBytes), cipher[(1 + NonceBytes + TagBytes)..], cipher.Slice(1 + NonceBytes, TagBytes), plain);
        return plain;
    }

    public string Protect(string plain) => Convert.ToBase64String(Protect(Encoding.UTF8.GetBytes(plain)));

    /// <inheritdoc cref="Unprotect(ReadOnlySpan{byte})"/>
    public string Unprotect(string cipher) => Encoding.UTF8.GetString(Unprotect(Convert.FromBase64String(cipher)));
}
