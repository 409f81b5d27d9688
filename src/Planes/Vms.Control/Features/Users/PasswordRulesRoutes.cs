using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>GET and PATCH /api/password-rules: what a new password must be like. Whoever is signed in reads it, to choose one of their own.</summary>
internal static class PasswordRulesRoutes
{
    /// <param name="MinLength">Characters, 8 to 64.</param>
    /// <param name="RefuseCommon">Passwords that an attacker tries first are refused.</param>
    public sealed record View(int MinLength, bool RefuseCommon);

    /// <inheritdoc cref="View"/>
    public sealed record Request(int? MinLength, bool? RefuseCommon);

    public static void Map(IEndpointRouteBuilder app)
    {
        var rules = app.MapGroup("/api/password-rules").WithTags("Users").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        rules.MapGet("/", GetAsync).WithName("GetPasswordRules").WithSummary("What a new password must be like.").NeedsCredential();
        rules.MapPatch("/", PatchAsync).WithName("PatchPasswordRules").WithSummary("Change what a new password must be like (JSON merge patch); those that are there stay good.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
    }

    private static async Task<Ok<View>> GetAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var rules = await PasswordRules.OfAsync(database, Caller.Of(context).TenantId, cancellationToken);
        return TypedResults.Ok(new View(rules.MinLength, rules.RefuseCommon));
    }

    private static async Task<Results<Ok<View>, ProblemHttpResult>> PatchAsync(
        JsonElement patch, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var tenantId = Caller.Of(context).TenantId;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("select 1 from control.tenant where id = $1 for update", [tenantId], cancellationToken);
        var before = await PasswordRules.OfAsync(connection, tenantId, cancellationToken);
        Request wanted;
        try
        {
            wanted = MergePatch.Of(new Request(before.MinLength, before.RefuseCommon), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        // What is set to null is as it was at first.
        var rules = new PasswordRules(wanted.MinLength ?? PasswordRules.Default.MinLength, wanted.RefuseCommon ?? PasswordRules.Default.RefuseCommon);
        if (rules.MinLength is < PasswordRules.LeastMinLength or > PasswordRules.MostMinLength)
            return Problems.Fields(new FieldProblem("minLength", "outOfRange", $"Use {PasswordRules.LeastMinLength} to {PasswordRules.MostMinLength}"));

        await connection.ExecuteAsync(
            "update control.tenant set password_min_length = $2, password_refuse_common = $3 where id = $1", [tenantId, rules.MinLength, rules.RefuseCommon], cancellationToken);
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "passwordRules.changed", tenantId, new { rules.MinLength, rules.RefuseCommon }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new View(rules.MinLength, rules.RefuseCommon));
    }
}
