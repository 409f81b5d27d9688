using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Cameras;

/// <summary>GET /api/cameras/export.csv: the cameras that the caller may change, as <c>POST /api/cameras/import</c> reads them; without passwords.</summary>
internal static class ExportCameras
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapGet("/export.csv", Handle).WithName(nameof(ExportCameras)).WithSummary("The cameras as comma-separated values, without passwords.")
            .Needs(Permissions.CamerasWrite, Scope.Cameras).Produces<string>(200, "text/csv");

    private static async Task<FileContentHttpResult> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var seen = Caller.Of(context).Rights.Filter(Permissions.CamerasWrite);
        await using var command = database.Command($"""
            select {CameraRow.SelectColumns} from control.camera where deleted_at is null and tenant_id = $1 and ($2::text[] is null or id = any($2)) order by lower(name), id
            """, seen.TenantId, seen.CameraIds);
        var text = new StringBuilder("\uFEFF");      // without the mark spreadsheets take it for another encoding
        CameraCsv.Write(text, CameraLine.Columns);
        foreach (var row in await command.RowsAsync(CameraRow.Read, cancellationToken))
            CameraCsv.Write(text, CameraLine.CellsOf(row));
        return TypedResults.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", "cameras.csv");
    }
}
