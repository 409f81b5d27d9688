using System.Globalization;
using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Recordings;

/// <summary>A recording that a device has made: of a camera all that is on its card, of a recorder one for each channel.</summary>
/// <param name="SourceName">As somebody named the source; may be empty.</param>
/// <param name="Earliest">By the device's clock; null when it does not tell.</param>
/// <param name="Latest">As <paramref name="Earliest"/>.</param>
/// <param name="HasVideo">One of its tracks is video, or it tells of no tracks.</param>
public sealed record DeviceRecording(string Token, string SourceId, string SourceName, DateTimeOffset? Earliest, DateTimeOffset? Latest, bool HasVideo)
{
    /// <summary>As far as is known.</summary>
    public bool Reaches(DateTimeOffset from, DateTimeOffset to) => (Earliest is null || Earliest < to) && (Latest is null || Latest > from);
}

/// <param name="IsComplete">The device will find no more.</param>
public sealed record RecordingResults(bool IsComplete, IReadOnlyList<DeviceRecording> Recordings);

/// <summary>Which recordings a device has (ONVIF Recording Search Service Specification §5): a search is begun, and asked for what it has found.</summary>
public static class RecordingSearch
{
    /// <summary>Recorders have hundreds of channels, not thousands.</summary>
    public const int MaxRecordings = 1024;

    private const string Action = "http://www.onvif.org/ver10/search/wsdl/";
    private const string KeepAlive = "PT30S";
    private const string Wait = "PT5S";

    /// <summary>Token of the search.</summary>
    public static OnvifCall<string> Find { get; } = new(
        OnvifService.Search,
        Action + "FindRecordings",
        new XElement(
            OnvifNamespaces.Search + "FindRecordings",
            new XElement(OnvifNamespaces.Search + "Scope"),
            new XElement(OnvifNamespaces.Search + "KeepAliveTime", KeepAlive)),
        answer => answer.Body.TextAt("SearchToken"));

    /// <summary>What it has found since it was asked last.</summary>
    public static OnvifCall<RecordingResults> GetResults(string search) => new(
        OnvifService.Search,
        Action + "GetRecordingSearchResults",
        new XElement(
            OnvifNamespaces.Search + "GetRecordingSearchResults",
            new XElement(OnvifNamespaces.Search + "SearchToken", search),
            new XElement(OnvifNamespaces.Search + "WaitTime", Wait)),
        Read)
    { MayWait = TimeSpan.FromSeconds(5) };

    private static RecordingResults? Read(SoapAnswer answer) => answer.Body.Child("ResultList") is not { } list
        ? null
        : new RecordingResults(
            list.TextAt("SearchState") is not ("Queued" or "Searching"),
            [.. list.ChildrenNamed("RecordingInformation").Take(MaxRecordings).Select(RecordingOf).OfType<DeviceRecording>()]);

    private static DeviceRecording? RecordingOf(SoapElement told)
    {
        if (told.TextAt("RecordingToken") is not { } token)
            return null;

        var tracks = told.ChildrenNamed("Track").Select(track => track.TextAt("TrackType")).ToList();
        return new DeviceRecording(
            token, told.TextAt("Source", "SourceId") ?? "", told.TextAt("Source", "Name") ?? "", TimeOf(told.TextAt("EarliestRecording")), TimeOf(told.TextAt("LatestRecording")),
            tracks.Count == 0 || tracks.Contains("Video"));
    }

    private static DateTimeOffset? TimeOf(string? text) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}

/// <summary>Where a recording is played (ONVIF Replay Control Service Specification §5).</summary>
public static class ReplayCalls
{
    /// <summary>Address of the RTSP stream, as told.</summary>
    public static OnvifCall<string> GetReplayUri(string recording) => new(
        OnvifService.Replay,
        "http://www.onvif.org/ver10/replay/wsdl/GetReplayUri",
        new XElement(
            OnvifNamespaces.Replay + "GetReplayUri",
            new XElement(
                OnvifNamespaces.Replay + "StreamSetup",
                new XElement(OnvifNamespaces.Schema + "Stream", "RTP-Unicast"),
                new XElement(OnvifNamespaces.Schema + "Transport", new XElement(OnvifNamespaces.Schema + "Protocol", "RTSP"))),
            new XElement(OnvifNamespaces.Replay + "RecordingToken", recording)),
        answer => answer.Body.Descendant("Uri") is { Text.Length: > 0 } uri ? uri.Text : null);
}
