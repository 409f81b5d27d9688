using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Vms.Media.Egress.Hls;

/// <summary>Puts an <see cref="HlsListener"/> behind Kestrel's TCP ports, where there is an <see cref="HlsServer"/>.</summary>
internal sealed class HlsListenerFactory(LiveEgress egress, IMemoryPoolFactory<byte> pools, ILogger<HlsListener> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => OperatingSystem.IsLinux() && egress.Hls is not null && endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (!OperatingSystem.IsLinux() || egress.Hls is not { } server)
            throw new NotSupportedException("Only where CanBind says so");
        return ValueTask.FromResult<IConnectionListener>(HlsListener.Bind((IPEndPoint)endpoint, server, pools.Create(), logger));
    }
}

/// <summary>Accepts connections for the <see cref="HlsServer"/>; Kestrel accepts from here those that it leaves.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class HlsListener : IConnectionListener, IMemoryPoolFeature
{
    private const int Backlog = 512;        // as Kestrel's own
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly HlsServer _server;
    private readonly ILogger _logger;
    private readonly Channel<Socket> _others = Channel.CreateUnbounded<Socket>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SocketConnectionContextFactory _contexts;
    private readonly Task _accepting;

    private HlsListener(Socket socket, HlsServer server, MemoryPool<byte> pool, ILogger logger)
    {
        _socket = socket;
        _server = server;
        MemoryPool = pool;
        _logger = logger;
        _contexts = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
        EndPoint = socket.LocalEndPoint!;
        _accepting = Task.Run(AcceptAllAsync);
    }

    public EndPoint EndPoint { get; }

    /// <summary>What Kestrel writes its answers into. The factory's contexts bring the shared pool, whose smallest piece is empty: too small
    /// for Kestrel.</summary>
    public MemoryPool<byte> MemoryPool { get; }

    public static HlsListener Bind(IPEndPoint endpoint, HlsServer server, MemoryPool<byte> pool, ILogger logger)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return new HlsListener(socket, server, pool, logger);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException(e.Message, e);
        }
    }

    /// <summary>The connection's next requests may be <see cref="HlsServer"/>'s again, were it a new one.</summary>
    /// <remarks>Never in TLS: there Kestrel answers everything, and a handshake for each answer would be the worse of the two.</remarks>
    public static bool IsBehind(HttpContext context) => !context.Request.IsHttps && context.Features.Get<HlsListener>() is not null;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _others.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_others.Reader.TryRead(out var socket) && TryDescribe(socket, out var connection))
                return connection;
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        await _accepting;
        _others.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(CancellationToken.None);
        while (_others.Reader.TryRead(out var socket))
            socket.Dispose();
        _contexts.Dispose();
        MemoryPool.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync();
                socket.NoDelay = true;
                _server.Take(socket, _others.Writer);
            }
            catch (Exception e) when (e is ObjectDisposedException || e is SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;     // unbound
            }
            catch (SocketException e)
            {
                Log.AcceptFailed(_logger, e);
                // Not that client's fault: no descriptors are left for a moment. Asking again at once would only keep a core busy.
                if (e.SocketErrorCode != SocketError.ConnectionAborted)
                    await Task.Delay(s_pause, _server.Time);
            }
        }
    }

    private bool TryDescribe(Socket socket, [NotNullWhen(true)] out ConnectionContext? connection)
    {
        connection = null;
        try
        {
            connection = _contexts.Create(socket);
            connection.Features.Set(this);
            connection.Features.Set<IMemoryPoolFeature>(this);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();       // gone while it changed hands
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2591, LogLevel.Debug, "A connection could not be accepted")]
        public static partial void AcceptFailed(ILogger logger, Exception exception);
    }
}
