using System.Globalization;
using System.Xml.Linq;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Hikvision;

/// <summary>One page of what a search found.</summary>
/// <param name="Count">Items on the page, readable or not: the next page begins so much further.</param>
/// <param name="HasMore">The device says MORE.</param>
internal sealed record IsapiPage(IReadOnlyList<NvrRecording> Recordings, int Count, bool HasMore);

/// <summary>Writes and reads /ISAPI/ContentMgmt/search. Sans-IO.</summary>
internal static class IsapiSearch
{
    /// <summary>Of one page; older recorders refuse more than 50.</summary>
    public const int PageSize = 40;

    /// <param name="id">The same for all pages of a search.</param>
    /// <param name="track">101 is what is recorded of channel 1's main stream.</param>
    /// <param name="position">How many items to pass over.</param>
    public static string Request(Guid id, int track, DateTimeOffset from, DateTimeOffset to, int position, DeviceZone zone) =>
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + new XElement(
            "CMSearchDescription",
            new XElement("searchID", id.ToString("D").ToUpperInvariant()),
            new XElement("trackList", new XElement("trackID", track)),
            new XElement("timeSpanList", new XElement("timeSpan", new XElement("startTime", IsapiTime.Write(from, zone)), new XElement("endTime", IsapiTime.Write(to, zone)))),
            new XElement("maxResults", PageSize),
            new XElement("searchResultPostion", position),      // spelled so by the devices
            new XElement("metadataList", new XElement("metadataDescriptor", "//recordType.meta.std-cgi.com")));

    /// <summary>Null when the document is no answer to a search.</summary>
    /// <param name="channel">What the recordings are of.</param>
    /// <param name="rtsp">Scheme, host and port that the device is reached at: what it writes into its URIs may be an address of another network.</param>
    public static IsapiPage? Read(byte[] document, int channel, string rtsp, DeviceZone zone)
    {
        if (IsapiXml.First(document, "CMSearchResult")?["responseStatusStrg"] is not { } status)
            return null;
        var items = IsapiChannels.Items(document, "searchMatchItem");
        var recordings = new List<NvrRecording>();
        foreach (var item in items)
        {
            if (IsapiTime.Read(item["timeSpan/startTime"], zone) is not { } start || IsapiTime.Read(item["timeSpan/endTime"], zone) is not { } end || end <= start)
                continue;
            if (Playback(item["mediaSegmentDescriptor/playbackURI"], rtsp) is { } url)
                recordings.Add(new NvrRecording(channel, start, end, url));
        }

        return new IsapiPage(recordings, items.Count, status.Equals("MORE", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The device's URI at the address that it is reached at; null when it has no path.</summary>
    private static string? Playback(string? uri, string rtsp)
    {
        if (uri is null || !uri.StartsWith("rtsp://", StringComparison.OrdinalIgnoreCase) || uri.IndexOf('/', 7) is not (> 0 and int path))
            return null;
        // Escaped twice by some firmwares: what XML leaves is "&amp;" still.
        string target = uri[path..].Replace("&amp;", "&", StringComparison.Ordinal);
        return target.Any(c => c <= ' ' || c > '~') ? null : string.Create(CultureInfo.InvariantCulture, $"{rtsp}{target}");
    }
}
