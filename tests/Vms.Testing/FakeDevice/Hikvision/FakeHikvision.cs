using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Testing.FakeDevice.Hikvision;

/// <summary>A recorder that answers ISAPI over real HTTP.</summary>
public sealed class FakeHikvision : IAsyncDisposable
{
    private readonly FakeHikvisionOptions _options;

    private FakeHikvision(FakeHikvisionOptions options) => _options = options;

    public DeviceServer Http { get; private set; } = null!;

    public Uri Address => Http.Address;

    public static async Task<FakeHikvision> StartAsync(FakeHikvisionOptions options)
    {
        var device = new FakeHikvision(options);
        device.Http = await DeviceServer.StartAsync(options.Gate, options.Server, device.AnswerAsync);
        return device;
    }

    public ValueTask DisposeAsync() => Http.DisposeAsync();

    /// <summary>Something happens: one part of the alert stream.</summary>
    public void Alert(string type, string state, string place) => _options.Events.Say(
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <EventNotificationAlert version="2.0" xmlns="{_options.Namespace}">
        <ipAddress>{_options.OwnHost}</ipAddress>
        <portNo>80</portNo>
        <protocol>HTTP</protocol>
        <macAddress>44:19:b6:00:11:22</macAddress>
        {place}
        <dateTime>2026-11-30T18:20:11+01:00</dateTime>
        <activePostCount>1</activePostCount>
        <eventType>{type}</eventType>
        <eventState>{state}</eventState>
        <eventDescription>{type} alarm</eventDescription>
        </EventNotificationAlert>
        """,
        "application/xml; charset=\"UTF-8\"");

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path;
        if (_options.IsClosed(path))
        {
            await WriteAsync(context, StatusCodes.Status403Forbidden, Status("lowPrivilege"));
            return;
        }

        if (path == "/ISAPI/Event/notification/alertStream")
        {
            await _options.Events.SendAsync(context, "multipart/mixed; boundary=boundary", "--boundary", Http.Stopping);
            return;
        }

        string? document = path switch
        {
            "/ISAPI/System/deviceInfo" => DeviceInfo(),
            "/ISAPI/ContentMgmt/InputProxy/channels" when _options.Proxies.Count > 0 => Proxies(),
            "/ISAPI/ContentMgmt/InputProxy/channels/status" when _options.Proxies.Count > 0 => ProxyStates(),
            "/ISAPI/Streaming/channels" => Streams(_options.Streams, "StreamingChannel"),
            "/ISAPI/ContentMgmt/StreamingProxy/channels" when _options.ProxyStreams.Count > 0 => Streams(_options.ProxyStreams, "StreamingProxyChannel"),
            "/ISAPI/System/Video/inputs/channels" when _options.VideoInputs.Count > 0 => VideoInputs(),
            "/ISAPI/System/IO/inputs" when _options.Inputs.Count > 0 => Inputs(),
            "/ISAPI/System/IO/status" when _options.Inputs.Count > 0 => InputStates(),
            "/ISAPI/Security/adminAccesses" => AdminAccesses(),
            "/ISAPI/System/time" => Time(),
            "/ISAPI/ContentMgmt/search" when context.Request.Method == "POST" => Search(XDocument.Parse(await new StreamReader(context.Request.Body).ReadToEndAsync()).Root!),
            _ => null,
        };
        if (document is not null)
            await WriteAsync(context, StatusCodes.Status200OK, document);
        else
            await WriteAsync(context, _options.ForbidsWhatItLacks ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound, Status("notSupport"));
    }

    private static async Task WriteAsync(HttpContext context, int status, string document)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml; charset=\"UTF-8\"";
        await context.Response.WriteAsync(document);
    }

    private string Document(string root, string content) => $"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<{root} version=\"2.0\" xmlns=\"{_options.Namespace}\">\n{content}</{root}>\n";

    private string Status(string reason) =>
        Document("ResponseStatus", $"<requestURL></requestURL><statusCode>4</statusCode><statusString>Invalid Operation</statusString><subStatusCode>{reason}</subStatusCode>");

    private string DeviceInfo() => Document(
        "DeviceInfo",
        $"""
        <deviceName>Hall recorder</deviceName>
        <deviceID>48443030-3030-3030-3030-441900112233</deviceID>
        <model>DS-7608NI-K2/8P</model>
        <serialNumber>{_options.SerialNumber}</serialNumber>
        <macAddress>44:19:b6:00:11:22</macAddress>
        <firmwareVersion>V4.30.085</firmwareVersion>
        <firmwareReleasedDate>build 200916</firmwareReleasedDate>
        <deviceType>NVR</deviceType>

        """);

    private string Proxies() => Document("InputProxyChannelList", string.Concat(_options.Proxies.Select(p =>
        $"""
        <InputProxyChannel version="1.0">
          <id>{p.Id}</id>
          <name>{p.Name}</name>
          <sourceInputPortDescriptor><proxyProtocol>HIKVISION</proxyProtocol><ipAddress>192.168.254.{p.Id + 1}</ipAddress><srcInputPort>1</srcInputPort></sourceInputPortDescriptor>
        </InputProxyChannel>

        """)));

    private string ProxyStates() => Document("InputProxyChannelStatusList", string.Concat(_options.Proxies.Select(p =>
        $"""
        <InputProxyChannelStatus version="1.0">
          <id>{p.Id}</id>
          <sourceInputPortDescriptor><proxyProtocol>HIKVISION</proxyProtocol><ipAddress>192.168.254.{p.Id + 1}</ipAddress></sourceInputPortDescriptor>
          <online>{(p.Online ? "true" : "false")}</online>
          <streamingProxyChannelIdList>{string.Concat(p.StreamIds.Select(id => $"<streamingProxyChannelId>{id}</streamingProxyChannelId>"))}</streamingProxyChannelIdList>
          <chanDetectResult>{(p.Online ? "connect" : "networkAbnormal")}</chanDetectResult>
        </InputProxyChannelStatus>

        """)));

    private string Streams(IReadOnlyList<FakeHikvisionStream> streams, string element) => Document(element + "List", string.Concat(streams.Select(s =>
        $"""
        <{element} version="2.0">
          <id>{s.Id}</id>
          <channelName>{s.Name}</channelName>
          <enabled>{(s.Enabled ? "true" : "false")}</enabled>
          <Transport><ControlProtocolList><ControlProtocol><streamingTransport>RTSP</streamingTransport></ControlProtocol></ControlProtocolList></Transport>
          <Video>
            <enabled>true</enabled>
            <videoCodecType>{s.Codec}</videoCodecType>
            <videoResolutionWidth>{s.Width}</videoResolutionWidth>
            <videoResolutionHeight>{s.Height}</videoResolutionHeight>
            <maxFrameRate>2500</maxFrameRate>
          </Video>
        </{element}>

        """)));

    private string VideoInputs() => Document("VideoInputChannelList", string.Concat(_options.VideoInputs.Select(i =>
        $"<VideoInputChannel><id>{i.Key}</id><inputPort>{i.Key}</inputPort><name>{i.Value.Name}</name><videoFormat>PAL</videoFormat>"
        + $"<resDesc>{(i.Value.Seen ? "1080P25" : "NO VIDEO")}</resDesc></VideoInputChannel>\n")));

    private string Inputs() => Document("IOInputPortList", string.Concat(_options.Inputs.Keys.Select(id =>
        $"<IOInputPort><id>{id}</id><triggering>high</triggering><name>Contact {id}</name></IOInputPort>\n")));

    private string InputStates() => Document("IOPortStatusList", string.Concat(_options.Inputs.Select(i =>
        $"<IOPortStatus><ioPortID>{i.Key}</ioPortID><ioPortType>input</ioPortType><ioState>{(i.Value ? "active" : "inactive")}</ioState></IOPortStatus>\n"))
        + "<IOPortStatus><ioPortID>1</ioPortID><ioPortType>output</ioPortType><ioState>active</ioState></IOPortStatus>");

    private string AdminAccesses() => Document(
        "AdminAccessProtocolList",
        "<AdminAccessProtocol><id>1</id><protocol>HTTP</protocol><portNo>80</portNo></AdminAccessProtocol>\n"
        + $"<AdminAccessProtocol><id>4</id><protocol>RTSP</protocol><portNo>{_options.RtspPort}</portNo></AdminAccessProtocol>\n");

    private string Time() => Document("Time", $"<timeMode>NTP</timeMode><localTime>{LocalTime()}</localTime><timeZone>{_options.ZoneRule}</timeZone>");

    private string LocalTime()
    {
        if (_options.ClockOffset is not { } offset)
            return "2026-11-30T18:20:11+01:00";
        var now = TimeProvider.System.GetUtcNow() + offset;
        return TimeZoneInfo.ConvertTime(now, _options.Zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    /// <summary>The times asked for are local, whatever stands behind them.</summary>
    private string Search(XElement request)
    {
        string Asked(string name) => request.Descendants(name).Single().Value;
        var from = DateTime.ParseExact(Asked("startTime"), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var to = DateTime.ParseExact(Asked("endTime"), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        int track = int.Parse(Asked("trackID"), CultureInfo.InvariantCulture);
        int position = int.Parse(Asked("searchResultPostion"), CultureInfo.InvariantCulture);
        int most = int.Parse(Asked("maxResults"), CultureInfo.InvariantCulture);
        var all = _options.Recordings.Where(r => (r.Channel * 100) + 1 == track && Local(r.End) > from && Local(r.Start) < to).ToList();
        var page = all.Skip(position).Take(most).ToList();
        string status = all.Count == 0 ? "NO MATCHES" : _options.AlwaysMore || position + page.Count < all.Count ? "MORE" : "OK";
        return Document(
            "CMSearchResult",
            $"<searchID>{Asked("searchID")}</searchID>\n<responseStatus>true</responseStatus>\n<responseStatusStrg>{status}</responseStatusStrg>\n<numOfMatches>{page.Count}</numOfMatches>\n"
            + $"<matchList>\n{string.Concat(page.Select(r => Match(r, track)))}</matchList>\n");
    }

    private string Match(FakeHikvisionRecording recording, int track)
    {
        string and = _options.Escaping switch { UriEscaping.Bare => "&", UriEscaping.Twice => "&amp;amp;", _ => "&amp;" };
        string uri = $"rtsp://{_options.OwnHost}/Streaming/tracks/{track}/?starttime={Local(recording.Start):yyyyMMdd'T'HHmmss'Z'}{and}endtime={Local(recording.End):yyyyMMdd'T'HHmmss'Z'}{and}name=ch{recording.Channel:00}_0{and}size=1024";
        var text = new StringBuilder("<searchMatchItem>\n");
        text.Append($"<sourceID>{{00000000-0000-0000-0000-000000000000}}</sourceID>\n<trackID>{track}</trackID>\n");
        text.Append($"<timeSpan><startTime>{Written(recording.Start)}</startTime><endTime>{Written(recording.End)}</endTime></timeSpan>\n");
        text.Append($"<mediaSegmentDescriptor><contentType>video</contentType><codecType>H.264-BP</codecType><playbackURI>{uri}</playbackURI></mediaSegmentDescriptor>\n");
        return text.Append("</searchMatchItem>\n").ToString();
    }

    private DateTime Local(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(utc, _options.Zone);

    private string Written(DateTime utc) => _options.WritesOffsets
        ? new DateTimeOffset(Local(utc), _options.Zone.GetUtcOffset(utc)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)
        : Local(utc).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
