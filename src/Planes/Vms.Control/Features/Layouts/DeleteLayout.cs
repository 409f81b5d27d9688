using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>DELETE /api/layouts/{id}.</summary>
internal static class DeleteLayout
{
    public static void Map(RouteGroupBuilder layouts) =>
        layouts.MapDelete("/{id}", Handle).WithName(nameof(DeleteLayout)).WithSummary("Delete a layout.").ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, LayoutEdits edits, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LayoutRow.LockAsync(connection, caller, id, cancellationToken) is not { } row)
            return LayoutRules.NotFound();
        if (!row.IsEditableBy(caller))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "The layout belongs to somebody else.");
        if (ItemVersion.Check(context, LayoutView.VersionOf(row.Generation)) is { } otherVersion)
            return otherVersion;
        await connection.ExecuteAsync("delete from control.layout where id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "layout.deleted", id, new { name = row.Settings.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        edits.Changed(caller, id, row.Settings.Shared);
        return TypedResults.NoContent();
    }
}
