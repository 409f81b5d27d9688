using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Device;
using Vms.Onvif.Media;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Devices;

public sealed class OnvifClientTests
{
    private static readonly OnvifCredentials s_right = new("admin", "secret");
    private static readonly OnvifCredentials s_wrong = new("admin", "guess");

    [Theory]
    [InlineData(DeviceAuthentication.TokenDigest, 400)]
    [InlineData(DeviceAuthentication.TokenDigest, 401)]
    [InlineData(DeviceAuthentication.TokenDigest, 500)]
    [InlineData(DeviceAuthentication.TokenDigest, 200)]
    [InlineData(DeviceAuthentication.HttpDigest, 0)]
    [InlineData(DeviceAuthentication.HttpDigest | DeviceAuthentication.HttpBasic, 0)]
    [InlineData(DeviceAuthentication.TokenDigest | DeviceAuthentication.HttpDigest, 0)]
    [InlineData(DeviceAuthentication.Both, 400)]
    public async Task Every_kind_of_authentication_is_answered_and_its_password_never_shown(DeviceAuthentication authentication, int refusalStatus)
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = authentication });
        device.Quirks.RefusalStatus = refusalStatus;
        using (var client = await ConnectedAsync(device, s_right))
        {
            Assert.Equal("FD-1 <dome>", (await client.CallAsync(DeviceInformation.Get, default)).Value!.Model);
            Assert.True((await client.CallAsync(MediaCalls.GetProfiles, default)).IsSuccess);
            Assert.True(client.AreCredentialsProven);
        }

        Assert.Equal(0, device.WrongPasswords + device.PasswordsInClear);

        int before = device.LoginAttempts;
        using (var client = await ConnectedAsync(device, s_wrong))
        {
            Assert.Equal(OnvifFailureKind.BadCredentials, (await client.CallAsync(DeviceInformation.Get, default)).Kind);
            Assert.Equal(OnvifFailureKind.BadCredentials, (await client.CallAsync(MediaCalls.GetProfiles, default)).Kind);
        }

        Assert.Equal(1, device.LoginAttempts - before);
    }

    [Fact]
    public async Task Basic_and_a_clear_token_need_leave()
    {
        await using var basic = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.HttpBasic });
        using (var client = await ConnectedAsync(basic, s_right))
            Assert.Equal(OnvifFailureKind.OnlyBasicInClear, (await client.CallAsync(DeviceInformation.Get, default)).Kind);
        Assert.Equal(0, basic.PasswordsInClear);
        using (var client = await ConnectedAsync(basic, s_right with { AllowClear = true }))
            Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);

        await using var text = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.TokenText });
        using (var client = await ConnectedAsync(text, s_right with { TokenInClear = true }))
            Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
    }

    [Fact]
    public async Task A_device_that_takes_anything_is_no_proof_of_credentials()
    {
        await using var open = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.None });
        using var client = await ConnectedAsync(open, s_wrong);
        Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
        Assert.False(client.AreCredentialsProven);
        Assert.Equal(0, open.LoginAttempts);
    }

    [Theory]
    [InlineData(-3600 * 24 * 400, false, false)]
    [InlineData(20, false, false)]
    [InlineData(8 * 3600, true, false)]         // only its local time with the zone
    [InlineData(90, false, true)]               // HiKam A7: no clock, but HTTP's header
    public async Task Credentials_carry_the_devices_time(int offsetSeconds, bool tellsNoUtc, bool hasNoClock)
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.ClockOffset = TimeSpan.FromSeconds(offsetSeconds);
        device.Quirks.MaxSkew = TimeSpan.FromSeconds(10);
        (device.Quirks.TellsNoUtc, device.Quirks.HasNoClock) = (tellsNoUtc, hasNoClock);
        using var client = await ConnectedAsync(device, s_right);
        Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
        Assert.Equal(0, device.WrongPasswords);
        if (hasNoClock)
            Assert.Null(client.ClockOffset);
        else
            Assert.InRange((client.ClockOffset!.Value - device.Quirks.ClockOffset).Duration().TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task A_clock_that_jumps_and_a_clock_behind_a_password_are_followed()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.ClockNeedsCredentials = true;
        using var client = await ConnectedAsync(device, s_right);
        Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
        device.Quirks.ClockOffset = TimeSpan.FromDays(3);       // it has found its time server
        device.Quirks.ClockNeedsCredentials = false;
        Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
        Assert.InRange(client.ClockOffset!.Value.TotalDays, 2.9, 3.1);
    }

    [Fact]
    public async Task Nonces_that_run_out_are_renewed()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.HttpDigest });
        device.Quirks.OneTimeNonces = true;
        using var client = await ConnectedAsync(device, s_right);
        for (int i = 0; i < 3; i++)
            Assert.True((await client.CallAsync(DeviceInformation.Get, default)).IsSuccess);
        Assert.Equal(0, device.WrongPasswords);
    }

    [Theory]
    [InlineData("10.0.0.9:8080")]
    [InlineData("10.0.0.9")]
    [InlineData("")]
    [InlineData("[fe80::1]")]
    public async Task Addresses_of_elsewhere_lead_to_the_device_itself(string told)
    {
        await using var device = await FakeDevice.StartAsync();
        (device.Quirks.ToldHost, device.Quirks.PadsAddresses) = (told, true);
        using var client = await ConnectedAsync(device, s_right);
        Assert.True((await client.CallAsync(MediaCalls.GetProfiles, default)).IsSuccess);
        Assert.True((await client.CallAsync(PtzNode.GetAll, default)).IsSuccess);
    }

    [Theory]
    [InlineData(BrokenAnswer.UndeclaredPrefix, null)]
    [InlineData(BrokenAnswer.RedirectHome, null)]
    [InlineData(BrokenAnswer.HtmlError, OnvifFailureKind.NotOnvif)]
    [InlineData(BrokenAnswer.Truncated, OnvifFailureKind.NotOnvif)]
    [InlineData(BrokenAnswer.Bomb, OnvifFailureKind.NotOnvif)]
    [InlineData(BrokenAnswer.Endless, OnvifFailureKind.NotOnvif)]
    [InlineData(BrokenAnswer.RedirectAway, OnvifFailureKind.NotOnvif)]
    [InlineData(BrokenAnswer.OddFault, OnvifFailureKind.Refused)]
    [InlineData(BrokenAnswer.Dropped, OnvifFailureKind.Unreachable)]
    [InlineData(BrokenAnswer.Hanging, OnvifFailureKind.TimedOut)]
    public async Task Broken_answers_are_told_apart(object broken, object? kind)
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.None });
        device.Quirks.Broken["GetDeviceInformation"] = (BrokenAnswer)broken;
        using var client = NewClient(device.Service, s_right, new OnvifClientOptions { AnswerTimeout = TimeSpan.FromSeconds(5) });
        Assert.True((await client.ConnectAsync(default)).IsSuccess);
        Assert.Equal((OnvifFailureKind?)kind, (await client.CallAsync(DeviceInformation.Get, default)).Kind);
        Assert.True((await client.CallAsync(MediaCalls.GetProfiles, default)).IsSuccess);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_unsupported_and_asked_once()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.Broken["GetNodes"] = BrokenAnswer.Dropped;        // onvif_srvd
        device.Quirks.MissingServices.Add("http://www.onvif.org/ver20/imaging/wsdl");
        using var client = await ConnectedAsync(device, s_right);
        for (int i = 0; i < 3; i++)
            Assert.Equal(OnvifFailureKind.Unsupported, (await client.CallAsync(PtzNode.GetAll, default)).Kind);
        Assert.False(client.Has(OnvifService.Ptz));
        Assert.Equal(1, device.Requests.Count(request => request == "GetNodes"));
        Assert.Equal(OnvifFailureKind.Unsupported, (await client.CallAsync(Vms.Onvif.Imaging.ImagingSettings.Get("source_1"), default)).Kind);
        Assert.Equal(OnvifFailureKind.Refused, (await client.CallAsync(MediaCalls.GetStreamUri("none"), default)).Kind);
    }

    [Fact]
    public async Task What_is_no_device_is_told_apart()
    {
        using var nobody = NewClient(new Uri($"http://127.0.0.1:{FreePort.Tcp().ToString(CultureInfo.InvariantCulture)}/onvif/device_service"), s_right);
        Assert.Equal(OnvifFailureKind.Unreachable, (await nobody.ConnectAsync(default)).Kind);

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using (var silent = NewClient(new Uri($"http://127.0.0.1:{port}/"), s_right, new OnvifClientOptions { AnswerTimeout = TimeSpan.FromMilliseconds(300) }))
            Assert.Equal(OnvifFailureKind.TimedOut, (await silent.ConnectAsync(default)).Kind);

        var answering = AnswerAsync(listener, "SSH-2.0-OpenSSH_9\r\n\r\n");
        using (var ssh = NewClient(new Uri($"http://127.0.0.1:{port}/"), s_right))
            Assert.Equal(OnvifFailureKind.NotOnvif, (await ssh.ConnectAsync(default)).Kind);
        listener.Stop();
        await answering;
    }

    [Fact]
    public async Task A_picture_is_fetched_with_HTTPs_credentials()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.HttpDigest });
        using var client = await ConnectedAsync(device, s_right);
        string told = (await client.CallAsync(MediaCalls.GetSnapshotUri("profile_1"), default)).Value!;
        Assert.Equal(FakeDevice.Snapshot, (await client.GetPictureAsync(ServiceAddress.Snapshot(told, client.Device)!, default)).Value);
        Assert.Equal(0, device.WrongPasswords);

        using var stranger = await ConnectedAsync(device, s_wrong);
        int before = device.LoginAttempts;
        Assert.Equal(OnvifFailureKind.BadCredentials, (await stranger.GetPictureAsync(new Uri(device.Service, "/onvif/snapshot"), default)).Kind);
        Assert.Equal(OnvifFailureKind.BadCredentials, (await stranger.GetPictureAsync(new Uri(device.Service, "/onvif/snapshot"), default)).Kind);
        Assert.Equal(before, device.LoginAttempts);     // pictures are not counted by it
        Assert.Equal(OnvifFailureKind.Refused, (await client.GetPictureAsync(new Uri(device.Service, "/onvif/nothing"), default)).Kind);
    }

    [Fact]
    public async Task Relays_time_servers_clock_and_hardware_addresses_go_both_ways()
    {
        await using var device = await FakeDevice.StartAsync();
        using var client = await ConnectedAsync(device, s_right);
        var relays = (await client.CallAsync(RelayOutput.GetAll, default)).Value!;
        Assert.Equal(["relay_1", "relay_2"], relays.Select(relay => relay.Token));
        Assert.True((await client.CallAsync(RelayOutput.SetState("relay_1", active: true), default)).IsSuccess);
        Assert.True(device.Relays.IsActive("relay_1"));
        Assert.True((await client.CallAsync((relays[0] with { IsMonostable = true, Delay = TimeSpan.FromSeconds(2) }).SetSettings(), default)).IsSuccess);
        Assert.Equal(new RelayOutput("relay_1", true, TimeSpan.FromSeconds(2), true), (await client.CallAsync(RelayOutput.GetAll, default)).Value![0]);
        Assert.Equal(OnvifFailureKind.Refused, (await client.CallAsync(RelayOutput.SetState("relay_9", active: true), default)).Kind);

        Assert.True((await client.CallAsync(NetworkTime.Set("192.168.1.1"), default)).IsSuccess);
        Assert.Equal(["192.168.1.1"], (await client.CallAsync(NetworkTime.Get, default)).Value!.Servers);
        Assert.Equal(["00:1A:2B:3C:4D:5E"], (await client.CallAsync(NetworkInterfaces.Get, default)).Value!.Macs);

        Assert.True((await client.CallAsync(DeviceClock.Set(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), "CST-8", fromNtp: false), default)).IsSuccess);
        Assert.Equal(2030, device.Now.Year);
    }

    [Fact]
    public async Task A_devices_own_certificate_is_taken_unless_another_is_expected()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var usable = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Certificate = usable });
        using (var client = await ConnectedAsync(device, s_right))
            Assert.True((await client.CallAsync(MediaCalls.GetProfiles, default)).IsSuccess);
        using (var pinned = NewClient(device.Service, s_right, new OnvifClientOptions { CertificateSha256 = certificate.GetCertHashString(HashAlgorithmName.SHA256) }))
            Assert.True((await pinned.ConnectAsync(default)).IsSuccess);
        using (var other = NewClient(device.Service, s_right, new OnvifClientOptions { CertificateSha256 = new string('0', 64) }))
            Assert.Equal(OnvifFailureKind.Unreachable, (await other.ConnectAsync(default)).Kind);
    }

    private static async Task<OnvifClient> ConnectedAsync(FakeDevice device, OnvifCredentials credentials)
    {
        var client = NewClient(device.Service, credentials);
        var connected = await client.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.True(connected.IsSuccess, connected.Failure?.ToString());
        return client;
    }

    private static OnvifClient NewClient(Uri device, OnvifCredentials? credentials, OnvifClientOptions? options = null) =>
        new(device, credentials, options ?? new OnvifClientOptions(), TimeProvider.System);

    private static async Task AnswerAsync(TcpListener listener, string text)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptSocketAsync();
                await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(text));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
