using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Rules;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.PlateLists;

/// <summary>POST /api/plate-lists.</summary>
internal static class AddPlateList
{
    public static void Map(RouteGroupBuilder lists) =>
        lists.MapPost("/", Handle).WithName(nameof(AddPlateList)).WithSummary("Add a list of plates.").Needs(Permissions.PlatesWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<PlateListView>, ProblemHttpResult>> Handle(
        PlateListRequest request, HttpContext context, NpgsqlDataSource database, RuleBook rules, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var (name, note, entries) = PlateListView.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (id, now, actor) = (CameraId.New(), time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync("""
                insert into control.plate_list (id, tenant_id, name, note, entries, created_at, updated_at) select $1, $2, $3, $4, $5::jsonb, $6, $6
                where (select count(*) from control.plate_list where tenant_id = $2) < $7
                """, [id, actor.TenantId, name, note, entries, now, PlateListView.MaxLists], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyPlateLists", "Too many lists", $"There are {PlateListView.MaxLists} already. Delete some that nobody needs.");
        }
        catch (PostgresException e) when (PlateListsRoutes.IsNameTaken(e))
        {
            return PlateListsRoutes.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, actor, "plateList.added", id, new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        rules.Changed();
        return TypedResults.Created($"/api/plate-lists/{id}", (await PlateListView.FindAsync(connection, actor.TenantId, id, locked: false, cancellationToken))!);
    }
}
