using System.Globalization;
using Vms.Control.Data;

namespace Vms.Control.Features.KeptFootage;

/// <summary>Pages of bookmarks, clips and holds: newest first, by a time and an id.</summary>
internal static class KeptPage
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 500;

    public static string CursorAfter(DateTimeOffset at, string id) => Cursor.Of(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), id);

    public static bool TryReadCursor(string? text, out DateTimeOffset? at, out Guid? id)
    {
        (at, id) = (null, null);
        if (!Cursor.TryParse(text, parts: 2, out var key))
            return false;
        if (key is null)
            return true;
        if (!DateTimeOffset.TryParseExact(key[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            || !Guid.TryParse(key[1], out var last))
            return false;
        (at, id) = (time, last);
        return true;
    }
}
