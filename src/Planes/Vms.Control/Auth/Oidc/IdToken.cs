using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Vms.Control.Auth.Oidc;

/// <summary>What the provider says about a person (OpenID Connect Core 1.0 §2), after everything of §3.1.3.7 was checked.</summary>
/// <param name="Subject">Who it is, for ever and with this provider alone.</param>
/// <param name="Claims">All of them.</param>
internal sealed record IdToken(string Subject, JsonElement Claims)
{
    private const int MaxLength = 32 << 10;
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(1);

    /// <summary>Which key would have signed it; null for a token without one, or for text that is no token.</summary>
    public static string? KeyIdOf(string token) => TryReadHeader(token, out var header) ? header.Kid : null;

    /// <exception cref="OidcException">It must not be believed.</exception>
    public static IdToken Check(string token, SigningKeys keys, OidcOptions options, string nonce, DateTimeOffset now)
    {
        var lastDot = token.LastIndexOf('.');
        if (!TryReadHeader(token, out var header) || !Base64Url.IsValid(token.AsSpan(lastDot + 1)))
            throw Bad("it is none");
        if (header.Crit is not null)
            throw Bad("its header demands what is not known here");
        if (!keys.Verify(header.Alg ?? "", header.Kid, Encoding.ASCII.GetBytes(token[..lastDot]), Base64Url.DecodeFromChars(token.AsSpan(lastDot + 1))))
            throw Bad("its signature is not the provider's");

        var claims = ReadPart(token.AsSpan(token.IndexOf('.', StringComparison.Ordinal) + 1)[..(lastDot - token.IndexOf('.', StringComparison.Ordinal) - 1)]);
        if (claims.ValueKind != JsonValueKind.Object)
            throw Bad("it holds no claims");
        if (Text(claims, "iss") != options.Issuer.OriginalString)
            throw Bad("it is of another issuer");
        var audiences = Texts(claims, "aud");
        if (!audiences.Contains(options.ClientId, StringComparer.Ordinal))
            throw Bad("it is for somebody else");
        var party = Text(claims, "azp");
        if (party is null ? audiences.Count > 1 : party != options.ClientId)
            throw Bad("it was issued to somebody else");
        if (Time(claims, "exp") is not { } expires || expires <= now - s_skew)
            throw Bad("it has expired");
        if (Time(claims, "iat") is not { } issued || issued > now + s_skew)
            throw Bad("it is from the future: the clocks of provider and server differ");
        if (Text(claims, "nonce") != nonce)
            throw Bad("it answers another sign-in");
        return Text(claims, "sub") is { Length: > 0 and <= 255 } subject ? new IdToken(subject, claims) : throw Bad("it names nobody");
    }

    public string? Text(string claim) => Text(Claims, claim);

    /// <summary>A text as a list of one; empty where the claim is missing.</summary>
    public static IReadOnlyList<string> Texts(JsonElement claims, string claim) =>
        !claims.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array ? [.. from item in value.EnumerateArray() where item.ValueKind == JsonValueKind.String select item.GetString()!]
        : [];

    public static string? Text(JsonElement claims, string claim) =>
        claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement claims, string claim) =>
        claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static bool TryReadHeader(string token, [NotNullWhen(true)] out Header? header)
    {
        header = null;
        var firstDot = token.IndexOf('.', StringComparison.Ordinal);
        if (token.Length > MaxLength || firstDot <= 0 || token.AsSpan().Count('.') != 2 || !Base64Url.IsValid(token.AsSpan(0, firstDot)))
            return false;
        try
        {
            header = JsonSerializer.Deserialize<Header>(Base64Url.DecodeFromChars(token.AsSpan(0, firstDot)), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return false;
        }

        return header is not null;
    }

    private static JsonElement ReadPart(ReadOnlySpan<char> part)
    {
        if (!Base64Url.IsValid(part))
            return default;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static OidcException Bad(string what) => new("ssoFailed", $"The provider's ID token must not be believed: {what}");

    private sealed record Header(string? Alg, string? Kid, JsonElement? Crit);
}
