using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>GET /api/layouts: the caller's own and those that are shared, in their order, page by page; GET /api/layouts/{id}.</summary>
internal static class ListLayouts
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public static void Map(RouteGroupBuilder layouts)
    {
        layouts.MapGet("/", HandleAsync).WithName(nameof(ListLayouts)).WithSummary("List layouts: one's own and shared ones.").ProducesProblem(400);
        layouts.MapGet("/{id}", GetAsync).WithName("GetLayout").WithSummary("Get a layout.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<LayoutView>>, ProblemHttpResult>> HandleAsync(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        var position = 0;
        if (!Cursor.TryParse(cursor, parts: 3, out var after)
            || (after is not null && !int.TryParse(after[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out position)))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var (caller, take) = (Caller.Of(context), limit ?? DefaultLimit);
        await using var command = database.Command($"""
            select {LayoutRow.Columns}, lower(l.name) from control.layout l
            where {LayoutRow.IsSeen} and ($4::text is null or (l.position, lower(l.name), l.id) > ($3, $4, $5))
            order by l.position, lower(l.name), l.id limit $6
            """, caller.TenantId, caller.Principal!.Id, position, after?[1], after?[2], take + 1);
        // As the database wrote it, whose lower case may be another than ours.
        var rows = await command.RowsAsync(r => (Layout: LayoutRow.Read(r), Key: r.GetString(r.FieldCount - 1)), cancellationToken);
        var there = await LayoutRow.CamerasThereAsync(database, [.. rows.Select(r => r.Layout)], cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows, take, row => row.Layout.ToView(caller, there.Contains),
            last => Cursor.Of(last.Layout.Settings.Order.ToString(CultureInfo.InvariantCulture), last.Key, last.Layout.Id)));
    }

    private static async Task<Results<Ok<LayoutView>, ProblemHttpResult>> GetAsync(
        string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var command = database.Command(
            $"select {LayoutRow.Columns} from control.layout l where {LayoutRow.IsSeen} and l.id = $3", caller.TenantId, caller.Principal!.Id, id);
        if (await command.FirstAsync(LayoutRow.Read, cancellationToken) is not { } row)
            return LayoutRules.NotFound();
        var there = await LayoutRow.CamerasThereAsync(database, [row], cancellationToken);
        return TypedResults.Ok(row.ToView(caller, there.Contains));
    }
}
