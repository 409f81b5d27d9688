using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>POST /api/auth/password: one's own, with the one before. All other sign-ins of the account end. Guessing is slowed down as at the login.</summary>
internal static class ChangePassword
{
    public sealed record Request(string? CurrentPassword, string? NewPassword);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/password", Handle).WithName(nameof(ChangePassword)).WithSummary("Change one's own password; all other sign-ins end.").NeedsSignIn()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, Accounts accounts, SignIns signIns, LoginThrottle throttle, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        var rules = await PasswordRules.OfAsync(database, caller.TenantId, cancellationToken);
        if (rules.Check(request.NewPassword ?? "", caller.Name) is { } problem)
            return Problems.Fields(new FieldProblem("newPassword", problem.Code, problem.Message));
        if (request.CurrentPassword is not { Length: > 0 and <= PasswordRules.MaxLength } current)
            return Problems.Fields(new FieldProblem("currentPassword", "required", "The password that counts until now is required"));
        var wait = throttle.Enter(context.RemoteAddress(), caller.Name, time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);
        if (await accounts.VerifyAsync(caller.Name, current, cancellationToken) is not { } account)
            return Problems.Fields(new FieldProblem("currentPassword", "wrongPassword", "The password is wrong"));

        throttle.Succeeded(context.RemoteAddress(), caller.Name);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Accounts.SetPasswordAsync(connection, account.Id, request.NewPassword!, cancellationToken);
        var ended = await signIns.EndAllAsync(connection, account.Id, caller.SignInId, "password", cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "user.passwordChanged", account.Id.ToString(), new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember(ended);
        return TypedResults.NoContent();
    }
}
