using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>The real HAProxy with <c>deploy/haproxy.cfg</c> as an operator has it, on ports and with a certificate of the tests' own.</summary>
public sealed class Haproxy : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _server;

    private Haproxy(TestDirectory directory, ChildProcess server, int http, int https, int stats)
    {
        (_directory, _server) = (directory, server);
        (Http, Https, Stats) = (Url("http", http), Url("https", https), Url("http", stats));
    }

    public Uri Http { get; }

    public Uri Https { get; }

    public Uri Stats { get; }

    public string Output => _server.Output;

    /// <param name="control">Where the installation's plain port is.</param>
    public static async Task<Haproxy> StartAsync(IPEndPoint control)
    {
        var directory = new TestDirectory();
        int http = FreePort.Tcp(), https = FreePort.Tcp(), stats = FreePort.Tcp();
        await File.WriteAllTextAsync(directory["site.pem"], Certificate());
        var server = await ChildProcess.StartAsync(
            "haproxy", ["-db", "-f", Path.Combine(TestPaths.Repository, "deploy", "haproxy.cfg")],
            new Dictionary<string, string?>
            {
                ["VMS_PROXY_HTTP"] = $"127.0.0.1:{http}",
                ["VMS_PROXY_HTTPS"] = $"127.0.0.1:{https}",
                ["VMS_PROXY_STATS"] = $"127.0.0.1:{stats}",
                ["VMS_PROXY_CERTIFICATE"] = directory["site.pem"],
                ["VMS_CONTROL"] = control.ToString(),
            });
        var proxy = new Haproxy(directory, server, http, https, stats);
        await Eventually.TrueAsync(() => server.HasExited || (Listens(http) && Listens(https) && Listens(stats)));
        return server.HasExited ? throw new InvalidOperationException("haproxy did not start:\n" + server.Output) : proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.KillAsync();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static bool Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Uri Url(string scheme, int port) => new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}/"));

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=cameras.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
