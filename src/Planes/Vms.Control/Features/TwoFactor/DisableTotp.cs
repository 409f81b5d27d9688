using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.TwoFactor;

/// <summary>POST /api/auth/totp/disable: with the password, so that an unlocked screen is not enough.</summary>
internal static class DisableTotp
{
    public sealed record Request(string? Password);

    public static void Map(RouteGroupBuilder totp) =>
        totp.MapPost("/disable", Handle).WithName(nameof(DisableTotp)).WithSummary("Switch one's own second factor off, with the password.").ProducesProblem(400);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, Accounts accounts, LoginThrottle throttle, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (request.Password is not { Length: > 0 and <= PasswordRules.MaxLength } password)
            return Problems.Fields(new FieldProblem("password", "required", "The password is required"));
        var wait = throttle.Enter(context.RemoteAddress(), caller.Name, time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);
        if (await accounts.VerifyAsync(caller.Name, password, cancellationToken) is not { } account)
            return Problems.Fields(new FieldProblem("password", "wrongPassword", "The password is wrong"));
        throttle.Succeeded(context.RemoteAddress(), caller.Name);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SecondFactors.RemoveAsync(connection, account.Id, cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "user.totpOff", account.Id.ToString(), new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
