using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Rules;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations.Sensors;
using Vms.Hosting;

namespace Vms.Control.Features.Sites;

/// <summary>DELETE /api/sites/{id}: one without cameras. Roles that somebody had for it go with it.</summary>
internal static class DeleteSite
{
    public static void Map(RouteGroupBuilder sites) =>
        sites.MapDelete("/{id}", Handle).WithName(nameof(DeleteSite)).WithSummary("Delete a site that has no cameras.").Needs(Permissions.SitesWrite, Scope.Tenant)
            .ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, RightsState rights, RuleBook rules, SensorDirectory sensors, TreeFeed tree, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var locked = connection.Command("select name, limits from control.site where id = $1 and tenant_id = $2 and deleted_at is null for update", id, actor.TenantId);
        if (await locked.FirstAsync(r => new { Name = r.GetString(0), Limits = UsageLimits.Parse(r.GetString(1)) }, cancellationToken) is not { Name: var name } site)
            return SiteProblems.NotFound();
        if (ItemVersion.Check(context, SiteView.VersionOf(name, site.Limits)) is { } otherVersion)
            return otherVersion;
        if (id == SiteRow.DefaultId)
            return Problems.Of(StatusCodes.Status409Conflict, "siteIsDefault", "The default site stays", "Cameras that name no site come here. Give it another name instead.");

        await using var left = connection.Command("select count(*) from control.camera where site_id = $1 and deleted_at is null", id);
        if (await left.ExecuteScalarAsync(cancellationToken) is > 0L and var cameras)
            return Problems.Of(StatusCodes.Status409Conflict, "siteNotEmpty", "The site has cameras", $"Move its {cameras} cameras to another site, or delete them.");

        await using var recorders = connection.Command("select count(*) from control.nvr where site_id = $1", id);
        if (await recorders.ExecuteScalarAsync(cancellationToken) is > 0L)
            return Problems.Of(StatusCodes.Status409Conflict, "siteNotEmpty", "The site has recorders", "Remove its recorders first; their cameras can stay.");

        await connection.ExecuteAsync("update control.site set deleted_at = $2 where id = $1", [id, now], cancellationToken);
        await connection.ExecuteAsync("delete from control.role_grant where scope = 'site' and scope_id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "site.deleted", id, new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        rules.Changed();
        sensors.Changed();
        await rights.RefreshAsync();
        tree.Changed(actor.TenantId);
        return TypedResults.NoContent();
    }
}
