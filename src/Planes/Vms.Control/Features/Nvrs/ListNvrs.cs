using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>GET /api/nvrs: by name, page by page; those of the sites whose cameras somebody sees.</summary>
internal static class ListNvrs
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapGet("/", Handle).WithName(nameof(ListNvrs)).WithSummary("List recorders by name.").Needs(Permissions.CamerasRead).ProducesProblem(400);

    /// <summary>How many channels of the recorder n are cameras.</summary>
    public const string Added = "(select count(*)::int from control.camera c where c.nvr_id = n.id and c.deleted_at is null)";

    private static async Task<Results<Ok<Page<NvrView>>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 2, out var after))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command($"""
            select {NvrRow.Columns}, {Added}, lower(n.name) from control.nvr n
            where n.tenant_id = $1 and ($2 or n.site_id = any($3)) and ($4::text is null or (lower(n.name), n.id) > ($4, $5)) order by lower(n.name), n.id limit $6
            """, seen.TenantId, seen.CameraIds is null, seen.SiteIds, after?[0], after?[1], take + 1);
        var rows = await command.RowsAsync(r => (Nvr: NvrRow.Read(r), Added: r.GetInt32(r.FieldCount - 2), Key: r.GetString(r.FieldCount - 1)), cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => NvrView.Of(row.Nvr, row.Added), last => Cursor.Of(last.Key, last.Nvr.Id)));
    }
}
