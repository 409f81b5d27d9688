using System.Globalization;

namespace Vms.Rtsp;

/// <summary>The <c>a=fmtp</c> values of a format: "key=value" separated by ';', keys without case.</summary>
public sealed class FormatParameters
{
    public static readonly FormatParameters Empty = new([]);

    private const int MaxParameterSetBytes = 4096;      // real ones have some tens of bytes

    private readonly Dictionary<string, string> _values;

    private FormatParameters(Dictionary<string, string> values) => _values = values;

    public string? this[string key] => _values.GetValueOrDefault(key);

    public static FormatParameters Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Empty;

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string field in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = field.IndexOf('=');
            values.TryAdd(equals < 0 ? field : field[..equals].Trim(), equals < 0 ? "" : field[(equals + 1)..].Trim());
        }

        return new(values);
    }

    /// <summary>H.265: payloads carry decoding order numbers (<c>sprop-max-don-diff</c>, RFC 7798 §4.4 and §7.1).</summary>
    public bool HasDecodingOrderNumbers => int.TryParse(this["sprop-max-don-diff"], NumberStyles.None, CultureInfo.InvariantCulture, out int difference) && difference > 0;

    /// <summary>
    /// The NAL units of sprop-parameter-sets (RFC 6184 §8.1), or of sprop-vps, -sps and -pps (RFC 7798 §7.1), in order. Some may be missing. A hint only: what the camera sends in-band wins. What is
    /// not base64 is left out, a start code in front (V380) is cut off.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ParameterSets()
    {
        var sets = new List<ReadOnlyMemory<byte>>();
        string all = string.Join(',', this["sprop-parameter-sets"], this["sprop-vps"], this["sprop-sps"], this["sprop-pps"]);
        foreach (string text in all.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // Some cameras leave the padding away.
            string padded = text.TrimEnd('=').PadRight((text.TrimEnd('=').Length + 3) / 4 * 4, '=');
            byte[] bytes = new byte[padded.Length / 4 * 3];
            if (bytes.Length > MaxParameterSetBytes || !Convert.TryFromBase64String(padded, bytes, out int length))
                continue;

            ReadOnlyMemory<byte> set = bytes.AsMemory(0, length);
            if (set.Span.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1]))
                set = set[4..];
            else if (set.Span.StartsWith((ReadOnlySpan<byte>)[0, 0, 1]))
                set = set[3..];
            if (!set.IsEmpty)
                sets.Add(set);
        }

        return sets;
    }
}
