using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Sessions;

/// <summary>DELETE /api/sessions/{sessionId} ends one sign-in with all its tokens: one's own, or anybody's for whoever may change users.
/// DELETE /api/sessions ends all of one's own but the one that asks.</summary>
internal static class EndSessions
{
    public static void Map(RouteGroupBuilder sessions)
    {
        sessions.MapDelete("/{sessionId:guid}", EndAsync).WithName("EndSession").WithSummary("End a sign-in with all its tokens.").NeedsSignIn().ProducesProblem(404);
        sessions.MapDelete("/", EndOthersAsync).WithName("EndOtherSessions").WithSummary("End all of one's own sign-ins but this one.").NeedsSignIn();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        Guid sessionId, HttpContext context, NpgsqlDataSource database, SignIns signIns, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = connection.Command("""
            update control.sign_in s set ended_at = $4, end_reason = 'revoked' from control.account a
            where s.id = $1 and s.ended_at is null and a.id = s.account_id and a.tenant_id = $2 and (a.id = $3 or $5) returning a.id::text
            """, sessionId, caller.TenantId, caller.Principal!.Id, time.GetUtcNow(), caller.Rights.AllowsTenant(Permissions.UsersWrite));
        if (await command.ExecuteScalarAsync(cancellationToken) is not string userId)
            return Problems.NotFound("sessionNotFound", "There is no such sign-in");
        if (userId != caller.Principal.Id.ToString() && rights.IsBeyond(caller.Rights, Guid.Parse(userId)))
            return Auth.Grants.Beyond();
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "session.ended", sessionId.ToString(), new { userId }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember([sessionId]);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndOthersAsync(
        HttpContext context, NpgsqlDataSource database, SignIns signIns, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ended = await signIns.EndAllAsync(connection, caller.Principal!.Id, caller.SignInId, "revoked", cancellationToken);
        foreach (var id in ended)
            await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "session.ended", id.ToString(), new { userId = caller.Principal.Id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember(ended);
        return TypedResults.NoContent();
    }
}
