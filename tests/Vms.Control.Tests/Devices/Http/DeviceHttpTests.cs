using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Vms.Control.Devices.Http;
using Vms.Testing;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Control.Tests.Devices.Http;

public sealed class DeviceHttpTests
{
    private const string Target = "/cgi-bin/thing.cgi?action=get&name=a[0]&text=b%20c";

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DeviceAuthentication.None)]
    [InlineData(DeviceAuthentication.DigestMd5)]
    [InlineData(DeviceAuthentication.DigestSha256)]
    [InlineData(DeviceAuthentication.DigestMd5 | DeviceAuthentication.DigestSha256)]
    [InlineData(DeviceAuthentication.Basic | DeviceAuthentication.DigestMd5)]
    [InlineData(DeviceAuthentication.DigestMd5, true)]
    public async Task A_device_is_answered_in_the_way_it_asks(DeviceAuthentication offered, bool withoutQuality = false)
    {
        var gate = new DeviceGate { Offered = offered, WithoutQuality = withoutQuality };
        await using var device = await StartAsync(gate);
        using var http = Open(device, gate.Password);
        Assert.Equal("GET ", await TextAsync(http));
        Assert.Equal("POST <a/>", Encoding.UTF8.GetString((await http.AskAsync(Target, "<a/>", Token)).Required().Body));

        Assert.All(device.Targets, target => Assert.Equal(Target, target));
        Assert.Equal(offered == DeviceAuthentication.None ? 2 : 3, device.Targets.Count);   // one challenge for all
        Assert.Equal(0, gate.Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wrong_password_is_tried_once_and_the_others_who_wait_do_not_try_it(bool alwaysStale)
    {
        var gate = new DeviceGate { AlwaysStale = alwaysStale };
        await using var device = await StartAsync(gate);
        using var http = Open(device, "guess");
        var failures = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FailureAsync(http)));
        Assert.All(failures, failure => Assert.Equal(DeviceFailure.BadCredentials, failure.Failure));
        Assert.All(failures, failure => Assert.DoesNotContain("guess", failure.ToString(), StringComparison.Ordinal));
        Assert.Equal(alwaysStale ? 2 : 1, gate.Refused);        // a device that calls its nonce old is believed once
    }

    [Fact]
    public async Task A_nonce_that_ran_out_is_no_wrong_password()
    {
        var gate = new DeviceGate { UsesOfNonce = 2 };
        await using var device = await StartAsync(gate);
        using var http = Open(device, gate.Password);
        for (int i = 0; i < 7; i++)
            await TextAsync(http);
        Assert.Equal(0, gate.Refused);

        gate.Password = "changed";
        Assert.Equal(DeviceFailure.BadCredentials, (await FailureAsync(http)).Failure);
    }

    [Fact]
    public async Task Basic_in_clear_needs_the_operators_word()
    {
        var gate = new DeviceGate { Offered = DeviceAuthentication.Basic };
        await using var device = await StartAsync(gate);
        using (var http = Open(device, gate.Password))
            Assert.Equal(DeviceFailure.BasicInClear, (await FailureAsync(http)).Failure);
        using (var http = Open(device, gate.Password, new DeviceHttpOptions { AllowBasicInClear = true }))
            Assert.Equal("GET ", await TextAsync(http));
    }

    [Fact]
    public async Task In_TLS_basic_is_fine_and_a_certificate_can_be_pinned()
    {
        var gate = new DeviceGate { Offered = DeviceAuthentication.Basic };
        await using var device = await StartAsync(gate, tls: true);
        byte[] pin = device.Certificate!.GetCertHash(HashAlgorithmName.SHA256);
        using (var http = Open(device, gate.Password, new DeviceHttpOptions { CertificateSha256 = pin }))
            Assert.Equal("GET ", await TextAsync(http));
        pin[0] ^= 1;
        using (var http = Open(device, gate.Password, new DeviceHttpOptions { CertificateSha256 = pin }))
            Assert.Equal(DeviceFailure.Unreachable, (await FailureAsync(http)).Failure);
    }

    [Fact]
    public async Task Without_credentials_a_device_that_wants_some_is_not_guessed_at()
    {
        await using var device = await StartAsync(new DeviceGate());
        using var http = new DeviceHttp(device.Address, "", "", new DeviceHttpOptions(), _time);
        Assert.Equal(DeviceFailure.BadCredentials, (await FailureAsync(http)).Failure);
        Assert.Single(device.Targets);
    }

    [Fact]
    public async Task Asking_without_credentials_costs_no_try()
    {
        var gate = new DeviceGate { Realm = "Login to 1" };
        await using var device = await StartAsync(gate);
        using var http = Open(device, "guess");
        var answer = await http.AskAnonymouslyAsync(Target, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("realm=\"Login to 1\"", Assert.Single(answer.Challenges), StringComparison.Ordinal);
        Assert.Equal(0, gate.Refused);
    }

    [Theory]
    [InlineData(400, DeviceFailure.NotSupported)]
    [InlineData(403, DeviceFailure.BadCredentials)]
    [InlineData(404, DeviceFailure.NotSupported)]
    [InlineData(501, DeviceFailure.NotSupported)]
    [InlineData(302, DeviceFailure.BadAnswer)]
    [InlineData(500, DeviceFailure.BadAnswer)]
    public async Task A_status_says_what_is_wrong_and_a_redirect_is_not_followed(int status, object expected)
    {
        var gate = new DeviceGate();
        await using var device = await StartAsync(gate, answer: context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://10.9.8.7/doc/page/login.asp?token=secret";
            return Task.CompletedTask;
        });
        using var http = Open(device, gate.Password);
        var answer = await http.AskAsync(Target, Token);
        var failure = Assert.Throws<DeviceException>(answer.Required);
        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.All(device.Targets, target => Assert.Equal(Target, target));
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up_at_the_ceiling()
    {
        var gate = new DeviceGate();
        await using var device = await StartAsync(gate, answer: async context =>
        {
            byte[] block = new byte[64 << 10];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        });
        using var http = Open(device, gate.Password);
        var failure = await FailureAsync(http);
        Assert.Equal(DeviceFailure.BadAnswer, failure.Failure);
        Assert.Contains("8 MiB", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_never_answers_is_unreachable_and_whoever_calls_off_is_not_told_so()
    {
        var gate = new DeviceGate();
        await using var device = await StartAsync(gate);
        device.Silent = true;
        using var http = Open(device, gate.Password);
        var asked = http.AskAsync(Target, Token);
        await Eventually.TrueAsync(() => device.Targets.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(asked.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(DeviceFailure.Unreachable, (await Assert.ThrowsAsync<DeviceException>(() => asked)).Failure);

        using var calledOff = new CancellationTokenSource();
        asked = http.AskAsync(Target, calledOff.Token);
        await Eventually.TrueAsync(() => device.Targets.Count == 2);
        await calledOff.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_unreachable()
    {
        using var http = new DeviceHttp(new Uri($"http://127.0.0.1:{FreePort.Tcp()}"), "admin", "x", new DeviceHttpOptions(), _time);
        Assert.Equal(DeviceFailure.Unreachable, (await FailureAsync(http)).Failure);
    }

    [Theory]
    [InlineData("RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n")]
    [InlineData("SSH-2.0-dropbear\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")]
    [InlineData("")]
    public async Task What_is_not_HTTP_or_breaks_off_is_a_bad_answer(string bytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = new CancellationTokenSource();
        var serving = ServeAsync(listener, Encoding.ASCII.GetBytes(bytes), over.Token);
        using (var http = new DeviceHttp(new Uri($"http://{listener.LocalEndpoint}"), "admin", "x", new DeviceHttpOptions(), _time))
            Assert.Equal(DeviceFailure.BadAnswer, (await FailureAsync(http)).Failure);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_unreachable()
    {
        var gate = new DeviceGate();
        var events = new DeviceEvents();
        DeviceServer? device = null;
        device = await StartAsync(gate, answer: context => events.SendAsync(context, "multipart/mixed; boundary=b", "--b", device!.Stopping));
        await using var running = device;
        using var http = Open(device, gate.Password);
        using var stream = await http.OpenAsync(Target, Token);
        Assert.Equal("multipart/mixed; boundary=b", stream.ContentType);
        Assert.Equal(0, gate.Refused);

        events.Say("x", "text/plain");
        byte[] buffer = new byte[1024];
        Assert.True(await stream.ReadAsync(buffer, TimeSpan.FromSeconds(20), Token) > 0);
        _time.Advance(TimeSpan.FromHours(1));       // the time of an answer does not count for one that goes on
        events.Say("y", "text/plain");
        Assert.True(await stream.ReadAsync(buffer, TimeSpan.FromSeconds(20), Token) > 0);

        var failing = Task.Run(
            async () =>
            {
                while (await stream.ReadAsync(buffer, TimeSpan.FromSeconds(20), Token) > 0)
                {
                }
            },
            Token);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(21));
            return failing.IsCompleted;
        });
        Assert.Equal(DeviceFailure.Unreachable, (await Assert.ThrowsAsync<DeviceException>(() => failing)).Failure);
    }

    /// <summary>Whoever connects gets these bytes; a connection without any is tried again by the HTTP client.</summary>
    private static async Task ServeAsync(TcpListener listener, byte[] bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var connection = await listener.AcceptTcpClientAsync(cancellationToken);
            var stream = connection.GetStream();
            await stream.ReadAtLeastAsync(new byte[4096], 16, throwOnEndOfStream: false, cancellationToken);
            await stream.WriteAsync(bytes, cancellationToken);
        }
    }

    private static Task<DeviceServer> StartAsync(DeviceGate gate, Func<HttpContext, Task>? answer = null, bool tls = false) => DeviceServer.StartAsync(
        gate, server: null, answer ?? (async context => await context.Response.WriteAsync($"{context.Request.Method} {await new StreamReader(context.Request.Body).ReadToEndAsync()}")), tls);

    private DeviceHttp Open(DeviceServer device, string password, DeviceHttpOptions? options = null) =>
        new(device.Address, "admin", password, options ?? new DeviceHttpOptions(), _time);

    private static async Task<string> TextAsync(DeviceHttp http) => Encoding.UTF8.GetString((await http.AskAsync(Target, Token)).Required().Body);

    private static async Task<DeviceException> FailureAsync(DeviceHttp http) => await Assert.ThrowsAsync<DeviceException>(() => http.AskAsync(Target, Token));
}
