using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Vms.Control.Features.Exports;

/// <summary>GET /api/exports/{exportId}: how far it is, and where its files are.</summary>
internal static class GetExport
{
    public static void Map(RouteGroupBuilder exports) =>
        exports.MapGet("/{exportId}", Handle).WithName(nameof(GetExport)).WithSummary("How far an export is, and where its files are.").ProducesProblem(404);

    private static async Task<Results<Ok<ExportView>, ProblemHttpResult>> Handle(string exportId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await ExportRow.FindAsync(database, exportId, ExportsRoutes.SeenBy(context), cancellationToken) is { } row ? TypedResults.Ok(ExportView.Of(row)) : ExportsRoutes.NotFound();
}
