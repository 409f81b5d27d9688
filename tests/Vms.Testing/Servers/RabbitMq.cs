using System.Globalization;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>A real RabbitMQ of a test's own: loopback, ports and directories of its own, which survive restarts. Linux, Debian's packages.</summary>
public sealed class RabbitMq : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";

    private readonly TestDirectory _directory = new();
    private readonly int _distributionPort = FreePort.Tcp();
    private readonly int _mapperPort = FreePort.Tcp();
    private ChildProcess? _portMapper;
    private ChildProcess? _server;

    private RabbitMq()
    {
    }

    public int Port { get; } = FreePort.Tcp();

    public static async Task<RabbitMq> StartAsync()
    {
        var broker = new RabbitMq();
        await File.WriteAllTextAsync(broker._directory["rabbitmq.conf"], $"""
            listeners.tcp.1 = 127.0.0.1:{broker.Port.ToString(CultureInfo.InvariantCulture)}
            log.file = false
            log.console = true
            """ + "\n");
        broker._directory.Create("home");
        // In the foreground: one that the server starts itself would outlive the test.
        broker._portMapper = await ChildProcess.StartAsync("epmd", ["-port", Text(broker._mapperPort), "-address", "127.0.0.1"]);
        await broker.RestartAsync();
        return broker;
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

    /// <summary>Starts it again with what it had kept.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        _server = await ChildProcess.StartAsync(Path.Combine(Programs, "rabbitmq-server"), [], Environment, folder: _directory);
        await _server.WaitForOutputAsync(output => output.Contains("Server startup complete", StringComparison.Ordinal), TimeSpan.FromSeconds(120));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_portMapper is not null)
        {
            await _portMapper.KillAsync();
            await _portMapper.DisposeAsync();
        }

        _directory.Dispose();
    }

    private Dictionary<string, string?> Environment => new()
    {
        ["HOME"] = _directory["home"],
        ["RABBITMQ_NODENAME"] = $"vms{Text(Port)}@localhost",
        ["RABBITMQ_CONFIG_FILE"] = _directory["rabbitmq.conf"],
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_MNESIA_BASE"] = _directory["mnesia"],
        ["RABBITMQ_LOG_BASE"] = _directory["log"],
        ["RABBITMQ_PID_FILE"] = _directory["pid"],
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _directory["plugins"],
        ["RABBITMQ_DIST_PORT"] = Text(_distributionPort),
        ["ERL_EPMD_PORT"] = Text(_mapperPort),
        ["LANG"] = "C.UTF-8",
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
