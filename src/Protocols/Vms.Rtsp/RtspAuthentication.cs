using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Rtsp;

/// <summary>What a 401 means.</summary>
public enum RtspUnauthorizedOutcome
{
    /// <summary>Send the same request again with <see cref="RtspAuthentication.Authorize"/>: not a retry of a password.</summary>
    Answer,

    /// <summary>The camera refused the credentials. Trying again can lock the account.</summary>
    Rejected,

    /// <summary>The camera wants credentials and there are none.</summary>
    NoCredentials,

    /// <summary>No challenge that is spoken here.</summary>
    UnsupportedScheme,

    /// <summary>Only Basic is offered, and the connection would show the password to everybody on the way.</summary>
    BasicInClear,
}

/// <summary>
/// Answers Basic and Digest challenges (RFC 7617; RFC 7616 with MD5, SHA-256 and their -sess forms, qop auth; RFC 2069 where
/// the camera sends no qop) and tells a wrong password from an old nonce. A Digest refusal never falls back to Basic.
/// One caller at a time.
/// </summary>
public sealed class RtspAuthentication
{
    private readonly string? _username;
    private readonly string _password;
    private readonly bool _allowBasic;
    private readonly Func<string> _clientNonce;
    private RtspChallenge? _challenge;
    private bool _accepted;         // the current nonce was part of an answer the camera accepted
    private int _useCount;

    /// <param name="username">Null or empty: no credentials.</param>
    /// <param name="password">Null counts as empty.</param>
    /// <param name="allowBasic">The connection is encrypted, or the operator wants it.</param>
    public RtspAuthentication(string? username, string? password, bool allowBasic)
        : this(username, password, allowBasic, () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)))
    {
    }

    internal RtspAuthentication(string? username, string? password, bool allowBasic, Func<string> clientNonce)
    {
        _allowBasic = allowBasic;
        _username = string.IsNullOrEmpty(username) ? null : username;
        _password = password ?? "";
        _clientNonce = clientNonce;
    }

    public RtspAuthenticationScheme Scheme => _challenge?.Scheme ?? RtspAuthenticationScheme.None;

    /// <summary>The Authorization header's value, or null while the camera has not asked.</summary>
    /// <param name="uri">Exactly what stands in the request line.</param>
    public string? Authorize(string method, string uri)
    {
        if (_challenge is null || _username is null)
            return null;
        if (_challenge.Scheme == RtspAuthenticationScheme.Basic)
            return "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_username}:{_password}"));

        return Digest(_challenge, method, uri);
    }

    /// <summary>A request that carried an answer succeeded.</summary>
    public void Accepted() => _accepted = _challenge is not null;

    /// <param name="challenges">Values of all WWW-Authenticate headers.</param>
    /// <param name="answered">The refused request carried an Authorization header.</param>
    /// <param name="alreadyRepeated">The refused request was itself the repetition after an old nonce.</param>
    public RtspUnauthorizedOutcome OnUnauthorized(IEnumerable<string> challenges, bool answered, bool alreadyRepeated)
    {
        var challenge = RtspChallenge.Strongest(challenges);
        if (_username is null)
            return RtspUnauthorizedOutcome.NoCredentials;

        // Without a challenge there is nothing new to answer with.
        if (challenge is null)
            return answered ? RtspUnauthorizedOutcome.Rejected : RtspUnauthorizedOutcome.UnsupportedScheme;

        if (challenge.Scheme == RtspAuthenticationScheme.Basic && !_allowBasic)
            return RtspUnauthorizedOutcome.BasicInClear;

        // A nonce that worked before has run out; some cameras do not say stale=true, some ask anew at every SETUP.
        bool old = challenge.Scheme != RtspAuthenticationScheme.Basic
            && (challenge.IsStale || (_accepted && challenge.Nonce != _challenge?.Nonce));
        if (answered && (alreadyRepeated || !old))
            return RtspUnauthorizedOutcome.Rejected;

        _challenge = challenge;
        _accepted = false;
        _useCount = 0;
        return RtspUnauthorizedOutcome.Answer;
    }

    private string Digest(RtspChallenge challenge, string method, string uri)
    {
        string clientNonce = challenge.HasQualityAuth || challenge.IsSession ? _clientNonce() : "";
        string count = (++_useCount).ToString("x8", CultureInfo.InvariantCulture);

        string secret = Hash(challenge, $"{_username}:{challenge.Realm}:{_password}");
        if (challenge.IsSession)
            secret = Hash(challenge, $"{secret}:{challenge.Nonce}:{clientNonce}");
        string request = Hash(challenge, $"{method}:{uri}");
        string response = challenge.HasQualityAuth
            ? Hash(challenge, $"{secret}:{challenge.Nonce}:{count}:{clientNonce}:auth:{request}")
            : Hash(challenge, $"{secret}:{challenge.Nonce}:{request}");

        var text = new StringBuilder("Digest ");
        text.Append("username=").Append(Quoted(_username!)).Append(", realm=").Append(Quoted(challenge.Realm));
        text.Append(", nonce=").Append(Quoted(challenge.Nonce)).Append(", uri=").Append(Quoted(uri));
        text.Append(", response=\"").Append(response).Append('"');
        if (challenge.Algorithm is { } algorithm)
            text.Append(", algorithm=").Append(algorithm);
        if (challenge.Opaque is { } opaque)
            text.Append(", opaque=").Append(Quoted(opaque));
        if (challenge.HasQualityAuth)
            text.Append(", qop=auth, nc=").Append(count);
        if (clientNonce.Length > 0)
            text.Append(", cnonce=").Append(Quoted(clientNonce));
        return text.ToString();
    }

    private static string Quoted(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    [SuppressMessage("Security", "CA5351", Justification = "RFC 7616 names MD5; SHA-256 is taken wherever the camera offers it.")]
    private static string Hash(RtspChallenge challenge, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(
            challenge.Scheme == RtspAuthenticationScheme.DigestSha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }
}
