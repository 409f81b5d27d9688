using System.Net;
using Microsoft.AspNetCore.Http;

namespace Vms.Rpc;

/// <summary>What a handler knows about the call it serves. Valid until the handler ends.</summary>
public sealed class RpcContext
{
    internal RpcContext(HttpContext http, string method, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        Http = http;
        Method = method;
        Deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>"package.Service/Method".</summary>
    public string Method { get; }

    /// <summary>Wall clock at which the caller gives up; null when it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Cancelled when the caller hangs up or the deadline passes.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Services of the process.</summary>
    public IServiceProvider Services => Http.RequestServices;

    /// <summary>Sent after the messages, with the status.</summary>
    public RpcMetadata Trailers { get; } = new();

    /// <summary>Headers the caller added.</summary>
    public RpcMetadata Metadata => field ??= ReadMetadata();

    /// <summary>Who calls, for logs: "unix" or "address:port".</summary>
    public string Peer => RpcListener.IsUnixSocket(Http.Features)
        ? "unix"
        : new IPEndPoint(Http.Connection.RemoteIpAddress ?? IPAddress.None, Http.Connection.RemotePort).ToString();

    internal HttpContext Http { get; }

    private RpcMetadata ReadMetadata()
    {
        var metadata = new RpcMetadata();
        foreach (var header in Http.Request.Headers)
            foreach (var value in header.Value)
                metadata.AddReceived(header.Key, value ?? "");
        return metadata;
    }
}
