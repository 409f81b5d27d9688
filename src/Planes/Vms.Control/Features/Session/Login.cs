using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>POST /api/auth/login. Open; slowed down per address and user name.</summary>
internal static partial class Login
{
    public sealed record Request(string? Username, string? Password, string? Code);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/login", Handle).WithName(nameof(Login)).WithSummary("Sign in.").AllowAnonymous()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);

    private static async Task<Results<Ok<TokenView>, ProblemHttpResult>> Handle(
        Request request, NpgsqlDataSource database, Accounts accounts, SignIns signIns, LoginThrottle throttle, HttpContext context, TimeProvider time,
        ILogger<SignIns> logger, CancellationToken cancellationToken)
    {
        var fields = new List<FieldProblem>();
        if (string.IsNullOrWhiteSpace(request.Username))
            fields.Add(new FieldProblem("username", "required", "The user name is missing"));
        if (string.IsNullOrEmpty(request.Password))
            fields.Add(new FieldProblem("password", "required", "The password is missing"));
        else if (request.Password.Length > PasswordRules.MaxLength)
            fields.Add(new FieldProblem("password", "tooLong", $"A password has at most {PasswordRules.MaxLength} characters"));
        if (fields.Count > 0)
            return Problems.Fields(fields);

        var address = context.RemoteAddress();
        var wait = throttle.Enter(address, request.Username!, time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);

        var account = await accounts.VerifyAsync(request.Username!, request.Password!, cancellationToken);
        if (account is null)
        {
            if (!await accounts.AnyAsync(cancellationToken))
                return Problems.Of(StatusCodes.Status409Conflict, "setupRequired", "There is no administrator yet", "Open the setup link that the first start printed.");
            var tried = request.Username!.Length > UsernameRules.MaxLength ? "(too long)" : request.Username;
            Log.Refused(logger, tried, address);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(
                connection, time.GetUtcNow(), new Actor(await accounts.TenantOfAsync(tried, cancellationToken), tried, address), "session.started", "", new { }, cancellationToken, AuditLog.Refused);
            return Problems.Of(StatusCodes.Status401Unauthorized, "badCredentials", "The user name or password is wrong");
        }

        throttle.Succeeded(address, request.Username!);
        return TypedResults.Ok(await signIns.StartAsync(account, address, context.Request.Headers.UserAgent.ToString(), cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1011, LogLevel.Warning, "Login of {Username} from {Address} refused")]
        public static partial void Refused(ILogger logger, string username, string address);
    }
}
