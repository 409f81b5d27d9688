using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Vms.Bus;

/// <summary>
/// Headers of a message (NATS/1.0 block: a version line, <c>Key: value</c> lines, an empty line). Keys are compared without
/// case. One caller at a time while building; read-only afterwards.
/// </summary>
public sealed class BusHeaders : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary>Header lines of one received message; more make it malformed.</summary>
    private const int MaxLines = 256;

    private static readonly SearchValues<char> s_lineBreaks = SearchValues.Create("\r\n");

    private readonly List<KeyValuePair<string, string>> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The first value of the key.</summary>
    public string? this[string key] => TryGet(key, out var value) ? value : null;

    /// <exception cref="ArgumentException">Key or value would break the block.</exception>
    public void Add(string key, string value)
    {
        foreach (var c in key)
            if (c is <= ' ' or > '~' or ':')
                throw new ArgumentException($"'{key}' is not usable as a header key.", nameof(key));
        if (key.Length == 0) throw new ArgumentException("A header key must not be empty.", nameof(key));
        if (value.AsSpan().ContainsAny(s_lineBreaks))
            throw new ArgumentException($"The value of header '{key}' holds a line break.", nameof(value));

        _entries.Add(new(key, value));
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

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As it goes on the wire; null when there is none.</summary>
    internal byte[]? ToBlock()
    {
        if (_entries.Count == 0) return null;

        var text = new StringBuilder("NATS/1.0\r\n", 64 * (_entries.Count + 1));
        foreach (var (key, value) in _entries) text.Append(key).Append(": ").Append(value).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    /// <summary>Reads a received block; the version line may carry a status ("NATS/1.0 503 No Responders").</summary>
    internal static bool TryParse(ReadOnlySpan<byte> block, out BusHeaders headers, out int status, out string description)
    {
        headers = new BusHeaders();
        status = 0;
        description = "";
        if (!block.StartsWith("NATS/1.0"u8) || !TakeLine(ref block, out var first)) return false;

        var inline = Encoding.UTF8.GetString(first[8..]).Trim();
        if (inline.Length > 0)
        {
            var end = inline.IndexOf(' ');
            if (!int.TryParse(end < 0 ? inline : inline.AsSpan(0, end), out status)) return false;
            if (end > 0) description = inline[(end + 1)..];
        }

        while (TakeLine(ref block, out var line))
        {
            if (line.IsEmpty) return block.IsEmpty;

            var colon = line.IndexOf((byte)':');
            if (colon < 1 || headers.Count == MaxLines) return false;
            headers._entries.Add(new(Encoding.UTF8.GetString(line[..colon]), Encoding.UTF8.GetString(line[(colon + 1)..]).Trim()));
        }

        return false;   // no empty line at the end
    }

    private static bool TakeLine(ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> line)
    {
        var end = block.IndexOf("\r\n"u8);
        line = end < 0 ? default : block[..end];
        if (end >= 0) block = block[(end + 2)..];
        return end >= 0;
    }
}
