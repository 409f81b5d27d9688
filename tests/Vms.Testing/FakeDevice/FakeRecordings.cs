using System.Globalization;
using System.Xml.Linq;

namespace Vms.Testing.FakeDevice;

/// <summary>A recording that a fake device has.</summary>
/// <param name="ReplayUri">Where it is played, as the device tells.</param>
/// <param name="TrackType">Video, Audio or Metadata.</param>
public sealed record FakeDeviceRecording(
    string Token, string SourceName, string ReplayUri, DateTimeOffset? Earliest = null, DateTimeOffset? Latest = null, string TrackType = "Video");

/// <summary>Search and replay service (ONVIF Profile G): a search finds one recording an answer, and says that it is complete with the last.</summary>
internal sealed class FakeRecordings(FakeDevice device)
{
    private const string Tse = "http://www.onvif.org/ver10/search/wsdl";
    private const string Trp = "http://www.onvif.org/ver10/replay/wsdl";

    private readonly Dictionary<string, int> _told = [];

    /// <summary>What GetServices lists; nothing for a device without recordings.</summary>
    public IReadOnlyList<(string Namespace, string Path)> Services =>
        device.Options.Recordings.Count == 0 ? [] : [(Tse, "/onvif/search_service"), (Trp, "/onvif/replay_service")];

    public void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(Tse, "FindRecordings", request =>
        {
            request.Expect("Scope", "MaxMatches", "KeepAliveTime");
            _ = request.Child("Scope") ?? throw FakeFaultException.Sender("ter:InvalidArgs", "No scope");
            request.Text("KeepAliveTime");
            string token = $"search{_told.Count + 1}";
            _told[token] = 0;
            return Response(Tse, "FindRecordings", $"<x:SearchToken>{token}</x:SearchToken>");
        });
        add(Tse, "GetRecordingSearchResults", request =>
        {
            request.Expect("SearchToken", "MinResults", "MaxResults", "WaitTime");
            if (!_told.TryGetValue(request.Text("SearchToken"), out int told))
                throw FakeFaultException.Sender("ter:InvalidArgVal/ter:InvalidToken", "No such search");
            _told[request.Text("SearchToken")] = told + 1;
            bool last = told + 1 >= device.Options.Recordings.Count;
            return Response(Tse, "GetRecordingSearchResults",
                $"<x:ResultList><tt:SearchState>{(last ? "Completed" : "Searching")}</tt:SearchState>{string.Concat(device.Options.Recordings.Skip(told).Take(1).Select(Information))}</x:ResultList>");
        });
        add(Trp, "GetReplayUri", request =>
        {
            request.Expect("StreamSetup", "RecordingToken");
            FakeRequest.Expect(request.Child("StreamSetup")!, FakeSoap.Tt, "Stream", "Transport");
            var recording = device.Options.Recordings.FirstOrDefault(r => r.Token == request.Text("RecordingToken"))
                ?? throw FakeFaultException.Sender("ter:InvalidArgVal/ter:NoRecording", "No such recording");
            return Response(Trp, "GetReplayUri", $"<x:Uri>{FakeSoap.Text(recording.ReplayUri)}</x:Uri>");
        });
    }

    private static string Response(XNamespace of, string operation, string content) => $"""<x:{operation}Response xmlns:x="{of}">{content}</x:{operation}Response>""";

    private static string Information(FakeDeviceRecording recording) =>
        $"<tt:RecordingInformation><tt:RecordingToken>{recording.Token}</tt:RecordingToken><tt:Source><tt:SourceId>source_1</tt:SourceId><tt:Name>{FakeSoap.Text(recording.SourceName)}</tt:Name>"
        + "<tt:Location></tt:Location><tt:Description></tt:Description><tt:Address></tt:Address></tt:Source>"
        + Time("EarliestRecording", recording.Earliest) + Time("LatestRecording", recording.Latest)
        + $"<tt:Content></tt:Content><tt:Track><tt:TrackToken>t1</tt:TrackToken><tt:TrackType>{recording.TrackType}</tt:TrackType><tt:Description></tt:Description>"
        + "<tt:DataFrom>2026-01-01T00:00:00Z</tt:DataFrom><tt:DataTo>2026-12-31T00:00:00Z</tt:DataTo></tt:Track><tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>";

    private static string Time(string name, DateTimeOffset? time) => time is { } at ? string.Create(CultureInfo.InvariantCulture, $"<tt:{name}>{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}</tt:{name}>") : "";
}
