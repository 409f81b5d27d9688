using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Vms.Cli.Supervision;
using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Cli.Infrastructure;

/// <summary>The installation's own nats-server with JetStream, on a loopback port with a generated password.</summary>
internal sealed class PrivateNats
{
    private readonly string _program;
    private readonly string _home;
    private readonly int _port;

    private PrivateNats(string program, PlaneOptions options, int port)
    {
        _program = program;
        _home = Path.Combine(options.DataDirectory, "nats");
        _port = port;

        var secret = Path.Combine(options.KeysDirectory, "nats.password");
        if (!File.Exists(secret))
            PrivateFiles.TryCreate(secret, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))));
        var password = File.ReadAllText(secret);
        Url = $"nats://vms:{password}@127.0.0.1:{port}";

        PrivateFiles.CreateDirectory(_home);
        PrivateFiles.Replace(Configuration, Encoding.UTF8.GetBytes($$"""
            server_name: vms
            listen: "127.0.0.1:{{port}}"
            pid_file: "{{PidFile.Replace("\\", "/", StringComparison.Ordinal)}}"
            max_payload: 1MB
            jetstream {
              store_dir: "{{Path.Combine(_home, "jetstream").Replace("\\", "/", StringComparison.Ordinal)}}"
              max_memory_store: 256MB
              max_file_store: 2GB
            }
            authorization { user: vms, password: "{{password}}" }
            """));
    }

    /// <summary>For <c>VMS_NATS</c> of the planes. Holds the password: goes into the environment, never into a log.</summary>
    public string Url { get; }

    private string Configuration => Path.Combine(_home, "nats.conf");

    private string PidFile => Path.Combine(_home, "nats.pid");

    /// <exception cref="InfrastructureException">nats-server is not installed.</exception>
    public static PrivateNats Prepare(PlaneOptions options, int port) =>
        Executable.OnPath("nats-server", AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "nats")) is { } program
            ? new PrivateNats(program, options, port)
            : throw new InfrastructureException(
                "nats-server is not installed: install the package nats-server, or set VMS_NATS to a server that already runs");

    public ChildSpec Child(ChildLimits limits)
    {
        var (self, arguments) = Executable.Self();
        return new ChildSpec(
            "nats", self,
            [.. arguments, "guard", .. ServiceUser.Name is { } user ? (string[])["--user", user] : [], "--", _program, "-c", Configuration],
            new Dictionary<string, string?> { ["DOTNET_gcServer"] = "0", ["DOTNET_GCHeapHardLimit"] = "0x2000000" },
            limits, IsAliveAsync, StopPatience: TimeSpan.FromSeconds(12),
            BeforeStart: async cancellationToken => await StillRunningAsync(cancellationToken) ?? ServiceUser.Own(_home))
        {
            IsGuarded = true,
        };
    }

    /// <summary>A former server whose guard was killed is asked to stop and waited for: two servers on one store would be a mess.</summary>
    private async Task<string?> StillRunningAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux() && FormerServer() is { } pid)
        {
            PosixProcess.Signal(pid, PosixSignalNumber.Terminate);
            return $"the former server (pid {pid}) is still ending";
        }

        return await IsAliveAsync(cancellationToken) is null ? $"port {_port} is still taken by a nats-server" : null;
    }

    /// <summary>The process of the pid file, if it is a server of this store, on whichever port.</summary>
    private int? FormerServer()
    {
        try
        {
            return int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid)
                && File.ReadAllText($"/proc/{pid}/cmdline").Contains(Configuration, StringComparison.Ordinal) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;    // no such file, no such process
        }
    }

    private Task<string?> IsAliveAsync(CancellationToken cancellationToken) => NatsGreeting.AskAsync(IPAddress.Loopback, _port, cancellationToken);
}
