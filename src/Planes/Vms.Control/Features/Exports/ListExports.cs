using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Exports;

/// <summary>GET /api/exports: newest first, page by page.</summary>
internal static class ListExports
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder exports) =>
        exports.MapGet("/", Handle).WithName(nameof(ListExports)).WithSummary("List exports, newest first.").ProducesProblem(400);

    private static async Task<Results<Ok<Page<ExportView>>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        var take = limit ?? DefaultLimit;
        var seen = ExportsRoutes.SeenBy(context);
        await using var command = database.Command($"""
            select {ExportRow.Columns} from {ExportRow.Source}
            where ($1::timestamptz is null or (x.requested_at, x.id) < ($1, $2)) and x.tenant_id = $4 and ($5::text[] is null or x.camera_ids <@ $5)
            order by x.requested_at desc, x.id desc limit $3
            """, beforeAt, beforeId, take + 1, seen.TenantId, seen.CameraIds);
        var rows = await command.RowsAsync(ExportRow.Read, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows, take, ExportView.Of, last => Cursor.Of(last.RequestedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), last.Id)));
    }

    private static bool TryReadCursor(string? text, out DateTimeOffset? at, out string? id)
    {
        (at, id) = (null, null);
        if (!Cursor.TryParse(text, parts: 2, out var key))
            return false;
        if (key is null)
            return true;
        if (!DateTimeOffset.TryParseExact(key[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        (at, id) = (time, key[1]);
        return true;
    }
}
