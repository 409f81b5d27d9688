using Vms.Codecs;
using Vms.Control.Devices.Hikvision;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Testing;
using Vms.Testing.FakeDevice.Hikvision;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Control.Tests.Devices.Hikvision;

public sealed class HikvisionNvrTests
{
    private static readonly DateTime s_day = new(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recorder_says_what_it_is()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions());
        using var http = Open(device);
        var facts = await new HikvisionNvr(http).FactsAsync(Token);
        Assert.Equal(
            new NvrFacts("Hall recorder", "DS-7608NI-K2/8P", "DS-7608NI-K2/8P0820200101CCRR000000001WCVU", "V4.30.085 build 200916", "44:19:b6:00:11:22"), facts);
    }

    [Theory]
    [InlineData("http://www.hikvision.com/ver20/XMLSchema", false)]
    [InlineData("http://www.isapi.org/ver20/XMLSchema", true)]
    public async Task Channels_have_gaps_cameras_that_are_away_and_their_streams(string names, bool forbids)
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            Namespace = names,
            ForbidsWhatItLacks = forbids,
            RtspPort = 1554,
            Proxies = [new(2, "Gate &amp; yard", Online: true), new(5, "Store", Online: false)],
            Streams =
            [
                new(201, "H.265", 2560, 1440), new(202, "H.264", 640, 360), new(203, "H.264", 352, 288) { Enabled = false }, new(204, "MJPEG", 320, 180),
            ],
        });
        using var http = Open(device);
        var channels = await new HikvisionNvr(http).ChannelsAsync(Token);
        Assert.Equal([2, 5], channels.Select(channel => channel.Number));

        var gate = channels[0];
        Assert.Equal("Gate & yard", gate.Name);
        Assert.True(gate.Online);
        Assert.Equal(new NvrStream(1, "rtsp://127.0.0.1:1554/Streaming/Channels/201", CodecKind.H265, 2560, 1440), gate.Main);
        Assert.Equal(new NvrStream(2, "rtsp://127.0.0.1:1554/Streaming/Channels/202", CodecKind.H264, 640, 360), gate.Sub);
        Assert.Equal([1, 2, 4], gate.Streams.Select(stream => stream.Number));

        // The recorder knows no stream of it; its address is a rule of the maker.
        Assert.False(channels[1].Online);
        Assert.Equal(new NvrStream(1, "rtsp://127.0.0.1:1554/Streaming/Channels/501", CodecKind.None, 0, 0), channels[1].Main);
        Assert.Null(channels[1].Sub);
    }

    [Fact]
    public async Task A_hybrid_recorder_numbers_cameras_of_the_network_behind_its_sockets()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            Proxies = [new(1, "IP camera", Online: true, 901, 902)],
            Streams = [new(101, "H.264", 1920, 1080), new(102, "H.264", 352, 288), new(201, "H.264", 1920, 1080)],
            ProxyStreams = [new(901, "H.265", 3840, 2160), new(902, "H.264", 640, 480)],
            VideoInputs = new Dictionary<int, (string, bool)> { [1] = ("Till", true), [2] = ("Door", false) },
        });
        using var http = Open(device);
        var channels = await new HikvisionNvr(http).ChannelsAsync(Token);
        Assert.Equal([(1, "Till", true), (2, "Door", false), (9, "IP camera", true)], channels.Select(channel => (channel.Number, channel.Name, channel.Online!.Value)));
        Assert.Equal("rtsp://127.0.0.1/Streaming/Channels/902", channels[2].Sub!.Url);
    }

    [Fact]
    public async Task A_camera_is_a_recorder_with_one_channel()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            Streams = [new(1, "H.264", 1280, 720) { Name = "Porch" }],
            IsClosed = path => path.EndsWith("adminAccesses", StringComparison.Ordinal),        // for administrators only
        });
        using var http = Open(device);
        var channel = Assert.Single(await new HikvisionNvr(http).ChannelsAsync(Token));
        Assert.Equal((1, "Porch", null), (channel.Number, channel.Name, channel.Online));
        Assert.Equal("rtsp://127.0.0.1/Streaming/Channels/1", channel.Main!.Url);
    }

    [Fact]
    public async Task A_user_who_may_not_see_the_channels_is_told_so()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { IsClosed = path => path.Contains("InputProxy", StringComparison.Ordinal) });
        using var http = Open(device);
        var failure = await Assert.ThrowsAsync<DeviceException>(() => new HikvisionNvr(http).ChannelsAsync(Token));
        Assert.Equal(DeviceFailure.BadCredentials, failure.Failure);
    }

    [Fact]
    public async Task Contacts_are_listed_with_their_states()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { Inputs = new Dictionary<int, bool> { [1] = false, [4] = true } });
        using var http = Open(device);
        Assert.Equal([new NvrInput(1, "Contact 1", false), new NvrInput(4, "Contact 4", true)], await new HikvisionNvr(http).InputsAsync(Token));

        await using var bare = await FakeHikvision.StartAsync(new FakeHikvisionOptions());
        using var other = Open(bare);
        Assert.Empty(await new HikvisionNvr(other).InputsAsync(Token));
    }

    [Theory]
    [InlineData(UriEscaping.Right, false, false)]
    [InlineData(UriEscaping.Bare, false, true)]
    [InlineData(UriEscaping.Twice, true, false)]
    public async Task Recordings_come_page_by_page_in_UTC_though_the_device_writes_its_local_time_with_Z(UriEscaping escaping, bool writesOffsets, bool alwaysMore)
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            Recordings = [.. Enumerable.Range(0, 95).Select(i => new FakeHikvisionRecording(3, s_day.AddMinutes(10 * i), s_day.AddMinutes((10 * i) + 9))), new(4, s_day, s_day.AddHours(1))],
            ZoneRule = "CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00",
            Zone = s_berlin,
            Escaping = escaping,
            WritesOffsets = writesOffsets,
            AlwaysMore = alwaysMore,
            RtspPort = 10554,
        });
        using var http = Open(device);
        var found = await new HikvisionNvr(http).RecordingsAsync(3, new DateTimeOffset(s_day.AddMinutes(5)), new DateTimeOffset(s_day.AddMinutes(935)), Token);
        Assert.True(found.IsComplete);
        Assert.Equal(94, found.Items.Count);        // the last begins later
        Assert.Equal(
            new NvrRecording(
                3, new DateTimeOffset(s_day.AddMinutes(10)), new DateTimeOffset(s_day.AddMinutes(19)),
                "rtsp://127.0.0.1:10554/Streaming/tracks/301/?starttime=20260701T021000Z&endtime=20260701T021900Z&name=ch03_0&size=1024"),
            found.Items[1]);
        Assert.Equal(alwaysMore ? 4 : 3, device.Http.Targets.Count(target => target == "/ISAPI/ContentMgmt/search"));
    }

    [Fact]
    public async Task A_search_that_finds_more_than_is_listed_says_so()
    {
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            Recordings = [.. Enumerable.Range(0, NvrRecordings.MaxItems + 100).Select(i => new FakeHikvisionRecording(1, s_day.AddSeconds(i), s_day.AddSeconds(i + 1)))],
        });
        using var http = Open(device);
        var found = await new HikvisionNvr(http).RecordingsAsync(1, new DateTimeOffset(s_day), new DateTimeOffset(s_day.AddDays(1)), Token);
        Assert.False(found.IsComplete);
        Assert.Equal(NvrRecordings.MaxItems, found.Items.Count);
    }

    [Theory]
    [InlineData("application/xml", 0)]
    [InlineData("application/xml; charset=\"UTF-8\"", 40)]
    public async Task Motion_and_contacts_are_told_as_they_happen_and_the_rest_is_not(string contentType, int lengthError)
    {
        var events = new DeviceEvents { LengthError = lengthError };
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { Events = events });
        using var http = Open(device);
        device.Alert("videoloss", "inactive", "<channelID>1</channelID>");      // how it says that it is alive
        device.Alert("VMD", "active", "<dynChannelID>7</dynChannelID><channelID>0</channelID>");
        events.Say(new byte[MultipartParts.MaxPartBytes * 2], "image/jpeg");
        device.Alert("VMD", "inactive", "<channelID>7</channelID>");
        events.Say("{\"eventType\":\"VMD\"}", contentType);
        device.Alert("IO", "active", "<channelID>1</channelID><inputIOPortID>4</inputIOPortID>");
        events.End();

        var happened = await new HikvisionNvr(http).EventsAsync(Token).ToListAsync(Token);
        Assert.Equal([new NvrEvent(NvrEventKind.Motion, 7, true), new NvrEvent(NvrEventKind.Motion, 7, false), new NvrEvent(NvrEventKind.Input, 4, true)], happened);
    }

    [Fact]
    public async Task A_page_instead_of_a_document_is_a_bad_answer()
    {
        var gate = new DeviceGate();
        await using var page = await DeviceServer.StartAsync(gate, "App-webs/", async context => await context.Response.Body.WriteAsync("<!doctype html><html><body>Sign in</body></html>"u8.ToArray()));
        using var http = new DeviceHttp(page.Address, gate.User, gate.Password, new DeviceHttpOptions(), new ManualTimeProvider());
        var nvr = new HikvisionNvr(http);
        Assert.Equal(DeviceFailure.BadAnswer, (await Assert.ThrowsAsync<DeviceException>(() => nvr.FactsAsync(Token))).Failure);
        Assert.Equal(DeviceFailure.BadAnswer, (await Assert.ThrowsAsync<DeviceException>(() => nvr.ChannelsAsync(Token))).Failure);
        Assert.Equal(DeviceFailure.BadAnswer, (await Assert.ThrowsAsync<DeviceException>(() => nvr.EventsAsync(Token).ToListAsync(Token).AsTask())).Failure);
    }

    private static DeviceHttp Open(FakeHikvision device) => new(device.Address, "admin", "pass word/1", new DeviceHttpOptions(), new ManualTimeProvider());
}
