using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>Issues and reads access tokens: JWT (RFC 7519) signed with ES256 (RFC 7518 §3.4), 15 minutes. Any thread.</summary>
/// <remarks>
/// The header is compared as exact bytes, so that no other algorithm is ever considered (RFC 8725 §3.1). The key lives in
/// <c>keys/access.key</c>, encrypted with the node key; deleting the file signs everybody out.
/// </remarks>
internal sealed class AccessTokens : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const int MaxLength = 4096;
    private const string Issuer = "vms";

    /// <summary>The API: what the same key may sign one day for somebody else is no access token.</summary>
    private const string Audience = "vms-api";

    private static readonly JsonSerializerOptions s_strict = new(JsonSerializerOptions.Web) { AllowDuplicateProperties = false };
    private static readonly string s_header = Base64Url.EncodeToString("""{"alg":"ES256","typ":"at+jwt"}"""u8) + ".";

    private readonly TimeProvider _time;
    private readonly ECDsa _key;
    private readonly Lock _keyUse = new();   // ECDsa instances promise nothing about threads

    public AccessTokens(PlaneOptions options, NodeKey nodeKey, TimeProvider time)
    {
        _time = time;
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var path = Path.Combine(options.KeysDirectory, "access.key");
        if (!File.Exists(path))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.TryCreate(path, nodeKey.Protect(fresh.ExportPkcs8PrivateKey()));
        }

        _key = ECDsa.Create();
        _key.ImportPkcs8PrivateKey(nodeKey.Unprotect(File.ReadAllBytes(path)), out _);
    }

    public string Issue(SignedIn user)
    {
        var now = _time.GetUtcNow();
        var claims = new Claims(
            Issuer, Audience, user.AccountId, user.TenantId, user.Username, user.SignInId, now.ToUnixTimeSeconds(), (now + Lifetime).ToUnixTimeSeconds());
        var signed = s_header + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, JsonSerializerOptions.Web));
        byte[] signature;
        lock (_keyUse)
            signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>False for anything that is not a token of ours, or an expired one (<paramref name="expired"/> tells).</summary>
    public bool TryRead(string token, [NotNullWhen(true)] out SignedIn? user, out bool expired)
    {
        user = null;
        expired = false;
        var dot = token.LastIndexOf('.');
        if (token.Length > MaxLength || dot < s_header.Length || !token.StartsWith(s_header, StringComparison.Ordinal))
            return false;
        if (!Base64Url.IsValid(token.AsSpan(dot + 1)) || !Base64Url.IsValid(token.AsSpan(s_header.Length, dot - s_header.Length)))
            return false;

        var signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
        lock (_keyUse)
        {
            if (!_key.VerifyData(
                Encoding.ASCII.GetBytes(token[..dot]), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
                return false;
        }

        if (ClaimsOf(token.AsSpan(s_header.Length, dot - s_header.Length)) is not { Iss: Issuer, Aud: Audience, Tid: { } tenant, Name: { } name } claims)
            return false;
        expired = claims.Exp <= _time.GetUtcNow().ToUnixTimeSeconds();
        if (expired)
            return false;
        user = new SignedIn(claims.Sub, tenant, name, claims.Sid);
        return true;
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Null for what this key signed in another form: a former version did.</summary>
    private static Claims? ClaimsOf(ReadOnlySpan<char> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<Claims>(Base64Url.DecodeFromChars(payload), s_strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Claims(string? Iss, string? Aud, Guid Sub, string? Tid, string? Name, Guid Sid, long Iat, long Exp);
}
