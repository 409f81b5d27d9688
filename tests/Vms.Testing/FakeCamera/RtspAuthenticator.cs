using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Vms.Testing.FakeCamera;

/// <summary>Checks Basic and Digest credentials (RFC 7617, RFC 7616 without qop, as cameras do).</summary>
internal sealed partial class RtspAuthenticator(RtspAuthentication accepted, string user, string password)
{
    private const string Realm = "fake camera";

    private readonly string _nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public bool IsOpen => accepted == RtspAuthentication.None;

    /// <summary>The WWW-Authenticate header lines of a 401.</summary>
    public string Challenge
    {
        get
        {
            var lines = new StringBuilder();
            if (accepted.HasFlag(RtspAuthentication.Basic))
                lines.Append($"WWW-Authenticate: Basic realm=\"{Realm}\"\r\n");
            if (accepted.HasFlag(RtspAuthentication.DigestSha256))
                lines.Append($"WWW-Authenticate: Digest realm=\"{Realm}\", nonce=\"{_nonce}\", algorithm=SHA-256\r\n");
            if (accepted.HasFlag(RtspAuthentication.DigestMd5))
                lines.Append($"WWW-Authenticate: Digest realm=\"{Realm}\", nonce=\"{_nonce}\", algorithm=MD5\r\n");
            return lines.ToString();
        }
    }

    public bool Check(RtspRequest request, string authorization)
    {
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return accepted.HasFlag(RtspAuthentication.Basic)
                && authorization[6..].Trim() == Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        }

        if (!authorization.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
            return false;

        var fields = Field().Matches(authorization[7..])
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Trim('"'), StringComparer.OrdinalIgnoreCase);
        bool sha256 = fields.GetValueOrDefault("algorithm", "MD5").Equals("SHA-256", StringComparison.OrdinalIgnoreCase);
        if (!accepted.HasFlag(sha256 ? RtspAuthentication.DigestSha256 : RtspAuthentication.DigestMd5)
            || fields.GetValueOrDefault("username") != user || fields.GetValueOrDefault("nonce") != _nonce
            || fields.GetValueOrDefault("uri") != request.Uri)
        {
            return false;
        }

        string secret = Hash($"{user}:{Realm}:{password}", sha256);
        string what = Hash($"{request.Method}:{request.Uri}", sha256);
        string expected = fields.TryGetValue("qop", out string? qop)
            ? Hash($"{secret}:{_nonce}:{fields.GetValueOrDefault("nc")}:{fields.GetValueOrDefault("cnonce")}:{qop}:{what}", sha256)
            : Hash($"{secret}:{_nonce}:{what}", sha256);
        return fields.GetValueOrDefault("response") == expected;
    }

    // MD5 is what cameras ask for; nothing here is protected by it.
#pragma warning disable CA5351
    private static string Hash(string text, bool sha256) => Convert.ToHexStringLower(
        sha256 ? SHA256.HashData(Encoding.UTF8.GetBytes(text)) : MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("""([a-zA-Z0-9]+)\s*=\s*("[^"]*"|[^\s,]+)""")]
    private static partial Regex Field();
}
