using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Sites;

/// <summary>POST /api/sites.</summary>
internal static class AddSite
{
    public sealed record Request(string? Name, UsageLimits? Limits);

    public static void Map(RouteGroupBuilder sites) =>
        sites.MapPost("/", Handle).WithName(nameof(AddSite)).WithSummary("Add a site.").Needs(Permissions.SitesWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<SiteView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, UsageLimitRows limitRows, TreeFeed tree, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = SiteProblems.CheckName(request.Name, problems);
        var limits = UsageLimits.Check(request.Limits, ofSite: true, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        var id = SiteRow.NewId(actor.TenantId);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync("""
                insert into control.site (id, tenant_id, name, limits, created_at) select $1, $2, $3, $4::jsonb, $5
                where (select count(*) from control.site where tenant_id = $2 and deleted_at is null) < $6
                """, [id, actor.TenantId, name, limits.ToJson(), now, SiteRow.MaxSites], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManySites", $"There are {SiteRow.MaxSites} sites already");
        }
        catch (PostgresException e) when (SiteProblems.IsNameTaken(e))
        {
            return SiteProblems.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, actor, "site.created", id, new { name, limits }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        limitRows.Changed();
        await rights.RefreshAsync();
        tree.Changed(actor.TenantId);
        return TypedResults.Created($"/api/sites/{id}", new SiteView(id, name, 0, limits, now));
    }
}
