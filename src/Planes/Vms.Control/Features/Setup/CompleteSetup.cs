using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Setup;

/// <summary>POST /api/setup: the first administrator, with the one-time token that the first start printed. Open.</summary>
internal static class CompleteSetup
{
    public sealed record Request(string? Token, string? Username, string? Password);

    public sealed record Response(string Username);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api/setup", Handle).WithName(nameof(CompleteSetup)).WithSummary("Create the first administrator with the one-time token of the first start.").WithTags("Setup").AllowAnonymous()
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429);

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, NpgsqlDataSource database, Accounts accounts, RightsState rights, LoginThrottle throttle, HttpContext context, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var username = request.Username?.Trim() ?? "";
        var fields = new List<FieldProblem>();
        if (string.IsNullOrEmpty(request.Token))
            fields.Add(new FieldProblem("token", "required", "The one-time token is missing"));
        if (UsernameRules.Check(username) is { } nameProblem)
            fields.Add(new FieldProblem("username", nameProblem.Code, nameProblem.Message));
        var rules = await PasswordRules.OfAsync(database, Tenants.First, cancellationToken);
        if (rules.Check(request.Password ?? "", username) is { } passwordProblem)
            fields.Add(new FieldProblem("password", passwordProblem.Code, passwordProblem.Message));
        if (fields.Count > 0)
            return Problems.Fields(fields);

        var wait = throttle.Enter(context.RemoteAddress(), "setup", time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SetupLink.SpendAsync(connection, request.Token!, cancellationToken))
        {
            return await accounts.AnyAsync(cancellationToken)
                ? Problems.Of(StatusCodes.Status409Conflict, "setupDone", "The installation has an administrator already", "Sign in instead.")
                : Problems.Of(StatusCodes.Status403Forbidden, "invalidToken", "The token is wrong", "Use the link that the latest start printed.");
        }

        await accounts.AddAdministratorAsync(connection, Tenants.First, username, request.Password!, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        throttle.Succeeded(context.RemoteAddress(), "setup");
        return TypedResults.Created("/api/auth/me", new Response(username));
    }
}
