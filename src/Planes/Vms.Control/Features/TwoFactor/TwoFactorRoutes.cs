using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Users;

namespace Vms.Control.Features.TwoFactor;

/// <summary>/api/auth/totp: one's own second factor. Enrolling gives the secret to the app, confirming a code of it switches it on.</summary>
internal static class TwoFactorRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var totp = app.MapGroup("/api/auth/totp").WithTags("Session").NeedsSignIn().ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);
        GetTotp.Map(totp);
        EnrolTotp.Map(totp);
        ConfirmTotp.Map(totp);
        DisableTotp.Map(totp);
        app.MapDelete("/api/users/{userId:guid}/totp", ResetAsync).WithTags("Users").WithName("ResetUserTotp")
            .WithSummary("Take a user's second factor away, when they have lost it; their sign-ins end.").Needs(Permissions.UsersWrite, Scope.Tenant)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetAsync(
        Guid userId, HttpContext context, NpgsqlDataSource database, SignIns signIns, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await UserView.FindAsync(connection, caller.TenantId, userId, cancellationToken) is not { } user)
            return UsersRoutes.NotFound();
        if (rights.IsBeyond(caller.Rights, userId))
            return Auth.Grants.Beyond();
        await SecondFactors.RemoveAsync(connection, userId, cancellationToken);
        var ended = await signIns.EndAllAsync(connection, userId, null, "password", cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "user.totpReset", userId.ToString(), new { username = user.Username }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember(ended);
        return TypedResults.NoContent();
    }
}
