using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Rtsp.Server;

/// <summary>What a request to our server is about: the URL taken apart.</summary>
/// <param name="Path">Without track, query and closing slash: "/cam_1/sub".</param>
/// <param name="Track">Number behind <c>/trackID=</c>; null for the whole presentation.</param>
/// <param name="Ticket">Value of <c>?ticket=</c>, unescaped.</param>
/// <param name="Root">Scheme and authority as the client knows them, without user information.</param>
/// <param name="Query">With its question mark; may be empty.</param>
/// <remarks>Clients put a track behind the base URL, query included: <c>…/cam_1?ticket=X/trackID=0</c> is understood too.</remarks>
public sealed record RtspTarget(string Path, int? Track, string? Ticket, string Root, string Query)
{
    /// <summary>A ticket and some room.</summary>
    public const int MaxLength = 20 * 1024;

    private const string TrackPrefix = "trackID=";
    private const string TicketKey = "ticket=";

    /// <summary>Of the whole presentation.</summary>
    public string BaseUri => Root + Path + Query;

    public string TrackUri(int track) => string.Create(CultureInfo.InvariantCulture, $"{Root}{Path}/{TrackPrefix}{track}{Query}");

    public static bool TryParse(string uri, [NotNullWhen(true)] out RtspTarget? target)
    {
        target = null;
        int scheme = uri.IndexOf("://", StringComparison.Ordinal);
        if (uri.Length > MaxLength || scheme is not (4 or 5) || uri.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return false;

        string rest = uri[(scheme + 3)..];
        int end = rest.AsSpan().IndexOfAny('/', '?');
        string authority = end < 0 ? rest : rest[..end];
        string place = end < 0 ? "" : rest[end..];
        int question = place.IndexOf('?');
        string path = question < 0 ? place : place[..question];
        string query = question < 0 ? "" : place[question..];
        if (!TryCutTrack(ref path, out int? track) || (track is null && !TryCutTrack(ref query, out track)))
            return false;

        target = new RtspTarget(path, track, TicketOf(query), uri[..(scheme + 3)] + authority[(authority.LastIndexOf('@') + 1)..], query);
        return true;
    }

    /// <summary>As <see cref="TryParse(string, out RtspTarget?)"/> for a client that has announced a description: a track's URL ends, before or
    /// behind the query, with the last part of its control, and <see cref="Track"/> is its place in the description.</summary>
    public static bool TryParse(string uri, SessionDescription announced, [NotNullWhen(true)] out RtspTarget? target)
    {
        for (int i = 0; i < announced.Media.Count; i++)
        {
            string control = (announced.Media[i].Control ?? "").Split('?')[0].TrimEnd('/');
            string name = control[(control.LastIndexOf('/') + 1)..];
            int at = name.Length == 0 ? -1 : uri.LastIndexOf("/" + name, StringComparison.Ordinal);
            int end = at + 1 + name.Length;
            if (at < 0 || (end < uri.Length && uri[end] is not ('?' or '/')))
                continue;
            if (!TryParse(uri.Remove(at, end - at), out target))
                return false;
            target = target with { Track = i };
            return true;
        }

        if (!TryParse(uri, out target))
            return false;
        if (announced.Media.Count == 1)
            target = target with { Track = 0 };     // set up by the presentation's own URL
        return true;
    }

    /// <summary>Takes <c>/trackID=N</c> and closing slashes off the end.</summary>
    /// <returns>False when the number is none.</returns>
    private static bool TryCutTrack(ref string text, out int? track)
    {
        track = null;
        text = text.TrimEnd('/');
        int slash = text.LastIndexOf('/');
        if (slash < 0 || !text.AsSpan(slash + 1).StartsWith(TrackPrefix, StringComparison.OrdinalIgnoreCase))
            return true;

        if (!int.TryParse(text.AsSpan(slash + 1 + TrackPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > byte.MaxValue)
            return false;
        track = number;
        text = text[..slash].TrimEnd('/');
        return true;
    }

    private static string? TicketOf(string query)
    {
        foreach (string field in query.TrimStart('?').Split('&'))
        {
            if (field.StartsWith(TicketKey, StringComparison.Ordinal) && field.Length > TicketKey.Length)
                return Uri.UnescapeDataString(field[TicketKey.Length..]);
        }

        return null;
    }
}
