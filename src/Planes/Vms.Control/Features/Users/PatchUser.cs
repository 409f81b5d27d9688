using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>PATCH /api/users/{userId}: what is absent stays. Switching an account off ends its sign-ins; rights that change count with its next request.</summary>
internal static class PatchUser
{
    /// <param name="Grants">All of them: those that are not in the list end.</param>
    /// <param name="GroupIds">Likewise.</param>
    public sealed record Request(string? DisplayName, bool? Enabled, IReadOnlyList<GrantRequest>? Grants, IReadOnlyList<Guid>? GroupIds);

    public static void Map(RouteGroupBuilder users) =>
        users.MapPatch("/{userId:guid}", Handle).WithName(nameof(PatchUser)).WithSummary("Change a user's name, roles or groups, or switch the account off. Absent keeps.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> Handle(
        Guid userId, Request request, HttpContext context, NpgsqlDataSource database, SignIns signIns, RightsState rights, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Administrators.LockAsync(connection, caller.TenantId, cancellationToken);
        if (await UserView.FindAsync(connection, caller.TenantId, userId, cancellationToken) is not { } before)
            return UsersRoutes.NotFound();
        if (ItemVersion.Check(context, before.Version) is { } otherVersion)
            return otherVersion;
        if (rights.IsBeyond(caller.Rights, userId))
            return Auth.Grants.Beyond();

        var problems = new List<FieldProblem>();
        var displayName = request.DisplayName is { Length: > 0 } ? NameRules.Check(request.DisplayName, "displayName", problems) : request.DisplayName;
        var grants = await Auth.Grants.CheckAsync(connection, caller.TenantId, request.Grants, problems, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, grants, cancellationToken) is { } beyond)
            return beyond;

        await connection.ExecuteAsync(
            "update control.account set display_name = coalesce($2, display_name), enabled = coalesce($3, enabled) where id = $1",
            [userId, displayName, request.Enabled], cancellationToken);
        if (request.Grants is not null)
            await Auth.Grants.ReplaceAsync(connection, caller.TenantId, GrantHolder.Account, userId, grants, cancellationToken);
        if (request.GroupIds is not null && await Memberships.ReplaceAsync(connection, caller.Rights, userId, request.GroupIds, cancellationToken) is { } problem)
            return problem;
        if (await Administrators.NoneLeftAsync(connection, caller.TenantId, cancellationToken) is { } noneLeft)
            return noneLeft;
        var ended = request.Enabled == false ? await signIns.EndAllAsync(connection, userId, null, "disabled", cancellationToken) : [];
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "user.changed", userId.ToString(),
            new { displayName, enabled = request.Enabled, grants = request.Grants is null ? null : grants, groupIds = request.GroupIds }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIns.Remember(ended);
        await rights.RefreshAsync();
        return TypedResults.Ok((await UserView.FindAsync(connection, caller.TenantId, userId, cancellationToken))!);
    }
}
