using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.KeptFootage;

/// <summary>Pages of bookmarks, clips and holds: newest first, by a time and an id.</summary>
internal static class KeptPage
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public static string CursorAfter(DateTimeOffset at, string id) => Cursor.Of(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), id);

    /// <summary>Reads what a list's query says of its page.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static ProblemHttpResult? Read(int? limit, string[]? cameraIds, string? cursor, out int take, out DateTimeOffset? beforeAt, out Guid? beforeId)
    {
        take = limit ?? DefaultLimit;
        var isCursor = TryReadCursor(cursor, out beforeAt, out beforeId);
        if (take is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (cameraIds?.Length > KeptRules.MaxCameras)
            return Problems.Fields(new FieldProblem("cameraId", "outOfRange", $"Name at most {KeptRules.MaxCameras} cameras"));
        return isCursor ? null : Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
    }

    private static bool TryReadCursor(string? text, out DateTimeOffset? at, out Guid? id)
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
