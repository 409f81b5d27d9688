using System.Text;
using Vms.Codecs;
using Vms.Control.Devices.Dahua;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Testing;
using Vms.Testing.FakeDevice.Dahua;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Control.Tests.Devices.Dahua;

public sealed class DahuaNvrTests
{
    private static readonly DateTime s_day = new(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly FakeDahuaStream s_main = new("H.265", 3840, 2160);
    private static readonly FakeDahuaStream s_sub = new("H.264", 704, 576);
    private static readonly FakeDahuaStream s_icon = new("H.264H", 176, 144);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recorder_says_what_it_is()
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions());
        using var http = Open(device);
        Assert.Equal(new NvrFacts("Yard", "DHI-NVR4208-8P", "4A0000FPAZ00001", "3.216.0000006.0,build:2019-12-03", ""), await new DahuaNvr(http).FactsAsync(Token));
    }

    [Theory]
    [InlineData(false, 554, "rtsp://127.0.0.1")]
    [InlineData(true, 5554, "rtsp://127.0.0.1:5554")]
    public async Task Channels_have_gaps_cameras_that_are_away_and_their_streams(bool writesResolution, int rtspPort, string rtsp)
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions
        {
            WritesResolution = writesResolution,
            RtspPort = rtspPort,
            Channels =
            [
                new("Entrance", Taken: true, Dark: false, s_main, s_sub, s_icon),
                new("Channel2", Taken: false, Dark: false, s_main),        // an empty place
                new("", Taken: true, Dark: true, s_main, s_sub with { Enabled = false }),
                new("Till", Taken: null, Dark: false, s_sub),              // a socket
            ],
        });
        using var http = Open(device);
        var channels = await new DahuaNvr(http).ChannelsAsync(Token);
        Assert.Equal([(1, "Entrance", true), (3, "Channel 3", false), (4, "Till", true)], channels.Select(channel => (channel.Number, channel.Name, channel.Online!.Value)));
        Assert.Equal(new NvrStream(1, rtsp + "/cam/realmonitor?channel=1&subtype=0", CodecKind.H265, 3840, 2160), channels[0].Main);
        Assert.Equal(new NvrStream(2, rtsp + "/cam/realmonitor?channel=1&subtype=1", CodecKind.H264, 704, 576), channels[0].Sub);
        Assert.Equal(3, channels[0].Streams.Count);
        Assert.Single(channels[1].Streams);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task That_no_camera_is_away_is_an_error_to_it_and_none_here(bool errorsAreGood)
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions { ErrorsAreGood = errorsAreGood, Channels = [new("Porch", Taken: null, Dark: false, s_sub)] });
        using var http = Open(device);
        Assert.True(Assert.Single(await new DahuaNvr(http).ChannelsAsync(Token)).Online);
    }

    [Fact]
    public async Task Contacts_are_listed_with_their_states()
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions { Inputs = ["Door", "", "Fence"], InputStates = 0b101 });
        using var http = Open(device);
        Assert.Equal([new NvrInput(1, "Door", true), new NvrInput(2, "Input 2", false), new NvrInput(3, "Fence", true)], await new DahuaNvr(http).InputsAsync(Token));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(7)]
    public async Task Recordings_come_page_by_page_in_UTC_and_the_search_is_closed(int filesAtOnce)
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions
        {
            Files = [.. Enumerable.Range(0, 240).Select(i => new FakeDahuaFile(2, s_day.AddMinutes(5 * i), s_day.AddMinutes(5 * (i + 1)))), new(1, s_day, s_day.AddHours(1))],
            FilesAtOnce = filesAtOnce,
            ZoneNumber = 1,
            Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"),
            Locales = """
                table.Locales.DSTEnable=true
                table.Locales.DSTEnd.Day=0
                table.Locales.DSTEnd.Hour=3
                table.Locales.DSTEnd.Minute=0
                table.Locales.DSTEnd.Month=10
                table.Locales.DSTEnd.Week=-1
                table.Locales.DSTStart.Day=0
                table.Locales.DSTStart.Hour=2
                table.Locales.DSTStart.Minute=0
                table.Locales.DSTStart.Month=3
                table.Locales.DSTStart.Week=-1
                """,
        });
        using var http = Open(device);
        for (int again = 0; again < 3; again++)     // the device has places for two searches
        {
            var found = await new DahuaNvr(http).RecordingsAsync(2, new DateTimeOffset(s_day.AddMinutes(5)), new DateTimeOffset(s_day.AddDays(1)), Token);
            Assert.True(found.IsComplete);
            Assert.Equal(239, found.Items.Count);
            Assert.Equal(
                new NvrRecording(
                    2, new DateTimeOffset(s_day.AddMinutes(5)), new DateTimeOffset(s_day.AddMinutes(10)),
                    "rtsp://127.0.0.1/cam/playback?channel=2&starttime=2026_07_01_02_05_00&endtime=2026_07_01_02_10_00"),
                found.Items[0]);
        }

        Assert.Equal(0, device.OpenFinders);
    }

    [Fact]
    public async Task A_search_that_finds_nothing_finds_nothing()
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions());
        using var http = Open(device);
        var found = await new DahuaNvr(http).RecordingsAsync(1, new DateTimeOffset(s_day), new DateTimeOffset(s_day.AddDays(1)), Token);
        Assert.True(found.IsComplete);
        Assert.Empty(found.Items);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Motion_and_contacts_are_told_as_they_happen_and_the_rest_is_not(bool bareLineFeeds, bool withoutLength)
    {
        var events = new DeviceEvents { BareLineFeeds = bareLineFeeds, WithoutLength = withoutLength };
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions { Events = events });
        using var http = Open(device);
        device.Event("Heartbeat");
        device.Event("Code=VideoMotion;action=Start;index=0;data={\n   \"Id\" : [ 0 ],\n   \"index=9\" : \";index=9\"\n}\n");
        device.Event("Code=NewFile;action=Pulse;index=0;data={}");
        device.Event("Code=AlarmLocal;action=Start;index=2");
        device.Event("Code=VideoMotion;action=Stop;index=0");
        device.Event("Code=AlarmLocal;action=Pulse;index=0");
        events.End();

        var happened = await new DahuaNvr(http).EventsAsync(Token).ToListAsync(Token);
        Assert.Equal(
            [
                new NvrEvent(NvrEventKind.Motion, 1, true), new NvrEvent(NvrEventKind.Input, 3, true), new NvrEvent(NvrEventKind.Motion, 1, false),
                new NvrEvent(NvrEventKind.Input, 1, null),
            ],
            happened);
    }

    [Theory]
    [InlineData(13, "table.Locales.DSTEnable=false", 480, 480)]
    [InlineData(24, "table.Locales.DSTEnable=true\ntable.Locales.DSTStart.Month=3\ntable.Locales.DSTStart.Day=10\ntable.Locales.DSTStart.Hour=2\ntable.Locales.DSTEnd.Month=11\ntable.Locales.DSTEnd.Day=3", -240, -180)]
    [InlineData(24, "table.Locales.DSTEnable=true\ntable.Locales.DSTStart.Month=77\ntable.Locales.DSTEnd.Month=11\ntable.Locales.DSTEnd.Day=3", -240, -240)]
    [InlineData(99, "", 0, 0)]
    public void A_zone_is_read_as_the_device_means_it(int number, string locales, int minutesInJanuary, int minutesInJuly)
    {
        var zone = DahuaTime.Zone(Encoding.ASCII.GetBytes($"table.NTP.TimeZone={number}"), Encoding.ASCII.GetBytes(locales));
        Assert.Equal(new DateTime(2026, 1, 15), zone.ToUtc(new DateTime(2026, 1, 15))!.Value.UtcDateTime.AddMinutes(minutesInJanuary));
        Assert.Equal(new DateTime(2026, 7, 15), zone.ToUtc(new DateTime(2026, 7, 15))!.Value.UtcDateTime.AddMinutes(minutesInJuly));
    }

    [Theory]
    [InlineData("table.Encode[3].MainFormat[0].Video.Width", 3)]
    [InlineData("table.Encode[512].MainFormat[0].Video.Width", null)]
    [InlineData("table.Encode[-1].MainFormat[0].Video.Width", null)]
    [InlineData("table.Encode[99999999999].MainFormat[0].Video.Width", null)]
    [InlineData("table.Encode[3]MainFormat[0].Video.Width", null)]
    [InlineData("table.Encode[3", null)]
    [InlineData("tableEncode[3].MainFormat[0].Video.Width", null)]
    public void An_index_beyond_what_there_can_be_is_none(string key, int? channel)
    {
        var streams = DahuaChannels.Streams(Encoding.ASCII.GetBytes(key + "=1920\r\n"));
        Assert.Equal(channel is null ? [] : [channel.Value], streams.Keys);
    }

    private static DeviceHttp Open(FakeDahua device) => new(device.Address, "admin", "pass word/1", new DeviceHttpOptions(), new ManualTimeProvider());
}
