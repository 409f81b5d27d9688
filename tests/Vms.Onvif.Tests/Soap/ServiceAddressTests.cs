using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Soap;

public sealed class ServiceAddressTests
{
    [Theory]
    [InlineData("http://192.168.1.5/onvif/media", "http://192.168.1.5/onvif/media")]
    [InlineData("http://192.168.1.5:8000/onvif/media", "http://192.168.1.5:8000/onvif/media")]             // its own word about its port
    [InlineData("http://10.0.0.9/onvif/media", "http://192.168.1.5:8080/onvif/media")]                     // behind a router: the port that worked
    [InlineData("http://10.0.0.9:81/onvif/media?x=1", "http://192.168.1.5:8080/onvif/media?x=1")]
    [InlineData("http:///onvif/events_service?session=392", "http://192.168.1.5:8080/onvif/events_service?session=392")]   // Raysharp
    [InlineData("http://192.168.1.5", "http://192.168.1.5/")]
    [InlineData(" \n http://192.168.1.5/a \t", "http://192.168.1.5/a")]
    [InlineData("https://192.168.1.5/s http://192.168.1.5/p", "http://192.168.1.5/p")]
    [InlineData("https://192.168.1.5/s", "https://192.168.1.5/s")]
    [InlineData("http://[fe80::1]/onvif/media", "http://192.168.1.5:8080/onvif/media")]
    [InlineData("http://user:pass@192.168.1.5/a", "http://192.168.1.5/a")]
    [InlineData("http://192.168.1.5@evil.example/a", "http://192.168.1.5:8080/a")]
    [InlineData("http://192.168.1.5:99999/a", "http://192.168.1.5/a")]
    [InlineData("ftp://192.168.1.5/a", null)]
    [InlineData("/onvif/media", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_service_is_on_the_host_that_answered(string? told, string? expected) =>
        Assert.Equal(expected, ServiceAddress.Service(told, new Uri("http://192.168.1.5:8080/onvif/device_service"))?.AbsoluteUri);

    [Theory]
    [InlineData("rtsp://192.168.1.5:554/Streaming/Channels/101?transportmode=unicast", "rtsp://192.168.1.5:554/Streaming/Channels/101?transportmode=unicast")]
    [InlineData("rtsp://10.0.0.9:8554/live", "rtsp://192.168.1.5:8554/live")]
    [InlineData("rtsp://admin:pw@10.0.0.9/live", "rtsp://192.168.1.5/live")]
    [InlineData("rtsp://192.168.1.5:554/", "rtsp://192.168.1.5:554/")]                                     // Reolink
    [InlineData("rtsp://192.168.1.5", "rtsp://192.168.1.5/")]
    [InlineData("\n rtsp://10.0.0.9/x ", "rtsp://192.168.1.5/x")]
    [InlineData("http://192.168.1.5/x", null)]
    public void A_stream_is_there_too_with_the_port_that_the_device_tells(string told, string? expected) =>
        Assert.Equal(expected, ServiceAddress.Stream(told, new Uri("http://192.168.1.5/onvif/device_service"))?.OriginalString);

    [Fact]
    public void IPv6_and_long_addresses_are_borne()
    {
        var answered = new Uri("http://[fd00::5]:8080/onvif/device_service");
        Assert.Equal("http://[fd00::5]/m", ServiceAddress.Service("http://[fd00::5]/m", answered)!.AbsoluteUri);
        Assert.Equal("http://[fd00::5]:81/m", ServiceAddress.Service("http://[fd00::5]:81/m", answered)!.AbsoluteUri);
        Assert.Null(ServiceAddress.Service("http://h/" + new string('x', ServiceAddress.MaxLength), answered));
    }
}
