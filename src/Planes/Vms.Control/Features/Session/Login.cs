using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>POST /api/auth/login. Open; slowed down per address and user name.</summary>
internal static partial class Login
{
    private const string Unknown = "(unknown)";

    private static readonly TimeSpan s_sameStranger = TimeSpan.FromMinutes(10);

    public sealed record Request(string? Username, string? Password, string? Code);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/login", Handle).WithName(nameof(Login)).WithSummary("Sign in.").AllowAnonymous()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);

    private static async Task<Results<Ok<TokenView>, ProblemHttpResult>> Handle(
        Request request, NpgsqlDataSource database, Accounts accounts, SecondFactors factors, SignIns signIns, LoginThrottle throttle, HttpContext context, TimeProvider time,
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
            await NoteRefusalAsync("password");
            return Problems.Of(StatusCodes.Status401Unauthorized, "badCredentials", "The user name or password is wrong");
        }

        // The password was right: whoever comes without a code is asked for it. A wrong one counts as a wrong password does.
        if (await factors.IsOnAsync(account.Id, cancellationToken))
        {
            if (string.IsNullOrEmpty(request.Code))
                return Problems.Of(StatusCodes.Status401Unauthorized, "codeRequired", "A code of the authenticator app is required");
            if (!await factors.VerifyAsync(account.Id, request.Code, cancellationToken))
            {
                await NoteRefusalAsync("code");
                return Problems.Of(StatusCodes.Status401Unauthorized, "wrongCode", "The code is wrong or was used already", "Wait for the next one, or use a recovery code.");
            }
        }

        throttle.Succeeded(address, request.Username!);
        return TypedResults.Ok(await signIns.StartAsync(account, address, context.Request.Headers.UserAgent.ToString(), cancellationToken));

        async Task NoteRefusalAsync(string wrong)
        {
            // A name that nobody has may be a password that slipped into the wrong field: it is written nowhere, and noted once in a while.
            var tenant = await accounts.TenantOfAsync(request.Username!, cancellationToken);
            var actor = new Actor(tenant ?? Tenants.First, tenant is null ? Unknown : request.Username!, address);
            Log.Refused(logger, actor.Name, address);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            if (tenant is null)
                await AuditLog.AddOnceAsync(connection, time.GetUtcNow(), s_sameStranger, actor, "session.started", "", new { wrong }, cancellationToken, AuditLog.Refused);
            else
                await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "session.started", "", new { wrong }, cancellationToken, AuditLog.Refused);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1011, LogLevel.Warning, "Login of {Username} from {Address} refused")]
        public static partial void Refused(ILogger logger, string username, string address);
    }
}
