using System.Buffers.Text;
using System.Text.Json;

namespace Vms.Control.Data;

/// <summary>The place after which a page starts: the sort key of the previous page's last row, opaque to clients.</summary>
internal static class Cursor
{
    private const int MaxLength = 512;

    public static string Of(params string[] key) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(key));

    /// <summary>True with a null key for no cursor; false for text that is not one of ours.</summary>
    public static bool TryParse(string? text, int parts, out string[]? key)
    {
        key = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return false;
        try
        {
            key = JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(text));
        }
        catch (JsonException)
        {
            return false;
        }

        return key?.Length == parts && !key.Contains(null);
    }
}
