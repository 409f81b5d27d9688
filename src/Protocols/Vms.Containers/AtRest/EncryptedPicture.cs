using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.Containers.AtRest;

/// <summary>A picture that is kept beside encrypted recordings: key id (8), nonce (12), tag (16), and the picture in AES-256-GCM. Bound to its time, or to its
/// place.</summary>
public static class EncryptedPicture
{
    /// <summary>So much longer than the picture.</summary>
    public const int AddedBytes = KeyIdBytes + DataKey.NonceBytes + DataKey.TagBytes;

    private const int KeyIdBytes = 8;

    /// <param name="capturedUs">Capture time, which nobody can exchange for another one.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> picture, long capturedUs, DataKey key) => Encrypt(picture, Associated(capturedUs), key);

    /// <param name="associated">What it belongs to: with anything else it does not open.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> picture, ReadOnlySpan<byte> associated, DataKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] stored = new byte[picture.Length + AddedBytes];
        BinaryPrimitives.WriteUInt64BigEndian(stored, key.Id);
        var nonce = stored.AsSpan(KeyIdBytes, DataKey.NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        key.Encrypt(nonce, picture, stored.AsSpan(AddedBytes), stored.AsSpan(KeyIdBytes + DataKey.NonceBytes, DataKey.TagBytes), associated);
        return stored;
    }

    /// <returns>Null when the key is not there, or it is not what was encrypted.</returns>
    public static byte[]? Decrypt(ReadOnlySpan<byte> stored, long capturedUs, Func<ulong, DataKey?>? keyOf) => Decrypt(stored, Associated(capturedUs), keyOf);

    /// <returns>As for one that is bound to its time.</returns>
    public static byte[]? Decrypt(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> associated, Func<ulong, DataKey?>? keyOf)
    {
        if (!TryReadKeyId(stored, out ulong id) || keyOf?.Invoke(id) is not { } key) return null;
        byte[] picture = new byte[stored.Length - AddedBytes];
        var nonce = stored.Slice(KeyIdBytes, DataKey.NonceBytes);
        var tag = stored.Slice(KeyIdBytes + DataKey.NonceBytes, DataKey.TagBytes);
        return key.TryDecrypt(nonce, stored[AddedBytes..], tag, picture, associated) ? picture : null;
    }

    /// <returns>False when it is too short to be one.</returns>
    public static bool TryReadKeyId(ReadOnlySpan<byte> stored, out ulong id)
    {
        bool isWhole = stored.Length > AddedBytes;
        id = isWhole ? BinaryPrimitives.ReadUInt64BigEndian(stored) : 0;
        return isWhole;
    }

    private static byte[] Associated(long capturedUs)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, capturedUs);
        return bytes;
    }
}
