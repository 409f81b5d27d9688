using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Vms.Cli.Supervision;
using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Cli.Infrastructure;

/// <summary>
/// The nats-server that sensors publish to (<c>VMS_NATS_PORT</c>): a process of its own, in TLS, with an account for each sensor. The bus of the planes is another
/// server, which sensors cannot reach: what they say gets there through control, which checks it.
/// </summary>
internal sealed partial class SensorNats
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    private readonly string _program;
    private readonly PlaneOptions _options;
    private readonly int _port;
    private readonly string _home;
    private readonly string _password;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private string _written = "";
    private bool _unread;       // written, and the server was not told yet

    private SensorNats(string program, PlaneOptions options, int port, ILogger logger, TimeProvider time)
    {
        (_program, _options, _port, _logger, _time) = (program, options, port, logger, time);
        _home = Path.Combine(options.DataDirectory, "sensors");
        var secret = Path.Combine(options.KeysDirectory, "sensors.password");
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        if (!File.Exists(secret))
            PrivateFiles.TryCreate(secret, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))));
        _password = File.ReadAllText(secret);
        var host = Listening is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } v6 ? $"[{v6}]" : Listening.ToString();
        Url = $"tls://{SensorAccounts.ControlUser}:{_password}@{host}:{port}";
        PrivateFiles.CreateDirectory(_home);
        ServerCertificate.LoadOrCreate(options, time).Dispose();        // made here at the first start: control would make it a moment later
        TryWrite();
    }

    /// <summary>For <c>VMS_SENSOR_NATS</c> of control. Holds the password: goes into the environment, never into a log.</summary>
    public string Url { get; }

    private string Configuration => Path.Combine(_home, "nats.conf");

    private string Certificate => Path.Combine(_home, "tls.pem");

    private string Key => Path.Combine(_home, "tls.key");

    private string PidFile => Path.Combine(_home, "nats.pid");

    /// <summary>Where this machine reaches it.</summary>
    private IPAddress Listening => IPAddress.Parse(_options.BindAddress) switch
    {
        var any when any.Equals(IPAddress.Any) => IPAddress.Loopback,
        var any when any.Equals(IPAddress.IPv6Any) => IPAddress.IPv6Loopback,
        var one => one,
    };

    /// <exception cref="InfrastructureException">nats-server is not installed.</exception>
    public static SensorNats Prepare(PlaneOptions options, int port, ILogger logger, TimeProvider time) =>
        Executable.OnPath("nats-server", AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "nats")) is { } program
            ? new SensorNats(program, options, port, logger, time)
            : throw new InfrastructureException("nats-server is not installed, and VMS_NATS_PORT needs it: install the package nats-server, or leave VMS_NATS_PORT off");

    public ChildSpec Child(ChildLimits limits)
    {
        var (self, arguments) = Executable.Self();
        return new ChildSpec(
            "sensors", self, [.. arguments, "guard", .. ServiceUser.Name is { } user ? (string[])["--user", user] : [], "--", _program, "-c", Configuration],
            new Dictionary<string, string?> { ["DOTNET_gcServer"] = "0", ["DOTNET_GCHeapHardLimit"] = "0x2000000" },
            limits, cancellationToken => NatsGreeting.AskAsync(Listening, _port, cancellationToken), StopPatience: TimeSpan.FromSeconds(12),
            BeforeStart: async cancellationToken =>
                await NatsGreeting.AskAsync(Listening, _port, cancellationToken) is null ? $"port {_port} (VMS_NATS_PORT) is taken by a nats-server" : ServiceUser.Own(_home))
        {
            IsGuarded = true,
        };
    }

    /// <summary>Until cancelled: new and revoked accounts, and a renewed certificate, count within some seconds. Who lost his account is disconnected.</summary>
    public async Task WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(s_lookEvery, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            _unread |= TryWrite();
            if (_unread)
                _unread = !TryReload();
        }
    }

    /// <summary>The text of nats-server's configuration.</summary>
    internal static string ConfigurationOf(IPAddress bind, int port, string home, string controlPassword, IReadOnlyList<SensorAccount> accounts)
    {
        var host = bind.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{bind}]" : bind.ToString();
        string PathOf(string name) => Path.Combine(home, name).Replace('\\', '/');
        var text = new StringBuilder($$"""
            server_name: vms-sensors
            listen: "{{host}}:{{port}}"
            pid_file: "{{PathOf("nats.pid")}}"
            max_payload: 64KB
            max_connections: 2000
            max_control_line: 1KB
            max_subscriptions: 100
            tls { cert_file: "{{PathOf("tls.pem")}}", key_file: "{{PathOf("tls.key")}}", timeout: 5 }
            jetstream { store_dir: "{{PathOf("jetstream")}}", max_memory_store: 16MB, max_file_store: 128MB }
            authorization {
              timeout: 5
              users: [
                { user: "{{SensorAccounts.ControlUser}}", password: "{{controlPassword}}" }

            """);
        foreach (var account in accounts.Where(a => IsSafe(a.Id) && IsSafe(a.SiteId)))
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                    { user: "{{account.Id}}", password: "{{account.PasswordHash}}", permissions: {
                        publish: ["vms.events.{{account.SiteId}}.{{account.Id}}.>"], subscribe: ["_INBOX.{{account.Id}}.>"] } }

                """);
        }

        return text.Append("  ]\n}\n").ToString();
    }

    /// <summary>Neither a wildcard nor an end of a quoted text: what control wrote, and still.</summary>
    private static bool IsSafe(string token) => token.Length is > 0 and <= 64 && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <returns>Whether something is new.</returns>
    private bool TryWrite()
    {
        try
        {
            var pem = File.ReadAllText(_options.TlsCertificate ?? Path.Combine(_options.KeysDirectory, "tls.pem"));
            var key = File.ReadAllText(_options.TlsKey ?? _options.TlsCertificate ?? Path.Combine(_options.KeysDirectory, "tls.pem"));
            var configuration = ConfigurationOf(IPAddress.Parse(_options.BindAddress), _port, _home, _password, SensorAccounts.Read(_options));
            var now = pem + key + configuration;
            if (now == _written)
                return false;
            // Nobody else reads the keys' folder, the server's user among them: it has copies.
            PrivateFiles.Replace(Certificate, Encoding.UTF8.GetBytes(pem));
            PrivateFiles.Replace(Key, Encoding.UTF8.GetBytes(key));
            PrivateFiles.Replace(Configuration, Encoding.UTF8.GetBytes(configuration));
            _written = now;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(_logger, e.Message);
            return false;
        }
    }

    /// <returns>Whether nobody has to be told any more. While it is about to start it may have read the files of before: it is told as soon as it can be.</returns>
    private bool TryReload()
    {
        try
        {
            ServiceUser.Own(_home);
            if (!OperatingSystem.IsLinux())
                return true;
            if (!int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid)
                || !File.ReadAllText($"/proc/{pid}/cmdline").Contains(Configuration, StringComparison.Ordinal)
                || !PosixProcess.Signal(pid, PosixSignalNumber.HangUp))
            {
                return false;
            }

            Log.Reloaded(_logger);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InfrastructureException)
        {
            Log.NotReloaded(_logger, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Information, "Accounts of sensors, or the certificate, are others: nats-server reads them again")]
        public static partial void Reloaded(ILogger logger);

        [LoggerMessage(5021, LogLevel.Debug, "The accounts of sensors are written later ({Reason})")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(5022, LogLevel.Debug, "nats-server of the sensors does not run, or its files cannot be given to it ({Reason}): it is told of its accounts when it does")]
        public static partial void NotReloaded(ILogger logger, string reason);
    }
}
