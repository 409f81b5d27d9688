using System.Globalization;

namespace Vms.Control.Features.Events;

/// <summary>How an event stands in an address.</summary>
internal static class EventAddress
{
    /// <summary>Of a picture of it. With its time: it is found in one month instead of in all.</summary>
    public static string Of(string cameraId, string id, DateTimeOffset at, string picture) =>
        $"/api/cameras/{cameraId}/events/{Uri.EscapeDataString(id)}/{picture}?at={at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)}";

    /// <summary>Ids may hold a slash, which routing leaves as it stands in the address.</summary>
    public static string IdOf(string routeValue) =>
        Vms.Control.Events.EventText.IsStorable(routeValue) ? routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : "";
}
