using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Vms.Containers.AtRest;

/// <summary>A key that recordings are encrypted with (AES-256). Any thread; owns its ciphers.</summary>
/// <remarks>A cipher serves one caller at a time, and making one costs an allocation and a key schedule: they are kept.</remarks>
public sealed class DataKey : IDisposable
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    private readonly byte[] _key;
    private readonly ConcurrentBag<AesGcm> _ciphers = [];

    /// <param name="id">Names the key in what it encrypted. Random.</param>
    /// <param name="key"><see cref="KeyBytes"/>; copied.</param>
    public DataKey(ulong id, ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes) throw new ArgumentException($"A data key has {KeyBytes} bytes", nameof(key));
        Id = id;
        _key = key.ToArray();
    }

    public ulong Id { get; }

    /// <summary>Encrypts; input and output may be the same bytes.</summary>
    /// <param name="nonce">Never twice with this key.</param>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        var aes = Rent();
        aes.Encrypt(nonce, plain, cipher, tag, associated);
        _ciphers.Add(aes);
    }

    /// <summary>Decrypts; input and output may be the same bytes.</summary>
    /// <returns>False when it is not what was encrypted; the output is then worthless.</returns>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associated)
    {
        var aes = Rent();
        try
        {
            aes.Decrypt(nonce, cipher, tag, plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            _ciphers.Add(aes);
        }
    }

    public void Dispose()
    {
        while (_ciphers.TryTake(out var cipher)) cipher.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }

    private AesGcm Rent() => _ciphers.TryTake(out var kept) ? kept : new AesGcm(_key, TagBytes);
}
