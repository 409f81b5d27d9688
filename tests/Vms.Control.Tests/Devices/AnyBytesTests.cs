using System.Text;
using Vms.Control.Devices.Dahua;
using Vms.Control.Devices.Hikvision;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Tests.Devices;

/// <summary>Whatever a device sends, its reader returns, within its ceilings.</summary>
public sealed class AnyBytesTests
{
    private const string Xml =
        "<CMSearchResult><responseStatusStrg>MORE</responseStatusStrg><searchMatchItem><timeSpan><startTime>2026-07-01T02:10:00Z</startTime><endTime>2026-07-01T02:19:00Z</endTime></timeSpan>"
        + "<mediaSegmentDescriptor><playbackURI>rtsp://h/Streaming/tracks/101/?a=1&b=2</playbackURI></mediaSegmentDescriptor></searchMatchItem>"
        + "<StreamingChannel><id>101</id><Video><videoCodecType>H.264</videoCodecType></Video></StreamingChannel><InputProxyChannel><id>1</id></InputProxyChannel>"
        + "<EventNotificationAlert><eventType>VMD</eventType><channelID>1</channelID></EventNotificationAlert><Time><timeZone>CST-8:00:00</timeZone></Time></CMSearchResult>";

    private const string Lines =
        "table.Encode[3].MainFormat[0].Video.Width=1920\r\ntable.ChannelTitle[0].Name=Yard\r\nfound=1\r\nitems[0].StartTime=2026-7-1 2:5:0\r\nitems[0].EndTime=2026-7-1 2:10:0\r\nresult=4\r\n"
        + "table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_1.Enable=true\r\ntable.NTP.TimeZone=13\r\ntable.Locales.DSTEnable=true\r\ntable.Locales.DSTStart.Month=3\r\nCode=VideoMotion;action=Start;index=0";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 50)];

    [Theory, MemberData(nameof(Seeds))]
    public void Readers_of_ISAPI_take_any_bytes(int seed) => ForEach(seed, Xml, bytes =>
    {
        var zone = IsapiTime.Zone(bytes);
        Assert.InRange(zone.BaseOffset, -DeviceZone.MaxOffset, DeviceZone.MaxOffset);
        var page = IsapiSearch.Read(bytes, 1, "rtsp://h", zone);
        Assert.All(page?.Recordings ?? [], recording => Assert.StartsWith("rtsp://h/", recording.Url, StringComparison.Ordinal));
        Assert.All(page?.Recordings ?? [], recording => NvrPlayback.Of(NvrMaker.Hikvision, recording.Url));
        IsapiTime.Clock(bytes);
        Assert.All(IsapiChannels.Streams(bytes), stream => Assert.InRange(stream.Id, 1, IsapiStream.MaxId));
        IsapiChannels.Proxies(bytes, bytes);
        IsapiChannels.VideoInputs(bytes);
        IsapiChannels.Inputs(bytes);
        IsapiChannels.InputStates(bytes);
        IsapiChannels.Facts(bytes);
        IsapiChannels.RtspPort(bytes);
        if (IsapiAlert.Read(bytes) is { } happened)
            Assert.InRange(happened.Number, 1, IsapiStream.MaxId);
    });

    [Theory, MemberData(nameof(Seeds))]
    public void Readers_of_CGI_take_any_bytes(int seed) => ForEach(seed, Lines, bytes =>
    {
        var zone = DahuaTime.Zone(bytes, bytes);
        Assert.InRange(zone.BaseOffset, -DeviceZone.MaxOffset, DeviceZone.MaxOffset);
        Assert.InRange(DahuaFiles.Page(bytes, zone).Files.Count, 0, DahuaFiles.PageSize);
        Assert.All(DahuaChannels.Streams(bytes).Keys, channel => Assert.InRange(channel, 0, NvrChannel.MaxChannels - 1));
        Assert.All(DahuaChannels.Titles(bytes).Values, title => Assert.True(title.Length <= NvrFacts.MaxText));
        DahuaChannels.RemoteDevices(bytes);
        DahuaChannels.Indexes(bytes);
        DahuaChannels.InputNames(bytes);
        DahuaChannels.Facts(bytes, bytes, bytes);
        DahuaChannels.Bits(bytes);
        Assert.InRange(DahuaChannels.Count(bytes) ?? 0, 0, NvrChannel.MaxChannels);
        if (DahuaEvent.Read(bytes) is { } happened)
            Assert.InRange(happened.Number, 1, NvrChannel.MaxChannels);
    });

    [Theory, MemberData(nameof(Seeds))]
    public void Parts_take_any_bytes(int seed) => ForEach(seed, "--b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n", bytes =>
    {
        var whole = new List<MultipartPart>();
        new MultipartParts("b").Take(bytes, whole);
        var pieces = new List<MultipartPart>();
        var reader = new MultipartParts("b");
        foreach (byte[] piece in bytes.Chunk(1 + (seed % 7)))
            reader.Take(piece, pieces);
        Assert.Equal(whole.Select(part => Convert.ToHexString(part.Body)), pieces.Select(part => Convert.ToHexString(part.Body)));
        Assert.True(whole.Sum(part => part.Body.Length) <= bytes.Length);
    });

    /// <summary>Noise, and the message with a few bytes changed, cut out, doubled.</summary>
    private static void ForEach(int seed, string message, Action<byte[]> read)
    {
        var random = new Random(seed);
        byte[] original = Encoding.UTF8.GetBytes(message);
        for (int i = 0; i < 20; i++)
        {
            byte[] noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            read(noise);

            var bytes = new List<byte>(original);
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                int at = random.Next(bytes.Count);
                int length = Math.Min(random.Next(1, 40), bytes.Count - at);
                switch (random.Next(3))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.InsertRange(at, bytes.GetRange(at, length));
                        break;
                    default:
                        bytes.RemoveRange(at, Math.Min(length, bytes.Count - 1));
                        break;
                }
            }

            read([.. bytes]);
        }
    }
}
