using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Cli.Infrastructure;
using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Cli.Tests;

/// <summary>The server that sensors connect to, spoken to as any program with a socket does.</summary>
public sealed class SensorNatsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sensor_publishes_what_is_its_own_in_TLS_until_it_is_revoked()
    {
        using var directory = new TestDirectory();
        var port = FreePort.Tcp();
        var options = new PlaneOptions
        {
            DataDirectory = directory["data"],
            RunDirectory = directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
            SensorPort = port,
        };
        var sensors = SensorNats.Prepare(options, port, NullLogger.Instance, TimeProvider.System);
        await using var server = await ChildProcess.StartAsync("nats-server", ["-c", Path.Combine(options.DataDirectory, "sensors", "nats.conf")]);
        await server.WaitForOutputAsync(output => output.Contains("Server is ready", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        using var stop = new CancellationTokenSource();
        var watching = sensors.WatchAsync(stop.Token);

        Assert.StartsWith("-ERR 'Authorization Violation'", await (await Connection.OpenAsync(port, "gate", "secret of the gate")).NextAsync(), StringComparison.Ordinal);
        SensorAccounts.Write(options, [new SensorAccount("gate", "harbour", "secret of the gate"), new SensorAccount("x\" }", "harbour", "p"), new SensorAccount("door", "*", "p")]);
        await Eventually.TrueAsync(async () => await (await Connection.OpenAsync(port, "gate", "secret of the gate")).NextAsync() == "PONG");

        using var control = await Connection.OpenAsync(port, "control", new Uri(sensors.Url).UserInfo.Split(':')[1]);
        Assert.Equal("PONG", await control.NextAsync());
        await control.SendAsync("SUB vms.events.> 1\r\nPING\r\n");
        Assert.Equal("PONG", await control.NextAsync());
        using var gate = await Connection.OpenAsync(port, "gate", "secret of the gate");
        Assert.Equal("PONG", await gate.NextAsync());
        await gate.SendAsync("PUB vms.events.harbour.door.opened 2\r\n{}\r\n");
        Assert.StartsWith("-ERR 'Permissions Violation for Publish to \"vms.events.harbour.door.opened\"'", await gate.NextAsync(), StringComparison.Ordinal);
        await gate.SendAsync("SUB vms.events.> 1\r\n");
        Assert.StartsWith("-ERR 'Permissions Violation for Subscription to \"vms.events.>\"'", await gate.NextAsync(), StringComparison.Ordinal);
        await gate.SendAsync("PUB $JS.API.STREAM.NAMES 0\r\n\r\n");
        Assert.StartsWith("-ERR 'Permissions Violation for Publish", await gate.NextAsync(), StringComparison.Ordinal);
        await gate.SendAsync("PUB vms.events.harbour.gate.door.opened 2\r\n{}\r\n");
        Assert.StartsWith("MSG vms.events.harbour.gate.door.opened 1 2", await control.NextAsync(), StringComparison.Ordinal);

        // Revoked: it is disconnected, and does not come in again; control stays.
        SensorAccounts.Write(options, []);
        await Eventually.TrueAsync(async () => await gate.NextAsync() is { } line && (line.Length == 0 || line.StartsWith("-ERR", StringComparison.Ordinal)));
        await Eventually.TrueAsync(async () => (await (await Connection.OpenAsync(port, "gate", "secret of the gate")).NextAsync()).StartsWith("-ERR", StringComparison.Ordinal));
        await control.SendAsync("PING\r\n");
        Assert.Equal("PONG", await control.NextAsync());
        await stop.CancelAsync();
        await watching;
        await server.KillAsync();
    }

    /// <summary>NATS by hand.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly SslStream _tls;
        private readonly StreamReader _lines;

        private Connection(SslStream tls) => (_tls, _lines) = (tls, new StreamReader(tls, Encoding.ASCII));

        public static async Task<Connection> OpenAsync(int port, string user, string password)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", port, Ct);
            var plain = new NetworkStream(socket, ownsSocket: true);
            var greeting = new byte[1];
            for (var text = ""; !text.EndsWith("\r\n", StringComparison.Ordinal); text += (char)greeting[0])
                Assert.Equal(1, await plain.ReadAsync(greeting, Ct));
            var tls = new SslStream(plain, leaveInnerStreamOpen: false, (_, shown, _, _) => shown?.Subject.Length > 0);
            await tls.AuthenticateAsClientAsync("any", null, checkCertificateRevocation: false);
            var connection = new Connection(tls);
            await connection.SendAsync($$"""CONNECT {"verbose":false,"tls_required":true,"user":"{{user}}","pass":"{{password}}"}""" + "\r\nPING\r\n");
            return connection;
        }

        public async Task SendAsync(string text)
        {
            await _tls.WriteAsync(Encoding.ASCII.GetBytes(text), Ct);
            await _tls.FlushAsync(Ct);
        }

        /// <summary>A line of the server; empty when it has ended the connection. Its own pings and payloads are passed over.</summary>
        public async Task<string> NextAsync()
        {
            while (true)
            {
                string line;
                try
                {
                    line = await _lines.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Ct) ?? "";
                }
                catch (IOException)
                {
                    return "";
                }

                if (line == "PING")
                    await SendAsync("PONG\r\n");
                else if (line != "{}" && !line.StartsWith("INFO", StringComparison.Ordinal))
                    return line;
            }
        }

        public void Dispose() => _tls.Dispose();
    }
}
