using System.Net;
using System.Net.Sockets;

namespace Vms.Control.FrontDoor;

/// <summary>HTTP to a plane over its local socket.</summary>
internal static class LocalHttp
{
    /// <summary>No redirects, cookies, decompression or trace headers: what goes in comes out. The caller disposes it.</summary>
    public static SocketsHttpHandler Handler(string socketPath)
    {
        var endPoint = new UnixDomainSocketEndPoint(socketPath);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endPoint, cancellationToken),
        };
    }

    /// <summary>A client for a few small requests. The caller disposes it.</summary>
    public static HttpClient Client(string socketPath) => new(Handler(socketPath)) { BaseAddress = new Uri("http://plane/") };

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
