using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Vms.Rpc;

/// <summary>
/// Decides on which listeners calls are answered. A plane also listens on public ports; calls carry no credential,
/// so they are answered on unix sockets (guarded by the run directory's mode) and on listeners opened for them, nowhere else.
/// </summary>
public static class RpcListener
{
    /// <summary>Opens a TCP listener for calls: HTTP/2 without TLS, every connection marked.</summary>
    public static ListenOptions UseRpc(this ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http2;
        listener.Use(next => connection =>
        {
            connection.Features.Set(new OpenForCalls());
            return next(connection);
        });
        return listener;
    }

    internal static bool Accepts(IFeatureCollection features) =>
        features.Get<OpenForCalls>() is not null
        || IsUnixSocket(features);

    internal static bool IsUnixSocket(IFeatureCollection features) =>
        features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily is AddressFamily.Unix;

    private sealed class OpenForCalls;
}
