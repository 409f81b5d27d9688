using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Live;

/// <summary>POST /local/viewers, on control's local socket alone: the media plane asks whether a user may watch or publish, for RTSP clients
/// that know a user name and a password and nothing of tickets. Guessing is slowed down as at the login.</summary>
internal static partial class CheckViewer
{
    private static readonly AuthorizationPolicy s_localSocket =
        new AuthorizationPolicyBuilder().RequireAssertion(c => c.Resource is HttpContext http && http.IsLocalSocket()).Build();

    /// <param name="Address">Of the RTSP client.</param>
    /// <param name="Publish">It wants to send, not to watch.</param>
    public sealed record Request(string? Username, string? Password, string? CameraId, string? Address, bool Publish = false);

    /// <param name="CameraIds">Those that the answer holds for; null: all.</param>
    /// <param name="RightsAsOf">When the rights were read that say so.</param>
    public sealed record Response(string Username, IReadOnlyList<string>? CameraIds, Guid AccountId, string TenantId, DateTimeOffset RightsAsOf);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/local/viewers", Handle).RequireAuthorization(s_localSocket).ExcludeFromDescription();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, Accounts accounts, SecondFactors factors, RightsState rights, LoginThrottle throttle, RateLimits limits, HttpContext context, TimeProvider time,
        ILogger<Accounts> logger,
        CancellationToken cancellationToken)
    {
        if (request is not { Username: { Length: > 0 and <= UsernameRules.MaxLength } username, Password: { Length: > 0 and <= PasswordRules.MaxLength } password, Address: { } address })
            return Refused();
        // By address alone: the name is only a claim, and its owner's share is not for others to use up.
        var wait = limits.Take(RateClass.StreamStart, account: null, IPAddress.TryParse(address, out var client) ? client : null);
        if (wait == TimeSpan.Zero)
            wait = throttle.Enter(address, username, time.GetUtcNow());
        if (wait > TimeSpan.Zero)
            return context.TooManyTries(wait);

        var account = await accounts.VerifyAsync(username, password, cancellationToken);
        if (account is null)
        {
            Log.Refused(logger, username, address, request.CameraId);
            return Refused();
        }

        // There is no way to ask for it: the password alone must not be worth more here than at the login.
        if (await factors.IsOnAsync(account.Id, cancellationToken))
            return Problems.Of(StatusCodes.Status403Forbidden, "secondFactor", "The account has a second factor, which RTSP has no place for", "Use an account of its own.");
        throttle.Succeeded(address, username);      // not before: it would give back tries that wrong codes have cost

        var permission = request.Publish ? Permissions.StreamsPublish : Permissions.LiveView;
        return await rights.FindFreshAsync(account.Id) is { Enabled: true } viewer && viewer.Rights.AllowsAnywhere(permission)
            ? TypedResults.Ok(new Response(account.Username, viewer.Rights.CamerasOrAll(permission), viewer.Id, viewer.TenantId, viewer.Rights.AsOf))
            : Problems.Of(StatusCodes.Status403Forbidden, "forbidden", request.Publish ? "The account may not publish streams" : "The account may not watch live video");
    }

    private static ProblemHttpResult Refused() =>
        Problems.Of(StatusCodes.Status401Unauthorized, "badCredentials", "The user name or password is wrong");

    private static partial class Log
    {
        [LoggerMessage(1012, LogLevel.Warning, "RTSP client {Address}: credentials of {Username} for camera {CameraId} refused")]
        public static partial void Refused(ILogger logger, string username, string address, string? cameraId);
    }
}
