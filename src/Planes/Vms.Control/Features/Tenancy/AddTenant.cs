using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Rules;
using Vms.Control.Features.Sites;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Tenancy;

/// <summary>POST /api/tenants: a tenant with its first site and, if asked for, its first administrator. From then on it is theirs: whoever made it sees
/// nothing of what they do.</summary>
internal static partial class AddTenant
{
    /// <param name="Id">Lower-case letters, digits and dashes; stands in front of the ids of its sites, and stays.</param>
    public sealed record Request(string? Id, string? Name, UsageLimits? Limits, Administrator? Administrator);

    public sealed record Administrator(string? Username, string? Password);

    public static void Map(RouteGroupBuilder tenants) =>
        tenants.MapPost("/", Handle).WithName(nameof(AddTenant)).WithSummary("Add a tenant, with its first administrator.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<TenantView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, Accounts accounts, RightsState rights, UsageLimitRows limitRows, RuleBook rules, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (request.Id is not { } id || !Id().IsMatch(id))
            problems.Add(new FieldProblem("id", "invalidValue", "Use 2 to 24 lower-case letters, digits and dashes, beginning with a letter"));
        var name = TenantView.CheckName(request.Name, problems);
        var limits = UsageLimits.Check(request.Limits, ofSite: false, problems);
        if (request.Administrator is { } first)
            problems.AddRange(Check(first));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, site) = (time.GetUtcNow(), SiteRow.NewId(request.Id!));
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            try
            {
                var added = await connection.ExecuteAsync("""
                    insert into control.tenant (id, name, limits, created_at) select $1, $2, $3::jsonb, $4
                    where (select count(*) from control.tenant where deleted_at is null) < $5
                    """, [request.Id, name, limits.ToJson(), now, TenantView.MaxTenants], cancellationToken);
                if (added == 0)
                    return Problems.Of(StatusCodes.Status409Conflict, "tooManyTenants", $"There are {TenantView.MaxTenants} tenants already");
                await connection.ExecuteAsync(
                    "insert into control.site (id, tenant_id, name, created_at) values ($1, $2, 'Default site', $3)", [site, request.Id, now], cancellationToken);
                await AlertRules.AddMissingAsync(connection, cancellationToken);
                if (request.Administrator is { } administrator)
                    await accounts.AddAdministratorAsync(connection, request.Id!, administrator.Username!.Trim(), administrator.Password!, cancellationToken);
            }
            catch (PostgresException e) when (TenantView.IsTaken(e))
            {
                return TenantView.Taken(e);
            }

            await AuditLog.AddAsync(
                connection, now, Actor.Of(context), "tenant.created", request.Id!, new { name, limits, administrator = request.Administrator?.Username?.Trim() }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        limitRows.Changed();
        rules.Changed();
        await rights.RefreshAsync();
        return TypedResults.Created($"/api/tenants/{request.Id}", new TenantView(request.Id!, name, limits, 1, 0, request.Administrator is null ? 0 : 1, now));
    }

    private static IEnumerable<FieldProblem> Check(Administrator first)
    {
        var username = first.Username?.Trim() ?? "";
        if (UsernameRules.Check(username) is { } name)
            yield return new FieldProblem("administrator.username", name.Code, name.Message);
        if (PasswordRules.Default.Check(first.Password ?? "", username) is { } password)
            yield return new FieldProblem("administrator.password", password.Code, password.Message);
    }

    [GeneratedRegex("^[a-z](-?[a-z0-9]){1,23}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Id();
}
