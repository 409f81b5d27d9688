using System.Buffers.Text;
using System.Text;

namespace Vms.Control.Devices.Dahua;

/// <summary>
/// The lines "key=value" that Dahua's CGI answers with, one after the other. Sans-IO; copies nothing.
/// </summary>
/// <remarks>Deviations accepted: bare line feeds, blanks around key and value, lines without an equals sign (passed over).</remarks>
internal ref struct KeyValueText(ReadOnlySpan<byte> text)
{
    /// <summary>Bytes of a value that are read; the rest is left out.</summary>
    public const int MaxValue = 1024;

    private ReadOnlySpan<byte> _rest = text;

    public KeyPath Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Value);

    /// <summary>Null when the value is no number.</summary>
    public readonly int? Number => Utf8Parser.TryParse(Value, out int number, out int used) && used == Value.Length ? number : null;

    public readonly bool IsTrue => Ascii.EqualsIgnoreCase(Value, "true"u8);

    /// <summary>"Error" stands in front of what is wrong, from older firmwares with status 200.</summary>
    public static bool IsError(ReadOnlySpan<byte> answer) => answer.TrimStart(" \t\r\n"u8).StartsWith("Error"u8);

    /// <summary>The value of the only key of this name; null when there is none.</summary>
    public static string? Single(ReadOnlySpan<byte> answer, string key)
    {
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var path = lines.Key;
            if (path.Take(key) && path.IsEnd)
                return lines.Text;
        }

        return null;
    }

    /// <returns>False at the end.</returns>
    public bool Next()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)'\n');
            var line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            int equals = line.IndexOf((byte)'=');
            if (equals <= 0)
                continue;
            Key = new KeyPath(line[..equals].Trim(" \t\r"u8));
            var value = line[(equals + 1)..].Trim(" \t\r"u8);
            Value = value.Length > MaxValue ? value[..MaxValue] : value;
            return true;
        }

        return false;
    }
}

/// <summary>"table.Encode[3].MainFormat[0].Video.Width", taken from the left.</summary>
internal ref struct KeyPath(ReadOnlySpan<byte> path)
{
    private ReadOnlySpan<byte> _rest = path;

    public readonly bool IsEnd => _rest.IsEmpty;

    /// <summary>Takes the next word when it is this one, without an index.</summary>
    public bool Take(string word)
    {
        if (!StartsWith(word, out var rest) || (!rest.IsEmpty && rest[0] != (byte)'.'))
            return false;
        _rest = rest.IsEmpty ? rest : rest[1..];
        return true;
    }

    /// <summary>Takes the next word when it is this one with an index behind it.</summary>
    /// <param name="limit">An index of so much and more is none.</param>
    public bool Take(string word, int limit, out int index)
    {
        index = 0;
        if (!StartsWith(word, out var rest) || rest.IsEmpty || rest[0] != (byte)'['
            || !Utf8Parser.TryParse(rest[1..], out index, out int digits) || index < 0 || index >= limit || rest.Length < digits + 2 || rest[digits + 1] != (byte)']')
        {
            return false;
        }

        rest = rest[(digits + 2)..];
        if (!rest.IsEmpty && rest[0] != (byte)'.')
            return false;
        _rest = rest.IsEmpty ? rest : rest[1..];
        return true;
    }

    /// <summary>Takes the next word when it begins so and ends in a number: "uuid:System_CONFIG_NETCAMERA_INFO_3".</summary>
    public bool TakeNumbered(string beginning, int limit, out int number)
    {
        number = 0;
        if (!StartsWith(beginning, out var rest) || !Utf8Parser.TryParse(rest, out number, out int digits) || number < 0 || number >= limit
            || (digits < rest.Length && rest[digits] != (byte)'.'))
        {
            return false;
        }

        _rest = digits < rest.Length ? rest[(digits + 1)..] : [];
        return true;
    }

    private readonly bool StartsWith(string word, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        if (_rest.Length < word.Length || !Ascii.EqualsIgnoreCase(_rest[..word.Length], word))
            return false;
        rest = _rest[word.Length..];
        return true;
    }
}
