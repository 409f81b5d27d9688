using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vms.Bus.Tests;

/// <summary>
/// A server that plays a script: each connection gets the next reply to the client's log-in, then the socket is closed (or kept,
/// where the script says so). After the script every connection is served honestly, as far as log-in and pings go.
/// </summary>
public sealed class FakeServer : IAsyncDisposable
{
    public const string Info = "INFO {\"server_id\":\"fake\",\"version\":\"2.9.0\",\"headers\":true,\"max_payload\":1024}\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<byte[]> _script;
    private readonly Task _serving;
    private int _connections;

    public FakeServer(params byte[][] script)
    {
        _script = new Queue<byte[]>(script);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"nats://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Connections => Volatile.Read(ref _connections);

    public static byte[] Say(string text) => Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var honest = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                if (_script.TryDequeue(out var reply)) await PlayAsync(client, reply);
                else honest.Add(ServeHonestlyAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(honest);
        }
    }

    private static async Task PlayAsync(TcpClient client, byte[] reply)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await stream.WriteAsync(reply);
                client.Client.Shutdown(SocketShutdown.Send);
                while (await stream.ReadAsync(new byte[4096]) > 0)
                {
                }
            }
            catch (IOException)
            {
                // The client hung up first: what the script provoked.
            }
        }
    }

    private async Task ServeHonestlyAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await stream.WriteAsync(Say(Info), _stop.Token);
                using var reader = new StreamReader(stream);
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                    if (line == "PING")
                        await stream.WriteAsync(Say("PONG\r\n"), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over.
            }
        }
    }
}
