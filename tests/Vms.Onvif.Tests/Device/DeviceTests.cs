using Vms.Onvif.Device;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Device;

public sealed class DeviceTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 30, 12, 34, 56, TimeSpan.Zero);

    [Fact]
    public void The_clock_is_read_as_UTC_wherever_it_stands()
    {
        string utc = Time("UTCDateTime", 12);
        Assert.Equal(s_time, Clock($"<SystemDateAndTime><DateTimeType>NTP</DateTimeType><TimeZone><TZ>CST-8</TZ></TimeZone>{utc}{Time("LocalDateTime", 20)}</SystemDateAndTime>")!.Utc);
        Assert.Equal(new DeviceClock(s_time, FromNtp: true, "CST-8"), Clock($"<SystemDateAndTime><DateTimeType>NTP</DateTimeType><TimeZone><TZ>CST-8</TZ></TimeZone>{Time("LocalDateTime", 20)}</SystemDateAndTime>"));
        Assert.Equal(s_time, Clock($"<SystemDateAndTime>{Time("LocalDateTime", 12)}</SystemDateAndTime>")!.Utc);
        Assert.Equal(s_time, Clock(utc)!.Utc);
    }

    [Theory]
    [InlineData("<SystemDateAndTime/>")]
    [InlineData("<UTCDateTime><Time><Hour>25</Hour><Minute>0</Minute></Time><Date><Year>2026</Year><Month>1</Month><Day>1</Day></Date></UTCDateTime>")]
    [InlineData("<UTCDateTime><Time><Hour>1</Hour><Minute>0</Minute></Time><Date><Year>2026</Year><Month>2</Month><Day>30</Day></Date></UTCDateTime>")]
    [InlineData("<UTCDateTime><Time><Hour>1</Hour><Minute>0</Minute></Time><Date><Year>-1</Year><Month>13</Month><Day>0</Day></Date></UTCDateTime>")]
    public void What_is_no_time_is_none(string body) => Assert.Null(Clock(body));

    [Theory]
    [InlineData("CST-8", 480)]
    [InlineData("EST5EDT,M3.2.0,M11.1.0", -300)]
    [InlineData("<+0530>-5:30", 330)]
    [InlineData("UTC0", 0)]
    [InlineData("GMT", null)]
    [InlineData("", null)]
    [InlineData("<+08", null)]
    public void Time_zones_count_as_POSIX_does(string zone, int? minutes) => Assert.Equal(minutes, DeviceClock.OffsetOf(zone)?.TotalMinutes);

    [Fact]
    public void Services_are_known_by_their_namespaces_and_older_devices_by_their_capabilities()
    {
        var services = DeviceServices.Get.ReadWith(
            "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace><tds:XAddr>http://h/m2</tds:XAddr></tds:Service>"
            + "<tds:Service><tds:Namespace>http://www.onvif.org/ver10/events/wsdl/</tds:Namespace><tds:XAddr>http://h/e</tds:XAddr></tds:Service>"
            + "<tds:Service><tds:Namespace>urn:vendor</tds:Namespace><tds:XAddr>http://h/v</tds:XAddr></tds:Service></tds:GetServicesResponse>")!;
        Assert.Equal(["http://h/m2", "http://h/e"], services.Addresses.Values);
        Assert.True(services.Has(OnvifService.Media2));

        var capabilities = DeviceServices.GetCapabilities.ReadWith("<r><Capabilities><PTZ><XAddr>http://h/p</XAddr></PTZ><Media/></Capabilities></r>")!;
        Assert.Equal([KeyValuePair.Create(OnvifService.Ptz, "http://h/p")], capabilities.Addresses);
    }

    [Fact]
    public void Information_is_cut_and_may_be_missing()
    {
        var information = DeviceInformation.Get.ReadWith($"<GetDeviceInformationResponse><Manufacturer> M </Manufacturer><Model>{new string('m', 999)}</Model></GetDeviceInformationResponse>")!;
        Assert.Equal(("M", DeviceInformation.MaxText, "", ""), (information.Manufacturer, information.Model.Length, information.Firmware, information.SerialNumber));
        Assert.Null(DeviceInformation.Get.ReadWith("<x/>"));
    }

    [Fact]
    public void Hardware_addresses_are_written_one_way() => Assert.Equal(["00:1A:2B:3C:4D:5E", "AA:BB:CC:DD:EE:FF"], NetworkInterfaces.Get.ReadWith(
        $"<r>{string.Concat(((string[])["00-1a-2b-3c-4d-5e", "aabbccddeeff", "00:00:00:00:00:00", "00:1A:2B:3C:4D:5E", "nonsense"]).Select(Interface))}</r>")!.Macs);

    [Fact]
    public void Relays_and_time_servers_are_read()
    {
        var relays = RelayOutput.GetAll.ReadWith("""<r><RelayOutputs token="1"><Properties><Mode>Monostable</Mode><DelayTime>PT1.5S</DelayTime><IdleState>closed</IdleState></Properties></RelayOutputs><RelayOutputs token="2"><Properties><DelayTime>soon</DelayTime></Properties></RelayOutputs><RelayOutputs/></r>""")!;
        Assert.Equal([new RelayOutput("1", true, TimeSpan.FromSeconds(1.5), false), new RelayOutput("2", false, null, true)], relays);
        Assert.Equal("PT1.5S", RelayOutput.DurationText(TimeSpan.FromSeconds(1.5)));

        var time = NetworkTime.Get.ReadWith("<r><NTPInformation><FromDHCP>TRUE</FromDHCP><NTPFromDHCP><Type>IPv4</Type><IPv4Address>10.0.0.1</IPv4Address></NTPFromDHCP><NTPManual><DNSname>ntp.example</DNSname></NTPManual></NTPInformation></r>")!;
        Assert.True(time.FromDhcp);
        Assert.Equal(["ntp.example", "10.0.0.1"], time.Servers);
    }

    private static DeviceClock? Clock(string content) => DeviceClock.Get.ReadWith($"<GetSystemDateAndTimeResponse>{content}</GetSystemDateAndTimeResponse>");

    private static string Time(string name, int hour) =>
        $"<tt:{name}><tt:Time><tt:Hour>{hour}</tt:Hour><tt:Minute>34</tt:Minute><tt:Second>56</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year><tt:Month>11</tt:Month><tt:Day>30</tt:Day></tt:Date></tt:{name}>";

    private static string Interface(string mac) => $"<NetworkInterfaces><Info><HwAddress>{mac}</HwAddress></Info></NetworkInterfaces>";
}
