using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>/local/users, on control's local socket alone: what <c>vms user</c> asks for. Whoever can open the socket owns the installation, and may help
/// an administrator who has lost everything.</summary>
internal static class LocalUsers
{
    private static readonly AuthorizationPolicy s_localSocket =
        new AuthorizationPolicyBuilder().RequireAssertion(c => c.Resource is HttpContext http && http.IsLocalSocket()).Build();

    /// <summary>Stands in the audit log.</summary>
    private static readonly Actor s_commandLine = new(Tenants.First, "", null);

    /// <param name="Role">A built-in role, for everything of the first tenant.</param>
    public sealed record Request(string? Username, string? Password, string? Role);

    public sealed record PasswordRequest(string? Password);

    public sealed record LocalUser(string Username, string TenantId, bool Enabled, bool TwoFactor, IReadOnlyList<string> Roles);

    public static void Map(IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/local/users").RequireAuthorization(s_localSocket).ExcludeFromDescription();
        users.MapGet("/", ListAsync);
        users.MapPost("/", AddAsync);
        users.MapPost("/{username}/password", SetPasswordAsync);
        users.MapPost("/{username}/enable", (string username, Change change, CancellationToken cancellationToken) =>
            change.EnableAsync(username, true, cancellationToken));
        users.MapPost("/{username}/disable", (string username, Change change, CancellationToken cancellationToken) =>
            change.EnableAsync(username, false, cancellationToken));
        users.MapPost("/{username}/reset-totp", (string username, Change change, CancellationToken cancellationToken) =>
            change.ResetTotpAsync(username, cancellationToken));
    }

    private static async Task<Ok<List<LocalUser>>> ListAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select username, tenant_id, enabled, totp_confirmed_at is not null,
                array(select r.name || case when g.scope = 'tenant' then '' else ' (' || g.scope || ' ' || g.scope_id || ')' end
                    from control.role_grant g join control.role r on r.id = g.role_id where g.account_id = a.id order by 1)
            from control.account a order by username_key
            """);
        return TypedResults.Ok(await command.RowsAsync(
            r => new LocalUser(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetBoolean(3), r.GetFieldValue<string[]>(4)), cancellationToken));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> AddAsync(
        Request request, NpgsqlDataSource database, Accounts accounts, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var (username, role, problems) = (request.Username?.Trim() ?? "", request.Role ?? Role.Viewer, new List<FieldProblem>());
        if (UsernameRules.Check(username) is { } nameProblem)
            problems.Add(new FieldProblem("username", nameProblem.Code, nameProblem.Message));
        var rules = await PasswordRules.OfAsync(database, Tenants.First, cancellationToken);
        if (rules.Check(request.Password ?? "", username) is { } passwordProblem)
            problems.Add(new FieldProblem("password", passwordProblem.Code, passwordProblem.Message));
        if (!Role.BuiltIn.Contains(role))
            problems.Add(new FieldProblem("role", "roleNotFound", $"Use one of {string.Join(", ", Role.BuiltIn)}"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var id = await accounts.AddAsync(connection, Tenants.First, username, request.Password!, "", enabled: true, cancellationToken);
            await Auth.Grants.ReplaceAsync(
                connection, Tenants.First, GrantHolder.Account, id, [new GrantView(role, GrantScopes.Tenant, null)], cancellationToken);
            if (role == Role.Admin)
                await SetupLink.CloseAsync(connection, cancellationToken);
            await AuditLog.AddAsync(connection, time.GetUtcNow(), s_commandLine, "user.added", id.ToString(), new { username, role, by = "vms user" }, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "usernameTaken", "There is a user of this name already");
        }

        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetPasswordAsync(
        string username, PasswordRequest request, NpgsqlDataSource database, Accounts accounts, Change change, CancellationToken cancellationToken)
    {
        if (await accounts.TenantOfAsync(username, cancellationToken) is not { } tenantId)
            return UsersRoutes.NotFound();
        var rules = await PasswordRules.OfAsync(database, tenantId, cancellationToken);
        if (rules.Check(request.Password ?? "", username) is { } problem)
            return Problems.Fields(new FieldProblem("password", problem.Code, problem.Message));
        return await change.ApplyAsync(
            username, "user.passwordSet", "password",
            (connection, account) => Accounts.SetPasswordAsync(connection, account, request.Password!, cancellationToken), cancellationToken);
    }

    /// <summary>A change of one account that ends its sign-ins.</summary>
    internal sealed class Change(NpgsqlDataSource database, SignIns signIns, RightsState rights, TimeProvider time)
    {
        public Task<Results<NoContent, ProblemHttpResult>> EnableAsync(string username, bool enabled, CancellationToken cancellationToken) => ApplyAsync(
            username, "user.changed", enabled ? null : "disabled",
            (connection, account) => connection.ExecuteAsync("update control.account set enabled = $2 where id = $1", [account, enabled], cancellationToken),
            cancellationToken);

        public Task<Results<NoContent, ProblemHttpResult>> ResetTotpAsync(string username, CancellationToken cancellationToken) => ApplyAsync(
            username, "user.totpReset", "password", (connection, account) => SecondFactors.RemoveAsync(connection, account, cancellationToken), cancellationToken);

        /// <param name="endReason">Null: the sign-ins go on.</param>
        public async Task<Results<NoContent, ProblemHttpResult>> ApplyAsync(
            string username, string action, string? endReason, Func<NpgsqlConnection, Guid, Task> apply, CancellationToken cancellationToken)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var find = connection.Command("select id, tenant_id from control.account where username_key = $1", Accounts.KeyOf(username));
            if (await find.FirstAsync(r => new { Id = r.GetGuid(0), Tenant = r.GetString(1) }, cancellationToken) is not { } account)
                return UsersRoutes.NotFound();
            await Administrators.LockAsync(connection, account.Tenant, cancellationToken);
            await apply(connection, account.Id);
            if (await Administrators.NoneLeftAsync(connection, account.Tenant, cancellationToken) is { } noneLeft && endReason == "disabled")
                return noneLeft;
            var ended = endReason is null ? [] : await signIns.EndAllAsync(connection, account.Id, null, endReason, cancellationToken);
            await AuditLog.AddAsync(
                connection, time.GetUtcNow(), s_commandLine with { TenantId = account.Tenant }, action, account.Id.ToString(), new { username, by = "vms user" }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            signIns.Remember(ended);
            await rights.RefreshAsync();
            return TypedResults.NoContent();
        }
    }
}
