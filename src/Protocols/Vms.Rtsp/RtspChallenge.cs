namespace Vms.Rtsp;

/// <summary>What this implementation can answer, weakest first.</summary>
public enum RtspAuthenticationScheme
{
    None,
    Basic,
    DigestMd5,
    DigestSha256,
}

/// <summary>One challenge of a WWW-Authenticate header (RFC 7235 §4.1; Digest: RFC 7616 §3.3, RFC 2069 for those without qop).</summary>
public sealed record RtspChallenge
{
    public RtspAuthenticationScheme Scheme { get; private init; }

    public string Realm { get; private init; } = "";

    public string Nonce { get; private init; } = "";

    public string? Opaque { get; private init; }

    /// <summary>As written, to be sent back; null when the challenge names none (MD5 is meant).</summary>
    public string? Algorithm { get; private init; }

    /// <summary>The algorithm name ends in "-sess".</summary>
    public bool IsSession { get; private init; }

    /// <summary>"auth" is offered; without any qop the answer is that of RFC 2069.</summary>
    public bool HasQualityAuth { get; private init; }

    /// <summary>The credentials were right, only the nonce is old.</summary>
    public bool IsStale { get; private init; }

    /// <summary>The strongest challenge that can be answered, over any number of headers and challenges in a header, in any order;
    /// null when there is none.</summary>
    public static RtspChallenge? Strongest(IEnumerable<string> headerValues)
    {
        RtspChallenge? best = null;
        foreach (string value in headerValues)
        {
            foreach (var (scheme, parameters) in Split(value))
            {
                var challenge = From(scheme, parameters);
                if (challenge is not null && (best is null || challenge.Scheme > best.Scheme))
                    best = challenge;
            }
        }

        return best;
    }

    private static RtspChallenge? From(string scheme, Dictionary<string, string> parameters)
    {
        string realm = parameters.GetValueOrDefault("realm", "");
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return new() { Scheme = RtspAuthenticationScheme.Basic, Realm = realm };
        if (!scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase) || !parameters.TryGetValue("nonce", out string? nonce))
            return null;

        string? algorithm = parameters.GetValueOrDefault("algorithm");
        var kind = (algorithm ?? "MD5").ToUpperInvariant() switch
        {
            "MD5" or "MD5-SESS" => RtspAuthenticationScheme.DigestMd5,
            "SHA-256" or "SHA-256-SESS" => RtspAuthenticationScheme.DigestSha256,
            _ => RtspAuthenticationScheme.None,
        };
        string? qualities = parameters.GetValueOrDefault("qop");
        bool auth = qualities is not null
            && qualities.Split(',', StringSplitOptions.TrimEntries).Contains("auth", StringComparer.OrdinalIgnoreCase);
        if (kind == RtspAuthenticationScheme.None || (!string.IsNullOrEmpty(qualities) && !auth))
            return null;        // auth-int alone is not spoken

        return new()
        {
            Scheme = kind,
            Realm = realm,
            Nonce = nonce,
            Opaque = parameters.GetValueOrDefault("opaque"),
            Algorithm = algorithm,
            IsSession = algorithm is not null && algorithm.EndsWith("-sess", StringComparison.OrdinalIgnoreCase),
            HasQualityAuth = auth,
            IsStale = parameters.GetValueOrDefault("stale", "").Equals("true", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>"Digest realm="a, b", nonce=x, Basic realm="c"": a word followed by a blank and not by '=' starts a challenge.</summary>
    private static List<(string Scheme, Dictionary<string, string> Parameters)> Split(string value)
    {
        var challenges = new List<(string, Dictionary<string, string>)>();
        Dictionary<string, string>? parameters = null;
        int at = 0;
        while (true)
        {
            while (at < value.Length && value[at] is ' ' or '\t' or ',')
                at++;
            int start = at;
            while (at < value.Length && value[at] is not (' ' or '\t' or ',' or '='))
                at++;
            if (at == start && at >= value.Length)
                return challenges;
            if (at == start)        // '=' without a name
            {
                at++;
                continue;
            }

            string word = value[start..at];
            while (at < value.Length && value[at] is ' ' or '\t')
                at++;
            if (at >= value.Length || value[at] != '=')
            {
                parameters = new(StringComparer.OrdinalIgnoreCase);
                challenges.Add((word, parameters));
                continue;
            }

            at++;
            string text = ReadValue(value, ref at);
            parameters?.TryAdd(word, text);
        }
    }

    private static string ReadValue(string value, ref int at)
    {
        while (at < value.Length && value[at] is ' ' or '\t')
            at++;
        int start = at;
        if (at >= value.Length || value[at] != '"')
        {
            while (at < value.Length && value[at] is not (',' or ' ' or '\t'))
                at++;
            return value[start..at];
        }

        at++;
        var text = new System.Text.StringBuilder();
        while (at < value.Length && value[at] != '"')
        {
            if (value[at] == '\\' && at + 1 < value.Length)
                at++;
            text.Append(value[at++]);
        }

        at++;
        return text.ToString();
    }
}
