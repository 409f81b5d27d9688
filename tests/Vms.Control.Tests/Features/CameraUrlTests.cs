using Vms.Control.Features.Cameras;

namespace Vms.Control.Tests.Features;

public sealed class CameraUrlTests
{
    [Theory]
    [InlineData("rtsp://10.0.0.7", "rtsp://10.0.0.7", null, null)]
    [InlineData("  RTSP://cam.local:8554/live/0?a=b&c=%20#x ", "rtsp://cam.local:8554/live/0?a=b&c=%20#x", null, null)]
    [InlineData("rtsps://[fe80::1]:322/s", "rtsps://[fe80::1]:322/s", null, null)]
    [InlineData("rtsp://admin@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", null)]
    [InlineData("rtsp://admin:@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", "")]
    [InlineData("rtsp://admin:p%40ss%2Fw@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", "p@ss/w")]
    [InlineData("rtsp://admin:p@ss@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", "p@ss")]
    [InlineData("rtsp://admin:pa/ss@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", "pa/ss")]
    [InlineData("rtsp://admin:a:b%@10.0.0.7/x", "rtsp://10.0.0.7/x", "admin", "a:b%")]
    [InlineData("rtsp://10.0.0.7/user@home", "rtsp://10.0.0.7/user@home", null, null)]   // an @ in the path is no credential
    public void Is_split_into_address_and_credentials(string text, string expected, string? username, string? password)
    {
        Assert.True(CameraUrl.TryParse(text, out var url, out var credentials));
        Assert.Equal(expected, url.Value);
        Assert.Equal(username, credentials?.Username);
        Assert.Equal(password, credentials?.Password);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10.0.0.7/x")]
    [InlineData("http://10.0.0.7/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("rtsp://")]
    [InlineData("rtsp:///x")]
    [InlineData("rtsp://user:pw@/x")]
    [InlineData("rtsp://host:0/x")]
    [InlineData("rtsp://host:70000/x")]
    [InlineData("rtsp://host:/x")]
    [InlineData("rtsp://ho st/x")]
    [InlineData("rtsp://host/x\r\nTEARDOWN rtsp://host RTSP/1.0")]
    [InlineData("rtsp://[::1/x")]
    public void Anything_else_is_refused(string? text) => Assert.False(CameraUrl.TryParse(text, out _, out _));

    [Fact]
    public void An_endless_one_is_refused() => Assert.False(CameraUrl.TryParse("rtsp://h/" + new string('x', CameraUrl.MaxLength), out _, out _));
}
