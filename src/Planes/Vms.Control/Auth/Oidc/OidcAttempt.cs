using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vms.Hosting;

namespace Vms.Control.Auth.Oidc;

/// <summary>A sign-in on its way to the provider and back: kept in a cookie of the browser that began it, encrypted with the node key, so that nobody else's answer
/// can be slipped in (RFC 9700 §2.1.1) and the server remembers nothing.</summary>
/// <param name="Next">A path of the web client to go to.</param>
internal sealed record OidcAttempt(string State, string Nonce, string Verifier, string Redirect, string Next, DateTimeOffset Until)
{
    public const string Cookie = "vms_oidc";
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int MaxNextLength = 2048;

    public static OidcAttempt Begin(string redirect, string? next, DateTimeOffset now) =>
        new(Random(), Random(), Random(), redirect, IsOurs(next) ? next! : "/", now + Lifetime);

    /// <summary>RFC 7636 §4.2, S256.</summary>
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public string Seal(NodeKey key) => Base64Url.EncodeToString(key.Protect(JsonSerializer.SerializeToUtf8Bytes(this)));

    /// <summary>Null for what is not ours, was begun too long ago, or answers another attempt.</summary>
    public static OidcAttempt? Open(string? cookie, string? state, NodeKey key, DateTimeOffset now)
    {
        if (cookie is not { Length: > 0 and < 8192 } || state is null || !Base64Url.IsValid(cookie))
            return null;
        try
        {
            var attempt = JsonSerializer.Deserialize<OidcAttempt>(key.Unprotect(Base64Url.DecodeFromChars(cookie)));
            return attempt is not null && attempt.Until > now
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(attempt.State), Encoding.UTF8.GetBytes(state)) ? attempt : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Only a path of our own: a link must not lead to another site.</summary>
    private static bool IsOurs(string? next) =>
        next is { Length: > 0 and <= MaxNextLength } && next[0] == '/' && !next.StartsWith("//", StringComparison.Ordinal) && !next.Contains('\\', StringComparison.Ordinal)
        && !next.Any(char.IsControl);

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
