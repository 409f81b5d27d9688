using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>POST /api/users/{userId}/password: an administrator gives a new one; all sign-ins of the account end.</summary>
internal static class SetUserPassword
{
    public sealed record Request(string? Password);

    public static void Map(RouteGroupBuilder users) =>
        users.MapPost("/{userId:guid}/password", Handle).WithName(nameof(SetUserPassword)).WithSummary("Give a user a new password; their sign-ins end.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid userId, Request request, HttpContext context, NpgsqlDataSource database, SignIns signIns, RightsState rights, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await UserView.FindAsync(connection, caller.TenantId, userId, cancellationToken) is not { } user)
            return UsersRoutes.NotFound();
        if (rights.IsBeyond(caller.Rights, userId))
            return Auth.Grants.Beyond();
        var rules = await PasswordRules.OfAsync(connection, caller.TenantId, cancellationToken);
        if (rules.Check(request.Password ?? "", user.Username) is { } problem)
            return Problems.Fields(new FieldProblem("password", problem.Code, problem.Message));
        await Accounts.SetPasswordAsync(connection, userId, request.Password!, cancellationToken);
        var ended = await signIns.EndAllAsync(connection, userId, null, "password", cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "user.passwordSet", userId.ToString(), new { username = user.Username }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember(ended);
        return TypedResults.NoContent();
    }
}
