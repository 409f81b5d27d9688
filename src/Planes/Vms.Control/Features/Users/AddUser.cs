using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>POST /api/users. A user name is one person's in the whole installation: a login names no tenant.</summary>
internal static class AddUser
{
    public sealed record Request(
        string? Username, string? Password, string? DisplayName, bool? Enabled, IReadOnlyList<GrantRequest>? Grants, IReadOnlyList<Guid>? GroupIds);

    public static void Map(RouteGroupBuilder users) =>
        users.MapPost("/", Handle).WithName(nameof(AddUser)).WithSummary("Add a user, with roles and groups.").Needs(Permissions.UsersWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<UserView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, Accounts accounts, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        var username = request.Username?.Trim() ?? "";
        var problems = new List<FieldProblem>();
        if (UsernameRules.Check(username) is { } nameProblem)
            problems.Add(new FieldProblem("username", nameProblem.Code, nameProblem.Message));
        if (PasswordRules.Check(request.Password ?? "", username) is { } passwordProblem)
            problems.Add(new FieldProblem("password", passwordProblem.Code, passwordProblem.Message));
        var displayName = request.DisplayName is { Length: > 0 } ? NameRules.Check(request.DisplayName, "displayName", problems) : "";

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var grants = await Auth.Grants.CheckAsync(connection, caller.TenantId, request.Grants, problems, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, grants, cancellationToken) is { } beyond)
            return beyond;

        Guid id;
        try
        {
            id = await accounts.AddAsync(connection, caller.TenantId, username, request.Password!, displayName, request.Enabled ?? true, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "usernameTaken", "There is a user of this name already");
        }

        await Auth.Grants.ReplaceAsync(connection, caller.TenantId, GrantHolder.Account, id, grants, cancellationToken);
        if (await Memberships.ReplaceAsync(connection, caller.Rights, id, request.GroupIds ?? [], cancellationToken) is { } problem)
            return problem;
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "user.added", id.ToString(), new { username, grants, groupIds = request.GroupIds ?? [] }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Created($"/api/users/{id}", (await UserView.FindAsync(connection, caller.TenantId, id, cancellationToken))!);
    }
}
