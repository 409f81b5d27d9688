using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>GET /api/cameras: by name, page by page.</summary>
internal static class ListCameras
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1000;

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapGet("/", Handle).WithName(nameof(ListCameras)).WithSummary("List cameras by name.").Needs(Permissions.CamerasRead, Scope.Cameras).ProducesProblem(400);

    private static async Task<Results<Ok<Page<CameraView>>, ProblemHttpResult>> Handle(
        string? siteId, int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CameraStates states, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 2, out var after))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command($"""
            select {CameraRow.SelectColumns}, lower(name) from control.camera
            where deleted_at is null and ($1::text is null or site_id = $1) and ($2::text is null or (lower(name), id) > ($2, $3))
              and tenant_id = $5 and ($6::text[] is null or id = any($6))
            order by lower(name), id limit $4
            """, siteId, after?[0], after?[1], take + 1, seen.TenantId, seen.CameraIds);
        // What it sorted by comes from the database: its lower case is not ours (one in the C locale leaves everything but ASCII as it is).
        var rows = await command.RowsAsync(r => (Camera: CameraRow.Read(r), Key: r.GetString(r.FieldCount - 1)), cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows, take, row => CameraView.Of(row.Camera, states.Of(row.Camera)), last => Cursor.Of(last.Key, last.Camera.Id)));
    }
}
