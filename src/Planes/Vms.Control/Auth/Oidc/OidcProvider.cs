using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Vms.Control.Auth.Oidc;

/// <summary>Talks to the identity provider: what it offers (OpenID Connect Discovery 1.0), its keys, and the exchange of a code for tokens (RFC 6749 §4.1.3 with
/// PKCE, RFC 7636). Nothing is asked before somebody signs in; what was learned is kept for an hour. Any thread.</summary>
internal sealed class OidcProvider(OidcOptions options, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 256 << 10;
    private const string NameClaim = "preferred_username";
    private const string MailClaim = "email";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_learnAgain = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_keysAgain = TimeSpan.FromMinutes(1);     // for a key that is not known: they were changed

    private readonly SemaphoreSlim _learning = new(1, 1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = s_timeout,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private Learned? _learned;

    /// <summary>Where the browser is sent to sign in.</summary>
    /// <param name="challenge">PKCE: SHA-256 of the verifier, base64url.</param>
    /// <exception cref="OidcException">The provider cannot be reached, or is not what it should be.</exception>
    public async Task<string> SignInAddressAsync(string redirect, string state, string nonce, string challenge, CancellationToken cancellationToken)
    {
        var offer = (await LearnAsync(unknownKey: null, cancellationToken)).Offer;
        var query = Form(
            ("response_type", "code"), ("client_id", options.ClientId), ("redirect_uri", redirect), ("scope", options.Scopes), ("state", state), ("nonce", nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"));
        return offer.AuthorizationEndpoint + (offer.AuthorizationEndpoint!.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;
    }

    /// <summary>Swaps the code for what the provider says about the person.</summary>
    /// <param name="issuer">The answer's <c>iss</c> where there is one (RFC 9207): the code must be of this provider.</param>
    /// <exception cref="OidcException">The provider cannot be reached, refuses, or says what must not be believed.</exception>
    public async Task<OidcPerson> RedeemAsync(
        string code, string verifier, string redirect, string nonce, string? issuer, CancellationToken cancellationToken)
    {
        if (issuer is not null && issuer != options.Issuer.OriginalString)
            throw new OidcException("ssoFailed", "The answer came from another provider");

        var learned = await LearnAsync(unknownKey: null, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, learned.Offer.TokenEndpoint);
        var form = new List<(string, string)> { ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier) };
        Authenticate(request, form, learned.Offer);
        request.Content = new StringContent(Form([.. form]), Encoding.ASCII, "application/x-www-form-urlencoded");
        var tokens = await AskAsync<Tokens>(request, cancellationToken);
        if (tokens.IdToken is not { } text)
            throw new OidcException("ssoFailed", "The provider gave no ID token: is the scope 'openid' among those asked for?");

        if (!learned.Keys.Has(IdToken.KeyIdOf(text)))
            learned = await LearnAsync(IdToken.KeyIdOf(text), cancellationToken);
        var token = IdToken.Check(text, learned.Keys, options, nonce, time.GetUtcNow());
        return await PersonAsync(token, tokens.AccessToken, learned.Offer, cancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
        _learning.Dispose();
    }

    /// <summary>What the token does not say the provider's userinfo does (OpenID Connect Core 1.0 §5.3), which must be about the same person.</summary>
    private async Task<OidcPerson> PersonAsync(IdToken token, string? accessToken, Offer offer, CancellationToken cancellationToken)
    {
        var saysAll = token.Claims.TryGetProperty(options.GroupsClaim, out _) && token.Text(NameClaim) is not null;
        if (saysAll || accessToken is null || offer.UserinfoEndpoint is null)
            return Person(token, token.Claims);
        using var request = new HttpRequestMessage(HttpMethod.Get, offer.UserinfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var claims = await AskAsync<JsonElement>(request, cancellationToken);
        if (claims.ValueKind != JsonValueKind.Object || IdToken.Text(claims, "sub") != token.Subject)
            throw new OidcException("ssoFailed", "The provider's userinfo is about somebody else");
        return Person(token, claims);
    }

    private OidcPerson Person(IdToken token, JsonElement more)
    {
        string?[] names = [token.Text(NameClaim), IdToken.Text(more, NameClaim), token.Text(MailClaim), IdToken.Text(more, MailClaim), token.Subject];
        var groups = IdToken.Texts(token.Claims, options.GroupsClaim);
        return new OidcPerson(token.Subject, [.. names.OfType<string>().Distinct(StringComparer.Ordinal)], groups.Count > 0 ? groups : IdToken.Texts(more, options.GroupsClaim));
    }

    private void Authenticate(HttpRequestMessage request, List<(string, string)> form, Offer offer)
    {
        // RFC 8414 §2: basic is what counts where nothing is said.
        if (options.ClientSecret is not { } secret)
        {
            form.Add(("client_id", options.ClientId));
        }
        else if (offer.TokenEndpointAuthMethodsSupported is not { Count: > 0 } ways || ways.Contains("client_secret_basic"))
        {
            var pair = Uri.EscapeDataString(options.ClientId) + ":" + Uri.EscapeDataString(secret);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(pair)));
        }
        else
        {
            form.Add(("client_id", options.ClientId));
            form.Add(("client_secret", secret));
        }
    }

    private async Task<Learned> LearnAsync(string? unknownKey, CancellationToken cancellationToken)
    {
        if (Current(unknownKey) is { } current)
            return current;
        await _learning.WaitAsync(cancellationToken);
        try
        {
            return Current(unknownKey) ?? (_learned = await AskAsync(cancellationToken));
        }
        finally
        {
            _learning.Release();
        }
    }

    private Learned? Current(string? unknownKey)
    {
        var learned = Volatile.Read(ref _learned);
        if (learned is null)
            return null;
        var age = time.GetElapsedTime(learned.At);
        return age < s_learnAgain && (unknownKey is null || learned.Keys.Has(unknownKey) || age < s_keysAgain) ? learned : null;
    }

    private async Task<Learned> AskAsync(CancellationToken cancellationToken)
    {
        using var discovery = new HttpRequestMessage(HttpMethod.Get, options.Issuer.OriginalString.TrimEnd('/') + "/.well-known/openid-configuration");
        var offer = await AskAsync<Offer>(discovery, cancellationToken);
        if (offer.Issuer != options.Issuer.OriginalString)
            throw new OidcException("ssoUnavailable", $"VMS_OIDC_ISSUER is {options.Issuer.OriginalString}, and the provider there calls itself {Shortened(offer.Issuer)}");
        foreach (var address in (ReadOnlySpan<string?>)[offer.AuthorizationEndpoint, offer.TokenEndpoint, offer.JwksUri, offer.UserinfoEndpoint ?? offer.JwksUri])
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || !OidcOptions.IsSafe(endpoint))
                throw new OidcException("ssoUnavailable", $"The provider names the address {Shortened(address)}, which is not https");
        }

        using var keys = new HttpRequestMessage(HttpMethod.Get, offer.JwksUri);
        return new Learned(offer, await ReadAsync(keys, json => SigningKeys.Parse(json), cancellationToken), time.GetTimestamp());
    }

    private Task<T> AskAsync<T>(HttpRequestMessage request, CancellationToken cancellationToken) => ReadAsync(
        request,
        static json => JsonSerializer.Deserialize<T>(json, s_names) ?? throw new JsonException("null"),
        cancellationToken);

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, Func<byte[], T> read, CancellationToken cancellationToken)
    {
        var place = request.RequestUri!.GetLeftPart(UriPartial.Path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.StatusCode == HttpStatusCode.OK ? read(body) : throw Refused(place, response.StatusCode, body);
        }
        catch (JsonException e)
        {
            throw new OidcException("ssoUnavailable", $"{place} answered what cannot be read ({e.Message})", e);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new OidcException("ssoUnavailable", $"{place} cannot be reached ({e.Message})", e);
        }
    }

    /// <summary>RFC 6749 §5.2: a code in the body says why.</summary>
    private static OidcException Refused(string place, HttpStatusCode status, byte[] body)
    {
        string? error = null;
        try
        {
            error = JsonSerializer.Deserialize<Failure>(body, s_names)?.Error;
        }
        catch (JsonException)
        {
            // A page of a proxy, perhaps: the status says enough.
        }

        return new OidcException(
            error == "invalid_grant" ? "ssoExpired" : "ssoUnavailable", $"{place} answered {(int)status}{(error is null ? "" : " " + Shortened(error))}");
    }

    private static string Shortened(string? text) => text is null ? "(nothing)" : text.Length > 200 ? text[..200] + "…" : text;

    private static string Form(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
            text.Append(text.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return text.ToString();
    }

    private static readonly JsonSerializerOptions s_names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, MaxDepth = 16 };

    private sealed record Learned(Offer Offer, SigningKeys Keys, long At);

    private sealed record Offer(
        string? Issuer, string? AuthorizationEndpoint, string? TokenEndpoint, string? JwksUri, string? UserinfoEndpoint, IReadOnlyList<string>? TokenEndpointAuthMethodsSupported);

    private sealed record Tokens(string? IdToken, string? AccessToken);

    private sealed record Failure(string? Error);
}
