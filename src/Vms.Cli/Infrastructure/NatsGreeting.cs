using System.Net;
using System.Net.Sockets;

namespace Vms.Cli.Infrastructure;

/// <summary>A nats-server greets every connection with INFO, before TLS and log-in.</summary>
internal static class NatsGreeting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <returns>Null: it did. Else what is wrong, in a few words.</returns>
    public static async Task<string?> AskAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            await socket.ConnectAsync(address, port, patience.Token);
            var greeting = new byte[5];
            var received = await socket.ReceiveAsync(greeting, patience.Token);
            return received > 0 && greeting.AsSpan(0, received).StartsWith("INFO"u8[..Math.Min(4, received)]) ? null : "no greeting";
        }
        catch (SocketException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no greeting within {s_patience.TotalSeconds:0} s";
        }
    }
}
