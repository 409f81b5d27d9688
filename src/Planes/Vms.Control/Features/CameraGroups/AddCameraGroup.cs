using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.CameraGroups;

/// <summary>POST /api/groups.</summary>
internal static class AddCameraGroup
{
    public sealed record Request(string? Name, string? ParentId, IReadOnlyList<string>? CameraIds);

    public static void Map(RouteGroupBuilder groups) =>
        groups.MapPost("/", Handle).WithName(nameof(AddCameraGroup)).WithSummary("Add a camera group.").Needs(Permissions.GroupsWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<CameraGroupView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, DesiredState desired, TreeFeed tree, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = CameraGroupRules.CheckName(request.Name, problems);
        var cameras = request.CameraIds?.Distinct().ToArray() ?? [];
        if (cameras.Length > CameraGroupRules.MaxCameras)
            problems.Add(new FieldProblem("cameraIds", "tooMany", $"Use at most {CameraGroupRules.MaxCameras} cameras"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (id, now, actor) = (CameraId.New(), time.GetUtcNow(), Actor.Of(context));
        var parentId = string.IsNullOrEmpty(request.ParentId) ? null : request.ParentId;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var groups = await CameraGroupRules.LockAsync(connection, actor.TenantId, cancellationToken);
        if (groups.Count >= CameraGroupRules.MaxGroups)
            return Problems.Of(StatusCodes.Status409Conflict, "tooManyGroups", $"There are {CameraGroupRules.MaxGroups} camera groups already");
        if (CameraGroupRules.CheckParent(null, parentId, groups) is { } misplaced)
            return Problems.Fields(misplaced);
        try
        {
            await connection.ExecuteAsync(
                "insert into control.camera_group (id, tenant_id, name, parent_id, created_at) values ($1, $2, $3, $4, $5)",
                [id, actor.TenantId, name, parentId, now], cancellationToken);
        }
        catch (PostgresException e) when (CameraGroupRules.IsNameTaken(e))
        {
            return CameraGroupRules.NameTaken();
        }

        if (await CameraGroupRules.SetCamerasAsync(connection, actor.TenantId, id, cameras, now, cancellationToken) is { } unknown)
            return Problems.Fields(new FieldProblem("cameraIds", "cameraNotFound", $"There is no camera {unknown}"));
        await AuditLog.AddAsync(connection, now, actor, "group.created", id, new { name, parentId, cameras }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        desired.Changed();
        tree.Changed(actor.TenantId);
        return TypedResults.Created($"/api/groups/{id}", new CameraGroupView(id, name, parentId, cameras, now));
    }
}
