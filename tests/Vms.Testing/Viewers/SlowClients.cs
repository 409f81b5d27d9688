using System.Net;
using System.Net.Sockets;

namespace Vms.Testing.Viewers;

/// <summary>Clients that mean harm: each begins to say something and then adds a byte now and then, so as to hold its connection for ever.</summary>
public sealed class SlowClients : IAsyncDisposable
{
    private static readonly TimeSpan s_drip = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private int _open;

    private SlowClients()
    {
    }

    /// <summary>Whom the server has not hung up on.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <param name="beginnings">What they say at first; as many clients with each.</param>
    public static async Task<SlowClients> ConnectAsync(IPEndPoint server, int ofEach, params IReadOnlyList<byte[]> beginnings)
    {
        var clients = new SlowClients();
        foreach (byte[] beginning in beginnings)
        {
            for (int i = 0; i < ofEach; i++)
            {
                var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(server);
                if (beginning.Length > 0)
                    await socket.SendAsync(beginning);
                Interlocked.Increment(ref clients._open);
                clients._clients.Add(clients.DripAsync(socket, isSilent: beginning.Length == 0));
            }
        }

        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
    }

    private async Task DripAsync(Socket socket, bool isSilent)
    {
        using (socket)
        {
            var hungUp = UntilHungUpAsync(socket);
            using var timer = new PeriodicTimer(s_drip);
            try
            {
                while (!hungUp.IsCompleted && await timer.WaitForNextTickAsync(_stop.Token))
                {
                    if (!isSilent)
                        await socket.SendAsync("x"u8.ToArray(), _stop.Token);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Hung up on, or the test is over.
            }

            Interlocked.Decrement(ref _open);
            socket.Close();
            await hungUp;
        }
    }

    /// <summary>Whatever the server answers (408, an alert), it is what follows that counts.</summary>
    private static async Task UntilHungUpAsync(Socket socket)
    {
        byte[] answer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(answer) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}
