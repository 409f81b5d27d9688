using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>PATCH /api/layouts/{id}: JSON merge patch (RFC 7396). Cells are replaced as a whole.</summary>
internal static class PatchLayout
{
    public static void Map(RouteGroupBuilder layouts) =>
        layouts.MapPatch("/{id}", Handle).WithName(nameof(PatchLayout)).WithSummary("Change a layout (JSON merge patch).")
            .Accepts<LayoutRequest>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<LayoutView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, LayoutEdits edits, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, now) = (Caller.Of(context), time.GetUtcNow());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LayoutRow.LockAsync(connection, caller, id, cancellationToken) is not { } row)
            return LayoutRules.NotFound();
        if (!row.IsEditableBy(caller))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "The layout belongs to somebody else.");
        if (ItemVersion.Check(context, LayoutView.VersionOf(row.Generation)) is { } otherVersion)
            return otherVersion;

        LayoutRequest request;
        try
        {
            var before = row.Settings;
            // The size follows from the grid: another grid brings its own.
            bool keepsGrid = patch.ValueKind != JsonValueKind.Object || !patch.TryGetProperty("grid", out _);
            request = MergePatch.Of(
                new LayoutRequest(
                    before.Name, before.Grid, keepsGrid ? before.Columns : null, keepsGrid ? before.Rows : null, before.Shared, before.Order, before.Cells),
                patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        if (request.Generation is { } read && read != row.Generation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "generationConflict", "The layout was changed meanwhile",
                $"You read generation {read}, it is now {row.Generation}.");
        }

        var problems = new List<FieldProblem>();
        var settings = LayoutRules.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await LayoutEdits.CheckAsync(connection, caller, settings, row.Settings.CameraIds, cancellationToken) is { } refused)
            return refused;

        var changed = row with { Settings = settings, Generation = row.Generation + 1, UpdatedAt = now };
        await connection.ExecuteAsync("""
            update control.layout set name = $2, grid = $3, columns = $4, rows = $5, shared = $6, position = $7, cells = $8::jsonb, generation = $9, updated_at = $10
            where id = $1
            """,
            [
                id, settings.Name, settings.Grid, settings.Columns, settings.Rows, settings.Shared, settings.Order,
                JsonSerializer.Serialize(settings.Cells, JsonSerializerOptions.Web), changed.Generation, now,
            ], cancellationToken);
        await AuditLog.AddAsync(connection, now, Actor.Of(context), "layout.changed", id, new { name = settings.Name, shared = settings.Shared }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        edits.Changed(caller, id, settings.Shared || row.Settings.Shared);
        var there = await LayoutRow.CamerasThereAsync(database, [changed], cancellationToken);
        return TypedResults.Ok(changed.ToView(caller, there.Contains));
    }
}
