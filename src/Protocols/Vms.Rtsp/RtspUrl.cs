using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vms.Rtsp;

/// <summary>
/// Where a stream is: host and port to connect to, and the path as the camera wants to see it, character by character.
/// Credentials found in the text are kept apart; <see cref="ToString"/> and <see cref="RequestUri"/> never show them.
/// </summary>
/// <remarks>Not <see cref="Uri"/>: that normalises paths and escapes, and a camera compares strings.</remarks>
public sealed record RtspUrl
{
    public const int DefaultPort = 554;

    /// <summary>Of <c>rtsps://</c>: RTSP in TLS.</summary>
    public const int DefaultSecurePort = 322;

    /// <summary>Longer text is refused.</summary>
    public const int MaxLength = 4096;

    private const string Scheme = "rtsp://";
    private const string SecureScheme = "rtsps://";

    private RtspUrl(bool isSecure, string host, int port, string pathAndQuery)
    {
        IsSecure = isSecure;
        Host = host;
        Port = port;
        PathAndQuery = pathAndQuery;
    }

    /// <summary><c>rtsps://</c></summary>
    public bool IsSecure { get; }

    /// <summary>Name or address; IPv6 without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Empty, or starts with '/' or '?'. Exactly as given.</summary>
    public string PathAndQuery { get; private init; }

    /// <summary>Decoded; null when the text had no user information.</summary>
    public string? Username { get; private init; }

    /// <summary>Decoded; null when the text had no password.</summary>
    public string? Password { get; private init; }

    /// <summary>What goes into a request line: no credentials, the port only where it is not the scheme's.</summary>
    public string RequestUri => (IsSecure ? SecureScheme : Scheme) + Authority + PathAndQuery;

    private string Authority
    {
        get
        {
            string host = Host.Contains(':') ? $"[{Host.Replace("%", "%25", StringComparison.Ordinal)}]" : Host;
            return Port == (IsSecure ? DefaultSecurePort : DefaultPort) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        }
    }

    /// <summary>The same place without credentials.</summary>
    public RtspUrl WithoutCredentials() => this with { Username = null, Password = null };

    public override string ToString() => RequestUri;

    public static bool TryParse(string? text, [NotNullWhen(true)] out RtspUrl? url)
    {
        url = null;
        text = text?.Trim();
        return text is { Length: > 0 and <= MaxLength }
            && !text.AsSpan().ContainsAnyInRange('\0', ' ')
            && TryStripScheme(text, out bool isSecure, out string rest)
            && TryParseAuthority(isSecure, rest, out url);
    }

    /// <summary>
    /// The URL that relative controls are added to (RFC 2326 C.1.1): Content-Base, else Content-Location, else the URL asked for.
    /// Host and port stay those that were asked for, whatever the header says: cameras behind NAT name addresses nobody can
    /// reach, some leave the scheme out or write it twice (retina: Anjvision; go2rtc #830, #1852).
    /// </summary>
    public static RtspUrl BaseOf(RtspUrl asked, RtspHeaders headers)
    {
        foreach (string name in (ReadOnlySpan<string>)["Content-Base", "Content-Location"])
        {
            string? value = headers[name]?.Trim();
            if (string.IsNullOrEmpty(value))
                continue;
            if (value[0] == '/')
                return asked with { PathAndQuery = value };
            if (TryParse(StartsWithScheme(value) ? value : Scheme + value, out var given))
                return asked with { PathAndQuery = given.PathAndQuery };
        }

        return asked;
    }

    /// <summary>
    /// The URL of a track or of the presentation from an <c>a=control</c> value, this being the base URL. Absent, empty and "*"
    /// mean the base itself. Relative ones are appended with one '/' even behind a query (Dahua's
    /// <c>/cam/realmonitor?channel=1&amp;subtype=0</c>), which is what cameras compare with.
    /// </summary>
    public RtspUrl Resolve(string? control)
    {
        control = control?.Trim();
        if (string.IsNullOrEmpty(control) || control == "*" || control.Length > MaxLength
            || control.AsSpan().ContainsAnyInRange('\0', ' '))
        {
            return this;
        }

        if (StartsWithScheme(control))
            return TryParse(control, out var absolute) ? this with { PathAndQuery = absolute.PathAndQuery } : this;

        string path = PathAndQuery.EndsWith('/') && control[0] == '/' ? PathAndQuery[..^1] : PathAndQuery;
        string separator = path.EndsWith('/') || control[0] is '/' or '?' ? "" : "/";
        return this with { PathAndQuery = path + separator + control };
    }

    private static bool StartsWithScheme(string text) =>
        text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || text.StartsWith(SecureScheme, StringComparison.OrdinalIgnoreCase);

    private static bool TryStripScheme(string text, out bool isSecure, out string rest)
    {
        rest = text;
        isSecure = text.StartsWith(SecureScheme, StringComparison.OrdinalIgnoreCase);
        while (StartsWithScheme(rest))
            rest = rest[(rest.IndexOf('/') + 2)..];

        return rest.Length > 0 && rest.Length < text.Length;
    }

    /// <summary>User information ends at the last '@' before the path; a password with an unescaped '/' shows in what would then be
    /// the port, and a later '@' is tried.</summary>
    private static bool TryParseAuthority(bool isSecure, string rest, [NotNullWhen(true)] out RtspUrl? url)
    {
        int path = rest.AsSpan().IndexOfAny('/', '?');
        int at = rest.LastIndexOf('@', path < 0 ? rest.Length - 1 : path);
        while (true)
        {
            string place = rest[(at + 1)..];
            path = place.AsSpan().IndexOfAny('/', '?');
            string authority = path < 0 ? place : place[..path];
            if (TryParseHost(authority, isSecure ? DefaultSecurePort : DefaultPort, out string host, out int port))
            {
                url = new RtspUrl(isSecure, host, port, path < 0 ? "" : place[path..]);
                if (at >= 0)
                    url = url.WithUserInformation(rest[..at]);
                return true;
            }

            at = rest.IndexOf('@', at + 1);
            if (at < 0)
            {
                url = null;
                return false;
            }
        }
    }

    private RtspUrl WithUserInformation(string text)
    {
        int colon = text.IndexOf(':');
        return this with
        {
            Username = Decode(colon < 0 ? text : text[..colon]),
            Password = colon < 0 ? null : Decode(text[(colon + 1)..]),
        };
    }

    /// <summary>A percent sign that starts no escape stays as it is: passwords have them.</summary>
    private static string Decode(string text) => System.Uri.UnescapeDataString(text);

    private static bool TryParseHost(string authority, int defaultPort, out string host, out int port)
    {
        host = authority;
        port = defaultPort;
        string portText = "";
        if (authority.StartsWith('['))
        {
            int close = authority.IndexOf(']');
            if (close < 0)
                return false;
            host = Decode(authority[1..close]);      // RFC 6874: the '%' in front of a zone is escaped
            if (!IPAddress.TryParse(host, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
            if (authority.Length > close + 1)
            {
                if (authority[close + 1] != ':')
                    return false;
                portText = authority[(close + 2)..];
            }
        }
        else if (authority.IndexOf(':') is >= 0 and var colon)
        {
            host = authority[..colon];
            portText = authority[(colon + 1)..];
        }

        if (host.Length == 0 || (host.AsSpan().ContainsAny('@', '%', '\\') && !host.Contains(':')))
            return false;

        return portText.Length == 0
            || (int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535);
    }
}
