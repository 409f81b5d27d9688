using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Vms.Control.Features.Cameras;
using Vms.Control.Viewing;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>
/// Reads the credential of a request: <c>Authorization: Bearer</c> with an access token or an API key (<c>vms_…</c>), or, where the endpoint says
/// <see cref="AcceptsTicket"/>, a ticket as bearer or as <c>?ticket=</c>. Answers 401, 403 and 404 (a camera out of reach) as problem documents.
/// </summary>
/// <remarks>The credential says who it is; the rights are those of now, of whoever holds a ticket, too.</remarks>
internal sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    AccessTokens accessTokens, SignIns signIns, RightsState rights, ApiKeyUses keyUses, TicketVerifier tickets, RefusedViewings refused)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Vms";

    private const string BearerPrefix = "Bearer ";
    private bool _expired;
    private bool _notReady;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var bearer = Request.Headers.Authorization is [{ } header] && header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            ? header[BearerPrefix.Length..].Trim()
            : null;
        if (bearer is not null && ApiKey.LooksLikeOne(bearer))
            return Task.FromResult(OfApiKey(bearer));
        if (bearer is not null && accessTokens.TryRead(bearer, out var user, out _expired))
            return Task.FromResult(OfToken(user));
        if (TryReadTicket(bearer, out var ticket))
            return Task.FromResult(OfTicket(ticket));
        return Task.FromResult(bearer is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("not a valid credential"));
    }

    private AuthenticateResult OfApiKey(string text)
    {
        _notReady = rights.Current is null;
        if (rights.Current?.FindKey(text) is not { } key)
            return AuthenticateResult.Fail("not a valid API key");
        _expired = !key.Enabled || key.ExpiresAt <= TimeProvider.GetUtcNow();
        if (_expired)
            return AuthenticateResult.Fail("the API key has expired");
        keyUses.Note(key.Id);
        return Success(new Caller(key, null, null));
    }

    private AuthenticateResult OfToken(SignedIn user)
    {
        if (rights.Current is not { } snapshot || !signIns.KnowsEnded)
        {
            _notReady = true;
            return AuthenticateResult.Fail("the rights were not read yet");
        }

        _expired = signIns.HasEnded(user.SignInId) || snapshot.Find(user.AccountId) is not { Enabled: true };
        return _expired ? AuthenticateResult.Fail("signed out") : Success(new Caller(snapshot.Find(user.AccountId), user.SignInId, null));
    }

    private AuthenticateResult OfTicket(Ticket ticket)
    {
        if (rights.Current is not { } snapshot)
            return Success(new Caller(null, null, ticket));
        if (ticket.SignInId is { } signIn && signIns.HasEnded(signIn))
            return AuthenticateResult.Fail("signed out");
        return ticket.AccountId is { } account && snapshot.Find(account) is { Enabled: true } holder
            ? Success(new Caller(holder, null, ticket))
            : AuthenticateResult.Fail("whoever got the ticket is gone");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_notReady)
        {
            Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "databaseUnavailable", "The database is not available",
                "Live view and recording go on. Try again in a moment.").ExecuteAsync(Context);
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = _expired ? "Bearer error=\"invalid_token\"" : "Bearer";
        var problem = _expired
            ? Problems.Of(StatusCodes.Status401Unauthorized, "tokenExpired", "The access token or API key is no longer valid", "Refresh it or sign in again.")
            : Problems.Of(StatusCodes.Status401Unauthorized, "unauthenticated", "A valid credential is required");
        return problem.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        NoteRefusal();
        if (NeedsHandler.IsOutOfReach(Context))
            return CameraProblems.NotFound().ExecuteAsync(Context);
        // Whoever asks for live state before the rights were read has a ticket and nobody to ask about it.
        return Caller.Of(Context.User) is { Principal: null }
            ? Problems.Of(StatusCodes.Status503ServiceUnavailable, "databaseUnavailable", "The database is not available").ExecuteAsync(Context)
            : Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this").ExecuteAsync(Context);
    }

    /// <summary>Who wanted to see what they may not stands in the audit log.</summary>
    private void NoteRefusal()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<Needs>() is { Scope: Scope.Camera, Permission: Permissions.LiveView or Permissions.RecordingsRead }
            && Caller.Of(Context.User) is { Principal: not null } caller)
        {
            refused.Note(
                caller, Context.Connection.RemoteIpAddress?.ToString(), Context.GetRouteValue("id") as string ?? "",
                NeedsHandler.IsOutOfReach(Context) ? "cameraNotFound" : "forbidden");
        }
    }

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

    private static AuthenticateResult Success(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller.ToClaims(), SchemeName));
}

/// <summary>Endpoint metadata: a ticket of one of these kinds, for the camera in the route's <c>{id}</c>, opens it too.</summary>
internal sealed record AcceptsTicket(params IReadOnlyList<TicketKind> Kinds);
