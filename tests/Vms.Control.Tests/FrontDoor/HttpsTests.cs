using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

public sealed class HttpsTests
{
    [Fact]
    public async Task This_machine_may_stay_in_the_clear_and_others_are_sent_to_the_port_in_TLS()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_BIND=0.0.0.0"] });
        int port = SecurePort(world);
        using var far = FromAnotherAddress(world, "http");
        using (var health = await far.GetAsync("/health"))
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        foreach (string path in (string[])["/", "/api/cameras?limit=3", "/a%2Fb", "/health/planes/media"])
        {
            using var sent = await far.GetAsync(path);
            Assert.Equal(HttpStatusCode.TemporaryRedirect, sent.StatusCode);
            Assert.True(sent.Headers.CacheControl!.NoStore);      // TLS may be off again tomorrow
            Assert.Equal($"https://{far.BaseAddress!.Host}:{port}{path}", sent.Headers.Location!.OriginalString);
            Assert.False(sent.Headers.Contains("Strict-Transport-Security"));
        }

        using (var login = await far.PostAsync("/api/auth/login", JsonBody("{}")))
            Assert.Equal(HttpStatusCode.TemporaryRedirect, login.StatusCode);
        using (var metrics = await far.GetAsync("/metrics"))
            Assert.Equal(HttpStatusCode.Unauthorized, metrics.StatusCode);
        using (var near = await world.Http.GetAsync("/api/cameras"))
            Assert.Equal(HttpStatusCode.OK, near.StatusCode);

        // The same host in TLS, on the port for it and on the plain one.
        foreach (int tls in (int[])[port, world.Address.Port])
        {
            using var secure = FromAnotherAddress(world, "https", tls);
            secure.DefaultRequestHeaders.Authorization = world.Http.DefaultRequestHeaders.Authorization;
            using var cameras = await secure.GetAsync("/api/cameras");
            await cameras.JsonAsync();
            Assert.Equal("max-age=2592000", cameras.Headers.GetValues("Strict-Transport-Security").Single());
        }
    }

    [Fact]
    public async Task TLS_1_2_is_spoken_only_where_the_operator_allows_it()
    {
        await using var strict = await ControlWorld.StartAsync();
        Assert.Equal(SslProtocols.Tls13, await HandshakeAsync(SecurePort(strict), SslProtocols.Tls13 | SslProtocols.Tls12));
        Assert.Equal(SslProtocols.Tls13, await HandshakeAsync(strict.Address.Port, SslProtocols.Tls13 | SslProtocols.Tls12));
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(SecurePort(strict), SslProtocols.Tls12));
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(strict.Address.Port, SslProtocols.Tls12));
        await using var lenient = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_TLS_MIN=1.2"] });
        Assert.Equal(SslProtocols.Tls12, await HandshakeAsync(SecurePort(lenient), SslProtocols.Tls12));
    }

    [Fact]
    public async Task Without_TLS_nothing_is_redirected_and_nothing_else_listens()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_HTTPS_PORT=off", "--VMS_BIND=0.0.0.0"], AdminPassword = null });
        Assert.DoesNotContain(Addresses(world), a => a.StartsWith("https", StringComparison.Ordinal));
        using var far = FromAnotherAddress(world, "http");
        using var answer = await far.GetAsync("/api/cameras");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_proxy_that_is_trusted_says_how_the_request_came_and_is_not_redirected()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = [$"--VMS_TRUSTED_PROXIES={OwnAddress()}", "--VMS_BIND=0.0.0.0"] });
        string id = (await world.AddCameraAsync("Door")).Text("id")!;
        using var proxy = FromAnotherAddress(world, "http");
        proxy.DefaultRequestHeaders.Authorization = world.Http.DefaultRequestHeaders.Authorization;
        proxy.DefaultRequestHeaders.Host = "cameras.example";
        proxy.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var plain = await proxy.PostAsync($"/api/cameras/{id}/live", new { });
        Assert.StartsWith("http://cameras.example:8081/", plain.Text("whepUrl"), StringComparison.Ordinal);
        proxy.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var live = await proxy.PostAsync($"/api/cameras/{id}/live", new { });
        Assert.StartsWith("https://cameras.example:8081/", live.Text("whepUrl"), StringComparison.Ordinal);
        Assert.StartsWith("wss://cameras.example:8081/", live.Text("mseUrl"), StringComparison.Ordinal);
        using var page = await proxy.GetAsync("/api/cameras");
        Assert.True(page.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_proxy_that_nobody_named_is_told_of_once()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_BIND=0.0.0.0"] });
        world.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.6");
        (await world.Http.GetAsync("/health")).Dispose();
        Assert.DoesNotContain("VMS_TRUSTED_PROXIES", world.Log.Text, StringComparison.Ordinal);      // programs of this machine
        using var far = FromAnotherAddress(world, "http");
        far.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        for (int i = 0; i < 3; i++)
            (await far.GetAsync("/health")).Dispose();
        Assert.Contains($"{OwnAddress()} passes on", Assert.Single(world.Log.Lines, l => l.Contains("VMS_TRUSTED_PROXIES", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>As another machine: over the network card, not over loopback.</summary>
    private static HttpClient FromAnotherAddress(ControlWorld world, string scheme, int? port = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } };
        return new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://{OwnAddress()}:{port ?? world.Address.Port}") };
    }

    private static IPAddress OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address).First(a => a.AddressFamily == AddressFamily.InterNetwork);

    private static async Task<SslProtocols> HandshakeAsync(int port, SslProtocols offered)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = offered, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, limit.Token);
        await tls.WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), limit.Token);
        var answer = new byte[64];
        int read = await tls.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: true, limit.Token);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, read), StringComparison.Ordinal);
        return tls.SslProtocol;
    }

    private static StringContent JsonBody(string json) => new(json, Encoding.UTF8, "application/json");

    private static IEnumerable<string> Addresses(ControlWorld world) =>
        world.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    private static int SecurePort(ControlWorld world) => new Uri(Addresses(world).Single(a => a.StartsWith("https", StringComparison.Ordinal))).Port;
}
