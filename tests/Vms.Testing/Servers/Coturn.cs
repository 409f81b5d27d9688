using System.Globalization;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>A real coturn of the tests' own on loopback, with time-limited credentials (<c>use-auth-secret</c>).</summary>
public sealed class Coturn : IAsyncDisposable
{
    public const string Secret = "the tests' own secret";

    private readonly TestDirectory _directory;
    private readonly ChildProcess _server;
    private int _isDisposed;

    private Coturn(TestDirectory directory, ChildProcess server, int port) => (_directory, _server, Port) = (directory, server, port);

    public int Port { get; }

    public string Output => _server.Output;

    /// <summary><c>turn:</c> URL of it.</summary>
    /// <param name="transport">udp or tcp: between the browser and it.</param>
    public string Url(string transport) => $"turn:127.0.0.1:{Port}?transport={transport}";

    public static async Task<Coturn> StartAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            var directory = new TestDirectory();
            int port = FreePort.Tcp();
            string number = port.ToString(CultureInfo.InvariantCulture);
            var server = await ChildProcess.StartAsync("turnserver",
            [
                "-n", "--listening-ip=127.0.0.1", $"--listening-port={number}", "--relay-ip=127.0.0.1", "--no-tls", "--no-dtls", "--no-cli",
                "--allow-loopback-peers", "--fingerprint", "--use-auth-secret", $"--static-auth-secret={Secret}", "--realm=test",
                "--log-file=stdout", "--simple-log", $"--userdb={directory["turn.db"]}", $"--pidfile={directory["turn.pid"]}", "--verbose",
            ]);
            try
            {
                await server.WaitForOutputAsync(o => o.Contains($"UDP listener opened on: 127.0.0.1:{number}", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
                return new Coturn(directory, server, port);
            }
            catch (TimeoutException) when (attempt < 5)     // somebody took the port
            {
                await server.DisposeAsync();
                directory.Dispose();
            }
        }
    }

    /// <summary>Also for a test that wants it gone; twice does no harm.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}
