using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Rules;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.PlateLists;

/// <summary>PATCH /api/plate-lists/{id}: JSON merge patch (RFC 7396). The plates are replaced as a whole.</summary>
internal static class PatchPlateList
{
    public static void Map(RouteGroupBuilder lists) =>
        lists.MapPatch("/{id}", Handle).WithName(nameof(PatchPlateList)).WithSummary("Change a list of plates (JSON merge patch).").Needs(Permissions.PlatesWrite, Scope.Tenant)
            .Accepts<PlateListRequest>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<PlateListView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, RuleBook rules, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await PlateListView.FindAsync(connection, actor.TenantId, id, locked: true, cancellationToken) is not { } before)
            return PlateListsRoutes.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(before.UpdatedAt)) is { } otherVersion)
            return otherVersion;

        PlateListRequest request;
        try
        {
            request = MergePatch.Of(new PlateListRequest(before.Name, before.Note, before.Entries), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        var (name, note, entries) = PlateListView.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        try
        {
            await connection.ExecuteAsync(
                "update control.plate_list set name = $2, note = $3, entries = $4::jsonb, updated_at = $5 where id = $1", [id, name, note, entries, now], cancellationToken);
        }
        catch (PostgresException e) when (PlateListsRoutes.IsNameTaken(e))
        {
            return PlateListsRoutes.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, actor, "plateList.changed", id, new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        rules.Changed();
        return TypedResults.Ok((await PlateListView.FindAsync(connection, actor.TenantId, id, locked: false, cancellationToken))!);
    }
}
