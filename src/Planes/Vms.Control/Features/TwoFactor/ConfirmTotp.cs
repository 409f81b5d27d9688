using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.TwoFactor;

/// <summary>POST /api/auth/totp/confirm: from now on a login needs a code. The answer has the recovery codes, which nothing shows again.</summary>
internal static class ConfirmTotp
{
    public sealed record Request(string? Code);

    /// <param name="RecoveryCodes">Each is good for one login without the app.</param>
    public sealed record Response(IReadOnlyList<string> RecoveryCodes);

    public static void Map(RouteGroupBuilder totp) =>
        totp.MapPost("/confirm", Handle).WithName(nameof(ConfirmTotp)).WithSummary("Confirm a code of the app: logins need one from now on. Shows the recovery codes once.")
            .ProducesProblem(400);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, SecondFactors factors, LoginThrottle throttle, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        var wait = throttle.Enter(context.RemoteAddress(), caller.Name, time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = caller.Principal!.Id;
        if (await factors.ConfirmAsync(connection, account, request.Code ?? "", cancellationToken) is not { } codes)
            return Problems.Fields(new FieldProblem("code", "wrongCode", "The code is wrong, or there is no secret to confirm"));
        throttle.Succeeded(context.RemoteAddress(), caller.Name);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "user.totpOn", account.ToString(), new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new Response(codes));
    }
}
