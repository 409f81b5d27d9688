using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.CameraGroups;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Sites;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Tree;

/// <summary>GET /api/tree: everything there is and where it stands, as far as the caller sees it. A camera stands once, at its site; groups, which
/// may span sites, name theirs.</summary>
internal static class GetTree
{
    public sealed record Response(TenantNode Tenant);

    /// <param name="Groups">The uppermost; each has those within it.</param>
    public sealed record TenantNode(string Id, string Name, IReadOnlyList<SiteNode> Sites, IReadOnlyList<GroupNode> Groups);

    public sealed record SiteNode(string Id, string Name, IReadOnlyList<CameraNode> Cameras);

    public sealed record CameraNode(
        string Id, string Name, bool Enabled, string State, string? StateReason, string RecordingState, IReadOnlyList<string> GroupIds);

    /// <param name="CameraIds">Those in it itself.</param>
    public sealed record GroupNode(string Id, string Name, IReadOnlyList<GroupNode> Groups, IReadOnlyList<string> CameraIds);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/tree", Handle).WithName(nameof(GetTree)).WithSummary("The tenant's sites, camera groups and cameras with their states.").WithTags("Sites")
            .Needs(Permissions.CamerasRead, Scope.Cameras).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Ok<Response>> Handle(HttpContext context, NpgsqlDataSource database, CameraStates states, CancellationToken cancellationToken)
    {
        var rights = Caller.Of(context).Rights;
        var seen = rights.Filter(Permissions.CamerasRead);
        await using var named = database.Command("select name from control.tenant where id = $1", seen.TenantId);
        var tenant = (string?)await named.ExecuteScalarAsync(cancellationToken) ?? seen.TenantId;
        await using var command = database.Command($"""
            select {CameraRow.SelectColumns} from control.camera
            where deleted_at is null and tenant_id = $1 and ($2::text[] is null or id = any($2)) order by lower(name), id
            """, seen.TenantId, seen.CameraIds);
        var cameras = await command.RowsAsync(CameraRow.Read, cancellationToken);
        var sites = await SiteView.ReadAsync(database, rights, null, cancellationToken);
        var groups = await CameraGroupView.ReadAsync(database, rights, cancellationToken);

        var bySite = cameras.ToLookup(c => c.Settings.SiteId, c => NodeOf(c, states.Of(c), groups), StringComparer.Ordinal);
        var byParent = groups.ToLookup(g => g.ParentId ?? "", StringComparer.Ordinal);
        return TypedResults.Ok(new Response(new TenantNode(
            seen.TenantId, tenant, [.. sites.Select(s => new SiteNode(s.Id, s.Name, [.. bySite[s.Id]]))], Below("", byParent))));
    }

    private static CameraNode NodeOf(CameraRow row, CameraState state, List<CameraGroupView> groups) => new(
        row.Id, row.Settings.Name, row.Settings.Enabled, state.State, state.StateReason, state.Recording.State,
        [.. row.GroupIds.Where(id => groups.Exists(g => g.Id == id))]);

    /// <summary>Groups stand in no ring and at most <see cref="CameraGroupRules.MaxDepth"/> deep: writing them checks it.</summary>
    private static List<GroupNode> Below(string parent, ILookup<string, CameraGroupView> byParent) =>
        [.. byParent[parent].Select(g => new GroupNode(g.Id, g.Name, Below(g.Id, byParent), g.CameraIds))];
}
