using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Rules;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.PlateLists;

/// <summary>DELETE /api/plate-lists/{id}: rules that name it find no plate in it any more.</summary>
internal static class DeletePlateList
{
    public static void Map(RouteGroupBuilder lists) =>
        lists.MapDelete("/{id}", Handle).WithName(nameof(DeletePlateList)).WithSummary("Delete a list of plates.").Needs(Permissions.PlatesWrite, Scope.Tenant)
            .ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, RuleBook rules, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await PlateListView.FindAsync(connection, actor.TenantId, id, locked: true, cancellationToken) is not { } list)
            return PlateListsRoutes.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(list.UpdatedAt)) is { } otherVersion)
            return otherVersion;
        await connection.ExecuteAsync("delete from control.plate_list where id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "plateList.deleted", id, new { list.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        rules.Changed();
        return TypedResults.NoContent();
    }
}
