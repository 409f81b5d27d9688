using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Vms.Rpc;

/// <summary>
/// Calls the methods of one server. Connects when the first call is made and again after a connection was lost; any thread.
/// A call that fails is not repeated: the caller knows whether that is safe.
/// </summary>
/// <remarks>A method is written "package.Service/Method". Streams without an end take an infinite deadline.</remarks>
public sealed class RpcChannel : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _http;
    private readonly Uri _baseAddress;
    private readonly TimeProvider _time;

    /// <param name="address"><c>http://host:port</c> (HTTP/2 without TLS), <c>https://host:port</c> or <c>unix:///path.sock</c>.</param>
    /// <param name="timeProvider">Clock of the deadlines; the system's when null.</param>
    public RpcChannel(Uri address, TimeProvider? timeProvider = null)
    {
        _time = timeProvider ?? TimeProvider.System;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = s_connectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = s_pingInterval,
            KeepAlivePingTimeout = s_pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        switch (address.Scheme)
        {
            case "unix":
                var endPoint = new UnixDomainSocketEndPoint(address.LocalPath);
                handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(endPoint, cancellationToken);
                _baseAddress = new Uri("http://localhost/");
                break;
            case "http" or "https":
                _baseAddress = address;
                break;
            default:
                handler.Dispose();
                throw new ArgumentException($"Expected http://, https:// or unix://, not '{address.Scheme}'.", nameof(address));
        }

        _http = new HttpMessageInvoker(handler);
    }

    /// <exception cref="RpcException">The call ended with another status than OK, or the server cannot be reached (UNAVAILABLE).</exception>
    public Task<TReply> UnaryAsync<TRequest, TReply>(
        string method, TRequest request, MessageParser<TReply> parser, RpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        ClientStreamingAsync(method, Only(request), parser, options, cancellationToken);

    /// <inheritdoc cref="UnaryAsync"/>
    public async Task<TReply> ClientStreamingAsync<TRequest, TReply>(
        string method, IAsyncEnumerable<TRequest> requests, MessageParser<TReply> parser, RpcCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply>
    {
        await using var call = new RpcClientCall<TRequest, TReply>(
            new Uri(_baseAddress, method), requests, parser, options, _time, cancellationToken);
        await call.StartAsync(_http);
        return await call.ReadOnlyAsync();
    }

    /// <inheritdoc cref="UnaryAsync"/>
    /// <remarks>Leaving the loop early ends the call on the server too.</remarks>
    public IAsyncEnumerable<TReply> ServerStreamingAsync<TRequest, TReply>(
        string method, TRequest request, MessageParser<TReply> parser, RpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        DuplexAsync(method, Only(request), parser, options, cancellationToken);

    /// <inheritdoc cref="UnaryAsync"/>
    /// <remarks>Leaving the loop early ends the call on the server too.</remarks>
    public async IAsyncEnumerable<TReply> DuplexAsync<TRequest, TReply>(
        string method, IAsyncEnumerable<TRequest> requests, MessageParser<TReply> parser, RpcCallOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply>
    {
        await using var call = new RpcClientCall<TRequest, TReply>(
            new Uri(_baseAddress, method), requests, parser, options, _time, cancellationToken);
        await call.StartAsync(_http);
        while (await call.ReadAsync() is { } reply) yield return reply;
    }

    public void Dispose() => _http.Dispose();

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

    private static async IAsyncEnumerable<T> Only<T>(T message)
    {
        await Task.CompletedTask;
        yield return message;
    }
}
