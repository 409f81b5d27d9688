using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>
/// Reads the credential of a request: <c>Authorization: Bearer</c> with an access token, or, where the endpoint says
/// <see cref="AcceptsTicket"/>, a ticket as bearer or as <c>?ticket=</c>. Answers 401 and 403 as problem documents.
/// </summary>
internal sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    AccessTokens accessTokens, SignIns signIns, TicketVerifier tickets)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Vms";

    private const string BearerPrefix = "Bearer ";
    private bool _expired;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var bearer = Request.Headers.Authorization is [{ } header] && header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            ? header[BearerPrefix.Length..].Trim()
            : null;
        if (bearer is not null && accessTokens.TryRead(bearer, out var user, out _expired))
        {
            _expired = signIns.HasEnded(user.SignInId);
            return Task.FromResult(_expired ? AuthenticateResult.Fail("signed out") : Success(user.ToPrincipal()));
        }

        if (TryReadTicket(bearer, out var ticket))
            return Task.FromResult(Success(TicketHolder.ToPrincipal(ticket)));
        return Task.FromResult(bearer is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("not a valid credential"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = _expired ? "Bearer error=\"invalid_token\"" : "Bearer";
        var problem = _expired
            ? Problems.Of(StatusCodes.Status401Unauthorized, "tokenExpired", "The access token is no longer valid", "Refresh it or sign in again.")
            : Problems.Of(StatusCodes.Status401Unauthorized, "unauthenticated", "A valid credential is required");
        return problem.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this").ExecuteAsync(Context);

    private bool TryReadTicket(string? bearer, [NotNullWhen(true)] out Ticket? ticket)
    {
        ticket = null;
        if (Context.GetEndpoint()?.Metadata.GetMetadata<AcceptsTicket>() is not { } accepts)
            return false;
        string? text = Request.Query["ticket"];
        if (string.IsNullOrEmpty(text))
            text = bearer;
        if (string.IsNullOrEmpty(text))
            return false;
        var camera = Context.GetRouteValue("id") as string;
        foreach (var kind in accepts.Kinds)
        {
            if (tickets.TryVerify(text, kind, camera, out ticket))
                return true;
        }

        return false;
    }

    private static AuthenticateResult Success(ClaimsPrincipal principal) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
}

/// <summary>Endpoint metadata: a ticket of one of these kinds, for the camera in the route's <c>{id}</c>, opens it too.</summary>
internal sealed record AcceptsTicket(params IReadOnlyList<TicketKind> Kinds);
