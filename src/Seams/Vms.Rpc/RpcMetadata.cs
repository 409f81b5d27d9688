using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Vms.Rpc;

/// <summary>
/// Headers or trailers of a call, as in "Custom-Metadata" of the gRPC HTTP/2 protocol: lower-case ASCII keys,
/// printable ASCII values; a key ending in <c>-bin</c> carries bytes (base64 on the wire). One caller at a time.
/// </summary>
public sealed class RpcMetadata : IEnumerable<KeyValuePair<string, string>>
{
    private const string BinarySuffix = "-bin";

    private readonly List<KeyValuePair<string, string>> _entries = [];

    public int Count => _entries.Count;

    /// <exception cref="ArgumentException">The key is reserved or not a metadata key, or the value is not printable ASCII.</exception>
    public void Add(string key, string value)
    {
        CheckKey(key, binary: false);
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"Metadata '{key}' holds characters that are not printable ASCII; use a '-bin' key.", nameof(value));

        _entries.Add(new(key, value));
    }

    /// <exception cref="ArgumentException">The key does not end in <c>-bin</c>, is reserved or not a metadata key.</exception>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        CheckKey(key, binary: true);
        _entries.Add(new(key, Convert.ToBase64String(value).TrimEnd('=')));
    }

    public bool TryGet(string key, [NotNullWhen(true)] out string? value)
    {
        foreach (var entry in _entries)
        {
            if (!string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase)) continue;
            value = entry.Value;
            return true;
        }

        value = null;
        return false;
    }

    /// <summary>The bytes of a <c>-bin</c> key; false when it is absent or not base64.</summary>
    public bool TryGetBytes(string key, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        if (!TryGet(key, out var text)) return false;

        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');   // padding is optional on the wire
        var bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var written)) return false;

        value = bytes[..written];
        return true;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes over what came from the network: nothing is checked, what the protocol itself uses is left out.</summary>
    internal void AddReceived(string key, string value)
    {
        if (!IsReserved(key)) _entries.Add(new(key, value));
    }

    private static void CheckKey(string key, bool binary)
    {
        var valid = key.Length > 0 && key[0] != ':';
        foreach (var c in key) valid &= c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.';

        if (!valid || IsReserved(key)) throw new ArgumentException($"'{key}' is not usable as a metadata key.", nameof(key));
        if (key.EndsWith(BinarySuffix, StringComparison.Ordinal) != binary)
            throw new ArgumentException($"Only keys ending in '{BinarySuffix}' carry bytes: '{key}'.", nameof(key));
    }

    private static bool IsReserved(string key) =>
        key.StartsWith(':') || key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || key.ToLowerInvariant() is
            "content-type" or "content-length" or "te" or "user-agent" or "host" or "date" or "server" or "connection"
            or "transfer-encoding";
}
