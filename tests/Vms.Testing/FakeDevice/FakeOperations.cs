using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Vms.Testing.FakeDevice;

/// <summary>Which service answers which operation, and the device service itself.</summary>
internal sealed class FakeOperations
{
    private readonly FakeDevice _device;
    private readonly FakeMedia _media;
    private readonly Dictionary<(string Namespace, string Operation), Func<FakeRequest, string>> _operations = [];

    public FakeOperations(FakeDevice device)
    {
        _device = device;
        _media = new FakeMedia(device);
        Add(FakeSoap.Tds, "GetSystemDateAndTime", GetSystemDateAndTime);
        Add(FakeSoap.Tds, "SetSystemDateAndTime", SetSystemDateAndTime);
        Add(FakeSoap.Tds, "GetDeviceInformation", _ => Response("tds:GetDeviceInformation",
            $"<tds:Manufacturer>{FakeSoap.Text(device.Options.Manufacturer)}</tds:Manufacturer><tds:Model>{FakeSoap.Text(device.Options.Model)}</tds:Model><tds:FirmwareVersion>{FakeSoap.Text(device.Quirks.Firmware ?? device.Options.Firmware)}</tds:FirmwareVersion>"
            + $"<tds:SerialNumber>{FakeSoap.Text(device.Options.SerialNumber)}</tds:SerialNumber><tds:HardwareId>HW-1</tds:HardwareId>"));
        Add(FakeSoap.Tds, "GetServices", GetServices);
        Add(FakeSoap.Tds, "GetCapabilities", GetCapabilities);
        Add(FakeSoap.Tds, "GetHostname", _ => Response("tds:GetHostname", "<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>fake</tt:Name></tds:HostnameInformation>"));
        Add(FakeSoap.Tds, "GetScopes", _ => Response("tds:GetScopes", string.Concat(FakeDiscovery.ScopesOf(device.Options).Select(scope => $"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>{scope}</tt:ScopeItem></tds:Scopes>"))));
        Add(FakeSoap.Tds, "GetNetworkInterfaces", _ => Response("tds:GetNetworkInterfaces",
            $"""<tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>{device.Options.Mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info></tds:NetworkInterfaces>"""
            + """<tds:NetworkInterfaces token="lo"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>lo</tt:Name><tt:HwAddress>00:00:00:00:00:00</tt:HwAddress></tt:Info></tds:NetworkInterfaces>"""));
        Add(FakeSoap.Tds, "GetNTP", _ => Response("tds:GetNTP",
            $"<tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP>{string.Concat(device.NtpServers.Select(server => $"<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>{FakeSoap.Text(server)}</tt:DNSname></tt:NTPManual>"))}</tds:NTPInformation>"));
        Add(FakeSoap.Tds, "SetNTP", SetNtp);
        device.Relays.AddTo(Add);
        _media.AddTo(Add);
        device.Ptz.AddTo(Add);
        device.Imaging.AddTo(Add);
        device.Events.AddTo(Add);
    }

    private FakeDeviceQuirks Quirks => _device.Quirks;

    public static string Response(string operation, string content = "") => $"<{operation}Response>{content}</{operation}Response>";

    /// <exception cref="FakeFaultException">The device refuses.</exception>
    public async Task<string> AnswerAsync(FakeRequest request, HttpContext context)
    {
        if (Quirks.MissingServices.Contains(request.Namespace))
            throw FakeFaultException.Sender("ter:ActionNotSupported", "No such service");
        if (request.Operation == "PullMessages")
            return FakeSoap.Envelope(await _device.Events.PullAsync(request, context));
        return _operations.TryGetValue((request.Namespace, request.Operation), out var answer)
            ? FakeSoap.Envelope(answer(request))
            : throw new FakeFaultException("ter:ActionNotSupported", $"{request.Body.Name} is not there", StatusCodes.Status500InternalServerError);
    }

    private void Add(string of, string operation, Func<FakeRequest, string> answer) => _operations.Add((of, operation), answer);

    private string GetSystemDateAndTime(FakeRequest request)
    {
        request.Expect();
        if (Quirks.HasNoClock)
            throw FakeFaultException.Sender("ter:ActionNotSupported", "Optional Action Not Implemented");
        var now = _device.Now;
        string local = Time("LocalDateTime", now.AddHours(8));
        return Response("tds:GetSystemDateAndTime",
            "<tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>"
            + $"{(Quirks.TellsNoUtc ? "" : Time("UTCDateTime", now))}{local}</tds:SystemDateAndTime>");
    }

    private string SetSystemDateAndTime(FakeRequest request)
    {
        request.Expect("DateTimeType", "DaylightSavings", "TimeZone", "UTCDateTime");
        if (request.Text("DateTimeType") == "Manual")
        {
            var time = request.Child("UTCDateTime") ?? throw FakeFaultException.Sender("ter:InvalidArgs", "No time");
            int Number(string group, string name) => (int)time.Element(XName.Get(group))!.Element(XName.Get(name))!;
            var set = new DateTimeOffset(Number("Date", "Year"), Number("Date", "Month"), Number("Date", "Day"), Number("Time", "Hour"), Number("Time", "Minute"), Number("Time", "Second"), TimeSpan.Zero);
            Quirks.ClockOffset = set - _device.Options.Time.GetUtcNow();
        }

        return Response("tds:SetSystemDateAndTime");
    }

    private string GetServices(FakeRequest request)
    {
        request.Expect("IncludeCapability");
        if (Quirks.HasOnlyCapabilities)
            throw FakeFaultException.Sender("ter:ActionNotSupported", "Optional Action Not Implemented");
        var services = s_services.Where(service => !Quirks.MissingServices.Contains(service.Namespace)).Select(service =>
            $"<tds:Service><tds:Namespace>{service.Namespace}</tds:Namespace><tds:XAddr>{_device.AddressOf(service.Path)}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>");
        return Response("tds:GetServices", string.Concat(services));
    }

    private string GetCapabilities(FakeRequest request)
    {
        request.Expect("Category");
        string Of(string name, string of, string path, string more = "") => Quirks.MissingServices.Contains(of) ? "" : $"<tt:{name}><tt:XAddr>{_device.AddressOf(path)}</tt:XAddr>{more}</tt:{name}>";
        return Response("tds:GetCapabilities", "<tds:Capabilities>"
            + Of("Device", FakeSoap.Tds, "/onvif/device_service")
            + Of("Events", FakeSoap.Tev, "/onvif/event_service", "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>")
            + Of("Imaging", FakeSoap.Timg, "/onvif/imaging_service")
            + Of("Media", FakeSoap.Trt, "/onvif/media_service", "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities>")
            + Of("PTZ", FakeSoap.Tptz, "/onvif/ptz_service")
            + "</tds:Capabilities>");
    }

    private string SetNtp(FakeRequest request)
    {
        request.Expect("FromDHCP", "NTPManual");
        var manual = request.Child("NTPManual") ?? throw FakeFaultException.Sender("ter:InvalidArgs", "No server");
        FakeRequest.Expect(manual, FakeSoap.Tt, "Type", "IPv4Address", "IPv6Address", "DNSname");
        _device.NtpServers = [manual.Elements().Last().Value];
        return Response("tds:SetNTP");
    }

    private static string Time(string name, DateTimeOffset time) => string.Create(
        CultureInfo.InvariantCulture,
        $"<tt:{name}><tt:Time><tt:Hour>{time.Hour}</tt:Hour><tt:Minute>{time.Minute}</tt:Minute><tt:Second>{time.Second}</tt:Second></tt:Time><tt:Date><tt:Year>{time.Year}</tt:Year><tt:Month>{time.Month}</tt:Month><tt:Day>{time.Day}</tt:Day></tt:Date></tt:{name}>");

    private static readonly (string Namespace, string Path)[] s_services =
    [
        (FakeSoap.Tds, "/onvif/device_service"), (FakeSoap.Trt, "/onvif/media_service"), (FakeSoap.Tr2, "/onvif/media2_service"),
        (FakeSoap.Tptz, "/onvif/ptz_service"), (FakeSoap.Timg, "/onvif/imaging_service"), (FakeSoap.Tev, "/onvif/event_service"),
    ];

    private static class XName
    {
        public static System.Xml.Linq.XName Get(string name) => System.Xml.Linq.XName.Get(name, FakeSoap.Tt);
    }
}
