using Vms.Codecs;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Testing;
using Vms.Testing.FakeDevice.Dahua;
using Vms.Testing.FakeDevice.Hikvision;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Control.Tests.Devices.Nvr;

public sealed class NvrRecognitionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("DS-7608NI-K2", null)]
    [InlineData("IP Camera(C5201)", null)]
    [InlineData("a7fc1d20", "App-webs/")]
    [InlineData("a7fc1d20", null)]         // tells nothing: it is asked
    public async Task A_recorder_of_Hikvision_is_known_by_its_refusal(string realm, string? server)
    {
        var gate = new DeviceGate { Realm = realm };
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { Gate = gate, Server = server });
        Assert.Equal((NvrMaker.Hikvision, "DS-7608NI-K2/8P"), await ConnectAsync(device.Address, gate.Password));
        Assert.Equal(0, gate.Refused);
    }

    [Theory]
    [InlineData("Login to 4A0000FPAZ00001", false)]
    [InlineData("DH_00408CA5EA04", false)]
    [InlineData("tells nothing", false)]
    [InlineData("tells nothing", true)]
    public async Task A_recorder_of_Dahua_is_known_by_its_refusal(string realm, bool opensWhatItLacks)
    {
        var gate = new DeviceGate { Realm = realm, IsOpen = path => opensWhatItLacks && path.StartsWith("/ISAPI", StringComparison.Ordinal) };
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions { Gate = gate });
        Assert.Equal((NvrMaker.Dahua, "DHI-NVR4208-8P"), await ConnectAsync(device.Address, gate.Password));
        Assert.Equal(0, gate.Refused);
    }

    [Theory]
    [InlineData("DS-7608NI-K2")]
    [InlineData("tells nothing")]
    public async Task A_wrong_password_is_tried_once_whoever_it_is(string realm)
    {
        var gate = new DeviceGate { Realm = realm };
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { Gate = gate, Server = null });
        Assert.Equal(DeviceFailure.BadCredentials, (await Assert.ThrowsAsync<DeviceException>(() => ConnectAsync(device.Address, "guess"))).Failure);
        Assert.Equal(1, gate.Refused);
    }

    [Fact]
    public async Task A_maker_that_is_named_is_not_guessed()
    {
        var gate = new DeviceGate { Realm = "DS-7608NI-K2" };
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions { Gate = gate });
        Assert.Equal(DeviceFailure.NotSupported, (await Assert.ThrowsAsync<DeviceException>(() => ConnectAsync(device.Address, gate.Password, NvrMaker.Dahua))).Failure);
        Assert.DoesNotContain(device.Http.Targets, target => target.StartsWith("/ISAPI", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Something_else_is_no_recorder(bool isOpen)
    {
        var gate = new DeviceGate { Offered = isOpen ? DeviceAuthentication.None : DeviceAuthentication.DigestMd5 };
        await using var page = await DeviceServer.StartAsync(gate, "nginx", async context => await context.Response.Body.WriteAsync("<html>Hello</html>"u8.ToArray()));
        Assert.Equal(DeviceFailure.NotSupported, (await Assert.ThrowsAsync<DeviceException>(() => ConnectAsync(page.Address, gate.Password))).Failure);
    }

    [Fact]
    public async Task A_recorder_that_is_off_is_unreachable()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Tcp()}");
        Assert.Equal(DeviceFailure.Unreachable, (await Assert.ThrowsAsync<DeviceException>(() => ConnectAsync(address, "x"))).Failure);
    }

    [Fact]
    public void The_small_stream_is_the_smallest_H264_that_fills_a_tile()
    {
        NvrStream Of(int number, CodecKind codec, int width, int height) => new(number, $"rtsp://h/{number}", codec, width, height);
        var channel = new NvrChannel(
            1, "a", true,
            [Of(1, CodecKind.H264, 704, 576), Of(2, CodecKind.H264, 1920, 1080), Of(3, CodecKind.H265, 352, 288), Of(4, CodecKind.H264, 319, 240), Of(5, CodecKind.H264, 320, 240)]);
        Assert.Equal(2, channel.Main!.Number);
        Assert.Equal(5, channel.Sub!.Number);
        Assert.Null((channel with { Streams = [Of(1, CodecKind.H264, 704, 576)] }).Sub);
        Assert.Null((channel with { Streams = [] }).Main);
    }

    private static async Task<(NvrMaker Maker, string Model)> ConnectAsync(Uri address, string password, NvrMaker? maker = null)
    {
        using var http = new DeviceHttp(address, "admin", password, new DeviceHttpOptions(), new ManualTimeProvider());
        var (nvr, facts) = await NvrRecognition.ConnectAsync(http, maker, Token);
        return (nvr.Maker, facts.Model);
    }
}
