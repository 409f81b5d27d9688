using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Vms.Testing.FakeDevice.Http;

/// <summary>What a device asks of whoever comes.</summary>
[Flags]
public enum DeviceAuthentication
{
    None = 0,
    Basic = 1,
    DigestMd5 = 2,
    DigestSha256 = 4,
}

/// <summary>Digest (RFC 7616, RFC 7617) on a device's side, with what devices make of it. Set before the start, read at any time.</summary>
public sealed partial class DeviceGate
{
    private readonly Lock _lock = new();
    private string _nonce = NewNonce();
    private int _uses;
    private int _refused;

    public DeviceAuthentication Offered { get; init; } = DeviceAuthentication.DigestMd5;

    public string Realm { get; init; } = "device";

    public string User { get; init; } = "admin";

    /// <summary>Changed while it runs: somebody sets a new one at the device.</summary>
    public string Password { get; set; } = "pass word/1";

    /// <summary>How often a nonce may be used before the answer is stale=true with another one.</summary>
    public int UsesOfNonce { get; init; } = int.MaxValue;

    /// <summary>The challenge says nothing of qop: the answer is that of RFC 2069.</summary>
    public bool WithoutQuality { get; init; }

    /// <summary>Says stale=true to every refusal, right password or not.</summary>
    public bool AlwaysStale { get; init; }

    /// <summary>Paths that are open to everybody, for a device that answers before it asks.</summary>
    public Func<string, bool> IsOpen { get; init; } = _ => false;

    /// <summary>Answers with a wrong password so far: what locks an account.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>False: the 401 is written.</summary>
    public bool Admit(HttpContext context)
    {
        if (Offered == DeviceAuthentication.None || IsOpen(context.Request.Path))
            return true;
        string authorization = context.Request.Headers.Authorization.ToString();
        bool stale = false;
        lock (_lock)
        {
            if (authorization.Length > 0)
            {
                if (IsRight(authorization, context, out bool oldNonce))
                    return true;
                stale = oldNonce || AlwaysStale;
                if (!oldNonce)
                    Interlocked.Increment(ref _refused);
            }

            if (stale)
                (_nonce, _uses) = (NewNonce(), 0);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = Challenges(stale);
        }

        return false;
    }

    private string[] Challenges(bool stale)
    {
        var challenges = new List<string>();
        if (Offered.HasFlag(DeviceAuthentication.Basic))
            challenges.Add($"Basic realm=\"{Realm}\"");
        string end = (WithoutQuality ? "" : ", qop=\"auth\"") + (stale ? ", stale=\"TRUE\"" : ", stale=\"FALSE\"") + ", opaque=\"799d5\"";
        if (Offered.HasFlag(DeviceAuthentication.DigestMd5))
            challenges.Add($"Digest realm=\"{Realm}\", nonce=\"{_nonce}\", algorithm=MD5{end}");
        if (Offered.HasFlag(DeviceAuthentication.DigestSha256))
            challenges.Add($"Digest realm=\"{Realm}\", nonce=\"{_nonce}\", algorithm=SHA-256{end}");
        return [.. challenges];
    }

    private bool IsRight(string authorization, HttpContext context, out bool oldNonce)
    {
        oldNonce = false;
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return Offered.HasFlag(DeviceAuthentication.Basic) && authorization[6..] == Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

        var fields = Field().Matches(authorization).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Trim('"'), StringComparer.OrdinalIgnoreCase);
        string Of(string name) => fields.GetValueOrDefault(name, "");
        bool sha256 = Of("algorithm") == "SHA-256";
        if (!Offered.HasFlag(sha256 ? DeviceAuthentication.DigestSha256 : DeviceAuthentication.DigestMd5) || Of("username") != User || Of("opaque") != "799d5"
            || Of("uri") != context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
        {
            return false;
        }

        string secret = Hash($"{User}:{Realm}:{Password}", sha256);
        string what = Hash($"{context.Request.Method}:{Of("uri")}", sha256);
        string expected = WithoutQuality
            ? Hash($"{secret}:{Of("nonce")}:{what}", sha256)
            : Hash($"{secret}:{Of("nonce")}:{Of("nc")}:{Of("cnonce")}:{Of("qop")}:{what}", sha256);
        bool right = Of("response") == expected;
        if (Of("nonce") == _nonce && ++_uses <= UsesOfNonce)
            return right;
        oldNonce = right;
        return false;
    }

    private static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    // MD5 is what devices ask for; nothing here is protected by it.
#pragma warning disable CA5351
    private static string Hash(string text, bool sha256) => Convert.ToHexStringLower(
        sha256 ? SHA256.HashData(Encoding.UTF8.GetBytes(text)) : MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("""([a-zA-Z0-9]+)\s*=\s*("[^"]*"|[^\s,]+)""")]
    private static partial Regex Field();
}
