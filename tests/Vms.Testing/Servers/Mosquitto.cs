using System.Globalization;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>A real MQTT broker (mosquitto) of a test's own: loopback, a port of its own that survives restarts, a user with a password, TLS where the test
/// has a certificate.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    public const string User = "vms";
    public const string Password = "a pass#word: with %";

    private readonly TestDirectory _directory = new();
    private readonly string _tls;
    private ChildProcess? _server;

    private Mosquitto(string tls) => _tls = tls;

    public int Port { get; private set; }

    /// <param name="tls">Lines for its configuration file: certfile and keyfile.</param>
    public static async Task<Mosquitto> StartAsync(string tls = "")
    {
        for (int attempt = 0; ; attempt++)
        {
            var broker = new Mosquitto(tls) { Port = FreePort.Tcp() };
            try
            {
                await ChildProcess.RunAsync("mosquitto_passwd", ["-b", "-c", broker._directory["passwords"], User, Password]);
                await broker.StartServerAsync();
                return broker;
            }
            catch (TimeoutException) when (attempt < 5)     // somebody took the port
            {
                await broker.DisposeAsync();
            }
        }
    }

    /// <summary><c>mosquitto_sub</c>, which prints topic and payload of what comes, and retained messages first.</summary>
    /// <param name="arguments">More of its arguments: another client id, TLS.</param>
    public async Task<ChildProcess> SubscribeAsync(string topic, params string[] arguments)
    {
        // It writes into a pipe when it has a block full, unless it is told to write lines.
        var subscriber = await ChildProcess.StartAsync(
            "stdbuf", ["-oL", "mosquitto_sub", "-h", "localhost", "-p", PortText, "-u", User, "-P", Password, "-q", "1", "-t", topic, "-F", "%t %r %p", "-d", .. arguments]);
        await subscriber.WaitForOutputAsync(o => o.Contains("SUBACK", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        return subscriber;
    }

    /// <summary><c>mosquitto_pub</c>.</summary>
    public Task PublishAsync(string topic, string payload, params string[] arguments) => ChildProcess.RunAsync(
        "mosquitto_pub", ["-h", "localhost", "-p", PortText, "-u", User, "-P", Password, "-q", "1", "-t", topic, "-m", payload, .. arguments]);

    /// <summary><c>kill -9</c>; it has kept what was retained, and what waits for whom.</summary>
    public async Task KillAsync()
    {
        if (_server is null)
            return;
        await _server.KillAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Starts it again on the same port.</summary>
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

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private async Task StartServerAsync()
    {
        string file = _directory["mosquitto.conf"];
        await File.WriteAllTextAsync(file, $"""
            listener {PortText} 127.0.0.1
            user root
            allow_anonymous false
            password_file {_directory["passwords"]}
            log_dest stderr
            persistence true
            persistence_location {_directory.Path}/
            autosave_on_changes true
            autosave_interval 1
            {_tls}
            """ + "\n");
        _server = await ChildProcess.StartAsync("mosquitto", ["-c", file], folder: _directory);
        await _server.WaitForOutputAsync(output => output.Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
    }
}
