using Vms.Control.Devices.Nvr;

namespace Vms.Control.Tests.Devices.Nvr;

public sealed class NvrPlaybackTests
{
    /// <summary>Address of one recording, and of any stretch.</summary>
    [Theory]
    [InlineData("Hikvision", "rtsp://10.0.0.9/Streaming/tracks/101/?starttime=20261121T090000Z&endtime=20261121T100000Z&name=ch01_00000000016000000&size=1073741824",
        "rtsp://10.0.0.9/Streaming/tracks/101/?starttime={from}&endtime={to}")]
    [InlineData("Hikvision", "rtsp://10.0.0.9:5554/Streaming/tracks/101?starttime=20261121T090000Z&endtime=20261121T100000Z",
        "rtsp://10.0.0.9:5554/Streaming/tracks/101?starttime={from}&endtime={to}")]
    [InlineData("Dahua", "rtsp://10.0.0.9/cam/playback?channel=3&starttime=2026_11_21_09_00_00&endtime=2026_11_21_10_00_00",
        "rtsp://10.0.0.9/cam/playback?channel=3&starttime={from}&endtime={to}")]
    [InlineData("Hikvision", "rtsp://10.0.0.9/Streaming/tracks/101", null)]
    [InlineData("Hikvision", "rtsp://10.0.0.9/{to}/101?starttime=20261121T090000Z&endtime=20261121T100000Z", null)]
    [InlineData("Dahua", "rtsp://10.0.0.9/cam/playback?channel=3", null)]
    [InlineData("Onvif", "rtsp://10.0.0.9/cam/playback?starttime=2026_11_21_09_00_00&endtime=2026_11_21_10_00_00", null)]
    public void The_times_of_one_recording_give_place_to_any(string maker, string recording, string? expected) =>
        Assert.Equal(expected, NvrPlayback.Of(Enum.Parse<NvrMaker>(maker), recording)?.Url);

    [Fact]
    public void A_clock_is_off_by_whole_seconds_and_a_little_is_nothing()
    {
        var now = new DateTimeOffset(2026, 11, 21, 9, 0, 0, 400, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, new NvrClock(DeviceZone.Utc, null).OffsetAt(now));
        Assert.Equal(TimeSpan.Zero, new NvrClock(DeviceZone.Utc, now.AddSeconds(-1.4)).OffsetAt(now));
        Assert.Equal(TimeSpan.FromSeconds(-90), new NvrClock(DeviceZone.Utc, now.AddSeconds(-90.4)).OffsetAt(now));
    }
}
