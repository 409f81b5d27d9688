using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Control.Features.Cameras;

/// <summary>Address of a camera stream: <c>rtsp://</c> or <c>rtsps://</c>, never with credentials, or <c>push:</c> for one that sends to us.
/// Path and query stay byte for byte as the operator wrote them: many cameras compare them literally.</summary>
internal sealed record CameraUrl
{
    public const int MaxLength = 2048;

    /// <summary>The camera, or a program, connects to us and sends (RTSP ANNOUNCE).</summary>
    public const string Push = "push:";

    private CameraUrl(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    /// <summary>Splits what people paste into address and credentials.</summary>
    /// <param name="credentials">What stood before the <c>@</c>, percent-decoded; null when there was nothing. A raw
    /// <c>@ : /</c> inside a password is understood where only one reading is possible.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CameraUrl? url, out CameraCredentials? credentials)
    {
        url = null;
        credentials = null;
        text = text?.Trim();
        if (string.Equals(text, Push, StringComparison.OrdinalIgnoreCase))
        {
            url = new CameraUrl(Push);
            return true;
        }

        if (text is not { Length: > 0 and <= MaxLength } || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return false;

        var schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0)
            return false;
        var scheme = text[..schemeEnd].ToLowerInvariant();
        if (scheme is not ("rtsp" or "rtsps"))
            return false;

        var rest = text[(schemeEnd + 3)..];
        var authorityEnd = EndOfAuthority(rest);
        var at = rest[..authorityEnd].LastIndexOf('@');
        if (at < 0 && !IsHostAndPort(rest[..authorityEnd]))
            at = rest.LastIndexOf('@');   // a slash inside the password: "admin:pa/ss@10.0.0.7/stream"
        if (at >= 0)
        {
            credentials = CameraCredentials.Parse(rest[..at]);
            rest = rest[(at + 1)..];
            authorityEnd = EndOfAuthority(rest);
        }

        if (!IsHostAndPort(rest[..authorityEnd]))
            return false;
        url = new CameraUrl($"{scheme}://{rest}");
        return true;
    }

    private static int EndOfAuthority(string rest) => rest.IndexOfAny(['/', '?', '#']) is >= 0 and var end ? end : rest.Length;

    private static bool IsHostAndPort(string authority)
    {
        var colon = authority.LastIndexOf(':');
        if (colon > authority.LastIndexOf(']'))
        {
            if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
                return false;
            authority = authority[..colon];
        }

        return Uri.CheckHostName(authority) is UriHostNameType.Dns or UriHostNameType.IPv4
            || (authority.StartsWith('[') && Uri.CheckHostName(authority) == UriHostNameType.IPv6);
    }
}

/// <summary>User name and password taken out of a URL.</summary>
internal sealed record CameraCredentials(string Username, string? Password)
{
    public static CameraCredentials Parse(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new CameraCredentials(Uri.UnescapeDataString(userInfo), null)
            : new CameraCredentials(Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
