using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.CameraGroups;

/// <summary>PATCH /api/groups/{id}: its name, the group that it is in, its cameras (JSON merge patch, RFC 7396).</summary>
internal static class PatchCameraGroup
{
    /// <param name="ParentId">Null: moves it to the top.</param>
    /// <param name="CameraIds">All that are in it from now on.</param>
    public sealed record Request(string? Name, string? ParentId, IReadOnlyList<string>? CameraIds);

    public static void Map(RouteGroupBuilder groups) =>
        groups.MapPatch("/{id}", Handle).WithName(nameof(PatchCameraGroup)).WithSummary("Change, fill or move a camera group (JSON merge patch).").Needs(Permissions.GroupsWrite, Scope.Tenant)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<CameraGroupView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, RightsState rights, DesiredState desired, TreeFeed tree, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var groups = await CameraGroupRules.LockAsync(connection, actor.TenantId, cancellationToken);
        if (!groups.TryGetValue(id, out var parentBefore))
            return CameraGroupRules.NotFound();
        if (await CameraGroupView.CheckVersionAsync(connection, context, Caller.Of(context).Rights, id, cancellationToken) is { } otherVersion)
            return otherVersion;
        await using var named = connection.Command("select name from control.camera_group where id = $1", id);
        var before = new Request((string?)await named.ExecuteScalarAsync(cancellationToken), parentBefore, null);

        Request wanted;
        try
        {
            wanted = MergePatch.Of(before, patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        var name = CameraGroupRules.CheckName(wanted.Name, problems);
        var parentId = string.IsNullOrEmpty(wanted.ParentId) ? null : wanted.ParentId;
        if (CameraGroupRules.CheckParent(id, parentId, groups) is { } misplaced)
            problems.Add(misplaced);
        var cameras = patch.TryGetProperty("cameraIds", out _) ? wanted.CameraIds?.Distinct().ToArray() ?? [] : null;
        if (cameras?.Length > CameraGroupRules.MaxCameras)
            problems.Add(new FieldProblem("cameraIds", "tooMany", $"Use at most {CameraGroupRules.MaxCameras} cameras"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        try
        {
            await connection.ExecuteAsync("update control.camera_group set name = $2, parent_id = $3 where id = $1", [id, name, parentId], cancellationToken);
        }
        catch (PostgresException e) when (CameraGroupRules.IsNameTaken(e))
        {
            return CameraGroupRules.NameTaken();
        }

        if (cameras is not null && await CameraGroupRules.SetCamerasAsync(connection, actor.TenantId, id, cameras, now, cancellationToken) is { } unknown)
            return Problems.Fields(new FieldProblem("cameraIds", "cameraNotFound", $"There is no camera {unknown}"));
        await AuditLog.AddAsync(connection, now, actor, "group.changed", id, new { name, parentId, cameras }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        desired.Changed();
        tree.Changed(actor.TenantId);
        // With what they may see now: their own rights may have come from the group.
        var seen = rights.Current?.Find(Caller.Of(context).Principal!.Id)?.Rights ?? Caller.Of(context).Rights;
        return await CameraGroupView.FindAsync(database, seen, id, cancellationToken) is { } view ? TypedResults.Ok(view) : CameraGroupRules.NotFound();
    }
}
