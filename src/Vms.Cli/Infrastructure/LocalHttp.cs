using System.Net.Sockets;

namespace Vms.Cli.Infrastructure;

/// <summary>HTTP to a plane over its local socket, which only this installation's user can open.</summary>
internal static class LocalHttp
{
    /// <summary>The caller disposes it, and may set its time-out.</summary>
    public static HttpClient Client(string socketPath) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://plane"),
    };
}
