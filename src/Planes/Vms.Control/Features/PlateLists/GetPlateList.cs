using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.PlateLists;

/// <summary>GET /api/plate-lists/{id}: with its plates.</summary>
internal static class GetPlateList
{
    public static void Map(RouteGroupBuilder lists) =>
        lists.MapGet("/{id}", Handle).WithName(nameof(GetPlateList)).WithSummary("One list of plates.").Needs(Permissions.PlatesWrite, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<PlateListView>, ProblemHttpResult>> Handle(string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await PlateListView.FindAsync(connection, Caller.Of(context).TenantId, id, locked: false, cancellationToken) is { } list
            ? TypedResults.Ok(list) : PlateListsRoutes.NotFound();
    }
}
