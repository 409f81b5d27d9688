using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>DELETE /api/nvrs/{id}: its cameras stay as cameras of their own, or go with it (<c>?cameras=delete</c>); their recordings stay until retention either way.</summary>
internal static class DeleteNvr
{
    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapDelete("/{id}", Handle).WithName(nameof(DeleteNvr)).WithSummary("Remove a recorder; its cameras stay unless cameras=delete.").Needs(Permissions.CamerasWrite)
            .ProducesProblem(400).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, string? cameras, HttpContext context, NpgsqlDataSource database, DesiredState desired, NvrWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        if (cameras is not (null or "keep" or "delete"))
            return Problems.Fields(new FieldProblem("cameras", "invalidValue", "Use keep or delete"));
        var (caller, actor, now) = (Caller.Of(context), Actor.Of(context), time.GetUtcNow());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await NvrRow.LockAsync(connection, caller, Permissions.CamerasWrite, id, cancellationToken) is not { } row)
            return NvrProblems.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(row.UpdatedAt)) is { } otherVersion)
            return otherVersion;

        List<string> gone = [];
        if (cameras == "delete")
        {
            await using var command = connection.Command("select id from control.camera where nvr_id = $1 and deleted_at is null order by id", id);
            gone = await command.RowsAsync(r => r.GetString(0), cancellationToken);
            if (caller.Rights.FirstForeign(Permissions.CamerasWrite, gone) is not null)
                return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "Some of its cameras stand where you may not delete them.");
            foreach (var camera in gone)
                await DeleteCamera.RemoveAsync(connection, camera, "keep", actor, now, cancellationToken);
        }

        await connection.ExecuteAsync("delete from control.nvr where id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "nvr.removed", id, new { name = row.Name, cameras = cameras ?? "keep", deleted = gone.Count }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        watch.Changed();
        desired.Changed();
        return TypedResults.NoContent();
    }
}
