using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Sites;

/// <summary>PATCH /api/sites/{id}: JSON merge patch (RFC 7396) of its name and limits.</summary>
internal static class PatchSite
{
    public sealed record Request(string? Name, UsageLimits? Limits);

    public static void Map(RouteGroupBuilder sites) =>
        sites.MapPatch("/{id}", Handle).WithName(nameof(PatchSite)).WithSummary("Change a site's name or limits (JSON merge patch).").Needs(Permissions.SitesWrite, Scope.Tenant)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<SiteView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, RightsState rights, UsageLimitRows limitRows, TreeFeed tree, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var locked = connection.Command(
            "select name, limits from control.site where id = $1 and tenant_id = $2 and deleted_at is null for update", id, actor.TenantId);
        if (await locked.FirstAsync(r => new Request(r.GetString(0), JsonSerializer.Deserialize<UsageLimits>(r.GetString(1), JsonSerializerOptions.Web)), cancellationToken) is not { } before)
            return SiteProblems.NotFound();
        if (ItemVersion.Check(context, SiteView.VersionOf(before.Name!, before.Limits!)) is { } otherVersion)
            return otherVersion;

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
        var name = SiteProblems.CheckName(wanted.Name, problems);
        var limits = UsageLimits.Check(wanted.Limits, ofSite: true, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        try
        {
            await connection.ExecuteAsync("update control.site set name = $2, limits = $3::jsonb where id = $1", [id, name, limits.ToJson()], cancellationToken);
        }
        catch (PostgresException e) when (SiteProblems.IsNameTaken(e))
        {
            return SiteProblems.NameTaken();
        }

        if (name != before.Name || limits != before.Limits)
            await AuditLog.AddAsync(connection, now, actor, "site.changed", id, new { name, limits }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        limitRows.Changed();
        await rights.RefreshAsync();
        tree.Changed(actor.TenantId);
        return await SiteView.ReadAsync(database, Caller.Of(context).Rights, id, cancellationToken) is [var site] ? TypedResults.Ok(site) : SiteProblems.NotFound();
    }
}
