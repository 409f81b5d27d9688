using System.Text;

namespace Vms.Rpc.Wire;

/// <summary>Percent-encoding of the <c>grpc-message</c> trailer: UTF-8, everything outside 0x20..0x7E and '%' as %XX.</summary>
internal static class GrpcMessageText
{
    /// <summary>Header space of peers is limited (8 KiB is usual); an encoded byte takes three.</summary>
    private const int MaxUtf8Bytes = 1024;

    public static string Encode(string text)
    {
        if (text.Length <= MaxUtf8Bytes && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%')) return text;

        var result = new StringBuilder(text.Length + 16);
        var utf8 = Encoding.UTF8.GetBytes(text);
        foreach (var b in utf8.AsSpan(0, Math.Min(utf8.Length, MaxUtf8Bytes)))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%') result.Append((char)b);
            else result.Append('%').Append(b.ToString("X2"));
        }

        return result.ToString();
    }

    /// <summary>Never fails: a broken escape stays as it is, broken UTF-8 becomes U+FFFD.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%')) return text;

        var utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                utf8[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, 1), utf8.AsSpan(length));
            }
        }

        return Encoding.UTF8.GetString(utf8, 0, length);
    }
}
