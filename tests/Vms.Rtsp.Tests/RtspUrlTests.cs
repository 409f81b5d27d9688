namespace Vms.Rtsp.Tests;

public sealed class RtspUrlTests
{
    /// <summary>Text, host, port, path, user, password.</summary>
    public static TheoryData<string, string, int, string, string?, string?> Parsed => new()
    {
        { "rtsp://10.0.0.5/stream", "10.0.0.5", 554, "/stream", null, null },
        { "rtsp://10.0.0.5:8554/a/b?c=1&d=2", "10.0.0.5", 8554, "/a/b?c=1&d=2", null, null },
        { "RTSP://cam", "cam", 554, "", null, null },
        { "rtsp://rtsp://10.0.0.5/x", "10.0.0.5", 554, "/x", null, null },
        { "rtsp://[2001:db8::1]:555/x", "2001:db8::1", 555, "/x", null, null },
        { "rtsp://[fe80::1%25eth0]/x", "fe80::1%eth0", 554, "/x", null, null },
        { "rtsp://cam?channel=1", "cam", 554, "?channel=1", null, null },
        { "rtsp://admin:secret@cam/x", "cam", 554, "/x", "admin", "secret" },
        { "rtsp://admin@cam/x", "cam", 554, "/x", "admin", null },
        { "rtsp://admin:p@ss@cam/x", "cam", 554, "/x", "admin", "p@ss" },
        { "rtsp://admin:a:b@cam:555/x", "cam", 555, "/x", "admin", "a:b" },
        { "rtsp://admin:pa/ss@cam/x", "cam", 554, "/x", "admin", "pa/ss" },
        { "rtsp://admin:100%@cam/x", "cam", 554, "/x", "admin", "100%" },
        { "rtsp://admin:p%40%2F%25@cam/x", "cam", 554, "/x", "admin", "p@/%" },
        { "rtsp://cam/user@example/x", "cam", 554, "/user@example/x", null, null },
    };

    [Theory, MemberData(nameof(Parsed))]
    public void Parses(string text, string host, int port, string path, string? user, string? password)
    {
        Assert.True(RtspUrl.TryParse(text, out var url));
        Assert.Equal((host, port, path, user, password), (url.Host, url.Port, url.PathAndQuery, url.Username, url.Password));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("http://cam/x")]
    [InlineData("rtsp://")]
    [InlineData("rtsp:///x")]
    [InlineData("rtsp://cam:0/x")]
    [InlineData("rtsp://cam:70000/x")]
    [InlineData("rtsp://cam:port/x")]
    [InlineData("rtsp://[::1/x")]
    [InlineData("rtsp://[cam]/x")]
    [InlineData("rtsp://cam/with blank")]
    [InlineData("rtsp://cam/x\r\nInjected: yes")]
    public void Refuses(string? text) => Assert.False(RtspUrl.TryParse(text, out _));

    [Fact]
    public void Never_shows_credentials()
    {
        Assert.True(RtspUrl.TryParse("rtsp://admin:hunter2@cam:8554/x", out var url));

        Assert.Equal("rtsp://cam:8554/x", url.ToString());
        Assert.Equal("rtsp://cam:8554/x", url.RequestUri);
        Assert.Equal("rtsp://cam:8554/x", $"{url}");
        Assert.Null(url.WithoutCredentials().Password);
    }

    /// <summary>Name of the quirk, URL asked for, Content-Base (or null), control, request URI of the track.</summary>
    public static TheoryData<string, string, string?, string?, string> Controls => new()
    {
        { "Content-Base missing", "rtsp://10.0.0.5/stream", null, "trackID=1", "rtsp://10.0.0.5/stream/trackID=1" },
        { "Content-Base with slash", "rtsp://10.0.0.5/stream", "rtsp://10.0.0.5/stream/", "trackID=1", "rtsp://10.0.0.5/stream/trackID=1" },
        { "Content-Base without slash", "rtsp://10.0.0.5/stream", "rtsp://10.0.0.5/stream", "trackID=1", "rtsp://10.0.0.5/stream/trackID=1" },
        { "Content-Base without scheme (Anjvision)", "rtsp://10.0.0.5/s", "10.0.0.5:554/stream/", "trackID=1", "rtsp://10.0.0.5/stream/trackID=1" },
        { "Content-Base with scheme twice (go2rtc #830)", "rtsp://10.0.0.5/s", "rtsp://rtsp://10.0.0.5/stream/", "track1", "rtsp://10.0.0.5/stream/track1" },
        { "Content-Base names another address (NAT)", "rtsp://203.0.113.9:10554/s", "rtsp://192.168.1.10:554/s/", "track1", "rtsp://203.0.113.9:10554/s/track1" },
        { "Content-Base is a path", "rtsp://10.0.0.5/s", "/other/", "track1", "rtsp://10.0.0.5/other/track1" },
        { "Content-Base is nonsense", "rtsp://10.0.0.5/s", "rtsp://", "track1", "rtsp://10.0.0.5/s/track1" },
        { "control absolute", "rtsp://10.0.0.5/s", "rtsp://10.0.0.5/s/", "rtsp://10.0.0.5/s/trackID=1", "rtsp://10.0.0.5/s/trackID=1" },
        { "control absolute with another address", "rtsp://10.0.0.5:8554/s", null, "rtsp://192.168.0.2/s/trackID=1", "rtsp://10.0.0.5:8554/s/trackID=1" },
        { "control empty", "rtsp://10.0.0.5/s", "rtsp://10.0.0.5/s/", "", "rtsp://10.0.0.5/s/" },
        { "control missing", "rtsp://10.0.0.5/s", null, null, "rtsp://10.0.0.5/s" },
        { "control is *", "rtsp://10.0.0.5/s", null, "*", "rtsp://10.0.0.5/s" },
        { "base with a query (Dahua)", "rtsp://10.0.0.5/cam/realmonitor?channel=1&subtype=0", null, "trackID=0", "rtsp://10.0.0.5/cam/realmonitor?channel=1&subtype=0/trackID=0" },
        { "Content-Base with query and slash (Dahua)", "rtsp://10.0.0.5/cam/realmonitor?channel=1", "rtsp://10.0.0.5/cam/realmonitor?channel=1/", "trackID=0", "rtsp://10.0.0.5/cam/realmonitor?channel=1/trackID=0" },
        { "control is a query (Hikvision)", "rtsp://10.0.0.5/Streaming/Channels/101", null, "?trackID=1", "rtsp://10.0.0.5/Streaming/Channels/101?trackID=1" },
        { "control starts with a slash", "rtsp://10.0.0.5/s/", null, "/trackID=1", "rtsp://10.0.0.5/s/trackID=1" },
        { "control with a line break", "rtsp://10.0.0.5/s", null, "a\r\nX: y", "rtsp://10.0.0.5/s" },
    };

    [Theory, MemberData(nameof(Controls))]
    public void Resolves_controls_as_cameras_mean_them(string name, string asked, string? contentBase, string? control, string expected)
    {
        Assert.NotEmpty(name);
        Assert.True(RtspUrl.TryParse(asked, out var url));
        var headers = new RtspHeaders();
        if (contentBase is not null)
            headers.Add("Content-Base", contentBase);

        Assert.Equal(expected, RtspUrl.BaseOf(url, headers).Resolve(control).RequestUri);
    }

    [Theory]
    [InlineData("rtsps://c/s", 322, "rtsps://c/s")]
    [InlineData("RTSPS://c:8322/s", 8322, "rtsps://c:8322/s")]
    [InlineData("rtsps://c:554/s", 554, "rtsps://c:554/s")]
    public void The_secure_scheme_has_its_own_port(string text, int port, string requestUri)
    {
        Assert.True(RtspUrl.TryParse(text, out var url));

        Assert.Equal((true, port, requestUri), (url.IsSecure, url.Port, url.RequestUri));
    }
}
