using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>POST /api/layouts. It belongs to whoever makes it.</summary>
internal static class AddLayout
{
    public static void Map(RouteGroupBuilder layouts) =>
        layouts.MapPost("/", Handle).WithName(nameof(AddLayout)).WithSummary("Add a layout, for oneself or shared.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<LayoutView>, ProblemHttpResult>> Handle(
        LayoutRequest request, HttpContext context, NpgsqlDataSource database, LayoutEdits edits, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var settings = LayoutRules.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (caller, actor, now) = (Caller.Of(context), Actor.Of(context), time.GetUtcNow());
        var row = new LayoutRow(CameraId.New(), caller.Principal!.Id, caller.Name, settings, 1, now, now);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LayoutEdits.CheckAsync(connection, caller, settings, [], cancellationToken) is { } refused)
            return refused;
        var added = await connection.ExecuteAsync("""
            insert into control.layout (id, tenant_id, owner_id, owner, name, grid, columns, rows, shared, position, cells, generation, created_at, updated_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, 1, $12, $12 where (select count(*) from control.layout where tenant_id = $2) < $13
            """,
            [
                row.Id, caller.TenantId, row.OwnerId, row.Owner, settings.Name, settings.Grid, settings.Columns, settings.Rows, settings.Shared, settings.Order,
                JsonSerializer.Serialize(settings.Cells, JsonSerializerOptions.Web), now, LayoutRules.MaxLayouts,
            ], cancellationToken);
        if (added == 0)
            return Problems.Of(StatusCodes.Status409Conflict, "tooManyLayouts", $"There are {LayoutRules.MaxLayouts} layouts already", "Delete some that nobody uses.");
        await AuditLog.AddAsync(connection, now, actor, "layout.created", row.Id, new { name = settings.Name, shared = settings.Shared }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        edits.Changed(caller, row.Id, settings.Shared);
        return TypedResults.Created($"/api/layouts/{row.Id}", row.ToView(caller, _ => true));
    }
}
