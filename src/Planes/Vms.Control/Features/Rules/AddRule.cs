using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>POST /api/rules: from the next event on it counts.</summary>
internal static class AddRule
{
    public static void Map(RouteGroupBuilder rules) =>
        rules.MapPost("/", Handle).WithName(nameof(AddRule)).WithSummary("Add a rule.").Needs(Permissions.RulesWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<RuleView>, ProblemHttpResult>> Handle(
        RuleRequest request, HttpContext context, NpgsqlDataSource database, RuleBook book, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var settings = RuleChecks.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (id, name, now, actor) = (CameraId.New(), request.Name!.Trim(), time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await RuleNames.CheckAsync(connection, actor.TenantId, settings, before: null, cancellationToken) is { } unknown)
            return unknown;
        var added = await connection.ExecuteAsync("""
            insert into control.rule (id, tenant_id, name, enabled, settings, created_by, created_at, updated_at)
            select $1, $2, $3, $4, $5::jsonb, $6, $7, $7 where (select count(*) from control.rule where tenant_id = $2) < $8
            """,
            [id, actor.TenantId, name, request.Enabled ?? true, JsonSerializer.Serialize(settings, JsonSerializerOptions.Web), actor.Name, now, RuleChecks.MaxRules], cancellationToken);
        if (added == 0)
            return Problems.Of(StatusCodes.Status409Conflict, "tooManyRules", "Too many rules", $"There are {RuleChecks.MaxRules} already. Delete some that nobody needs.");
        await AuditLog.AddAsync(connection, now, actor, "rule.added", id, new { name, enabled = request.Enabled ?? true, settings.When, settings.Actions }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        book.Changed();
        return TypedResults.Created($"/api/rules/{id}", (await RuleRow.FindAsync(connection, actor.TenantId, id, locked: false, cancellationToken))!);
    }
}
