using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Vms.Onvif.Soap;

/// <summary>
/// Addresses that a device tells of itself, as they can be reached: the host is replaced by the one that answered. A device tells an address of another
/// network, of before its move, or of its side of a router; it is never a reason to connect to somebody else.
/// </summary>
public static class ServiceAddress
{
    /// <summary>Characters of what a device tells; longer text is no address.</summary>
    public const int MaxLength = 2048;

    /// <summary>Of a text, blank separated (http and https).</summary>
    private const int MaxAddresses = 8;

    /// <summary>Where a service is.</summary>
    /// <param name="text">An XAddr, or several with blanks between; host or path may be missing ("http:///onvif/events", Raysharp).</param>
    /// <param name="answered">Address of the device service, as it was reached.</param>
    /// <returns>On the host of <paramref name="answered"/>: with the device's port when it tells the same host, otherwise with the port that worked, because
    /// a router stands between. Null when there is no such address in the text.</returns>
    public static Uri? Service(string? text, Uri answered)
    {
        Parts? found = null;
        foreach (var parts in PartsOf(text))
        {
            if (parts.Scheme is not ("http" or "https"))
                continue;
            if (parts.Scheme == answered.Scheme)
                return Rebased(parts, answered);
            found ??= parts;
        }

        return found is null ? null : Rebased(found, answered);
    }

    /// <summary>Where a picture is: like a service.</summary>
    public static Uri? Snapshot(string? text, Uri answered) => Service(text, answered);

    /// <summary>Where a stream is: the device's port and path on the host of <paramref name="answered"/>, without credentials. Null when it is no RTSP.</summary>
    public static Uri? Stream(string? text, Uri answered)
    {
        foreach (var parts in PartsOf(text))
        {
            if (parts.Scheme is "rtsp" or "rtsps")
                return Build(parts.Scheme, answered.Host, parts.Port ?? -1, parts.Path);
        }

        return null;
    }

    private static Uri? Rebased(Parts parts, Uri answered) => IsSameHost(parts.Host, answered.Host)
        ? Build(parts.Scheme, answered.Host, parts.Port ?? -1, parts.Path)
        : Build(answered.Scheme, answered.Host, answered.Port, parts.Path);

    private static Uri? Build(string scheme, string host, int port, string path)
    {
        string authority = port < 0 ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        return Uri.TryCreate($"{scheme}://{authority}{path}", UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && uri.Host == host ? uri : null;
    }

    private static bool IsSameHost(string one, string other) =>
        one.Equals(other, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(one, out var a) && IPAddress.TryParse(other, out var b) && a.Equals(b));

    private static IEnumerable<Parts> PartsOf(string? text) => text is null or { Length: > MaxLength }
        ? []
        : text.Split((char[]?)null, MaxAddresses, StringSplitOptions.RemoveEmptyEntries).Select(address => TryParse(address, out var parts) ? parts : null).OfType<Parts>();

    /// <summary>By hand: <see cref="Uri"/> takes no address without a host.</summary>
    private static bool TryParse(string address, [NotNullWhen(true)] out Parts? parts)
    {
        parts = null;
        int colon = address.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0)
            return false;
        string rest = address[(colon + 3)..];
        int end = rest.IndexOfAny(['/', '?', '#']);
        string authority = end < 0 ? rest : rest[..end];
        string path = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
        authority = authority[(authority.LastIndexOf('@') + 1)..];

        int? port = null;
        int portAt = authority.LastIndexOf(':');
        if (portAt >= 0 && authority.IndexOf(']', portAt) < 0)
        {
            if (ushort.TryParse(authority.AsSpan(portAt + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number != 0)
                port = number;
            authority = authority[..portAt];
        }

        parts = new Parts(address[..colon].ToLowerInvariant(), authority, port, path);
        return true;
    }

    private sealed record Parts(string Scheme, string Host, int? Port, string Path);
}
