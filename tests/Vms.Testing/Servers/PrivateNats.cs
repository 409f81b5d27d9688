using System.Globalization;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>A real nats-server with JetStream of the tests' own: loopback, a port of its own that survives restarts,
/// temporary store.</summary>
public sealed class PrivateNats : IAsyncDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly string _configuration;
    private ChildProcess? _server;

    private PrivateNats(int port, string configuration)
    {
        Port = port;
        _configuration = configuration;
    }

    public int Port { get; }

    /// <summary>Without credentials.</summary>
    public string Url => $"nats://127.0.0.1:{Port}";

    /// <summary>Pid of the server.</summary>
    public int Pid => _server?.Pid ?? throw new InvalidOperationException("nats-server is stopped.");

    /// <param name="configuration">More lines for its configuration file, e.g. <c>authorization { token: "t" }</c> or TLS.</param>
    public static async Task<PrivateNats> StartAsync(string configuration = "")
    {
        for (int attempt = 0; ; attempt++)
        {
            var nats = new PrivateNats(FreePort.Tcp(), configuration);
            try
            {
                await nats.StartServerAsync();
                return nats;
            }
            catch (TimeoutException) when (attempt < 5)     // somebody took the port
            {
                await nats.DisposeAsync();
            }
        }
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        if (_server is null)
            return;
        await _server.KillAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Ordered shutdown.</summary>
    public async Task StopAsync()
    {
        if (_server is null)
            return;
        if (OperatingSystem.IsWindows())
            await _server.KillAsync();
        _server.Signal(PosixSignalNumber.Interrupt);
        await _server.WaitForExitAsync(TimeSpan.FromSeconds(60));
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>The process stands still without closing its sockets: the network hang of a test. Linux.</summary>
    public void Freeze() => _server?.Signal(PosixSignalNumber.Stop);

    /// <summary>Ends <see cref="Freeze"/>.</summary>
    public void Thaw() => _server?.Signal(PosixSignalNumber.Continue);

    /// <summary>Starts it again on the same port and store, killing it first when it runs.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartServerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private async Task StartServerAsync()
    {
        string store = _directory.Create("store").Replace('\\', '/');
        string file = _directory["nats.conf"];
        string port = Port.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(file, $$"""
            host: 127.0.0.1
            port: {{port}}
            server_name: test-{{port}}
            jetstream { store_dir: "{{store}}", max_mem: 64MB, max_file: 2GB }
            {{_configuration}}
            """);
        _server = await ChildProcess.StartAsync("nats-server", ["-c", file], folder: _directory);
        await _server.WaitForOutputAsync(output => output.Contains("Server is ready", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
    }
}
