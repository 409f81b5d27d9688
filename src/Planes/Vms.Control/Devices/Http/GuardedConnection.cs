using System.Net;
using System.Net.Sockets;

namespace Vms.Control.Devices.Http;

/// <summary>Connections to devices that ask, for each one, whether its address may be connected to: what a name means, and where a device sends, may be
/// something else the next time.</summary>
internal static class GuardedConnection
{
    /// <param name="refusal">Null: any address. Else null for an address and port that may be, and why not for one that may not
    /// (<see cref="Vms.Hosting.CameraAddresses.Refusal"/>).</param>
    public static void Guard(SocketsHttpHandler handler, Func<IPAddress, int, string?>? refusal)
    {
        if (refusal is not null)
            handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, refusal, cancellationToken);
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, Func<IPAddress, int, string?> refusal, CancellationToken cancellationToken)
    {
        var resolved = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var allowed = resolved.Where(address => refusal(address, target.Port) is null).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, resolved.Length == 0 ? $"Nobody knows the name {target.Host}" : refusal(resolved[0], target.Port));
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
