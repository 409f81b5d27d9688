using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Accepts viewers by TCP on the number of the UDP port (ICE-TCP in the passive role, RFC 6544).</summary>
internal sealed partial class IceTcpListener : IDisposable
{
    /// <summary>Open connections, those without a session included; one more is closed at once.</summary>
    private const int MaxConnections = 1000;

    /// <summary>Those without a valid check; one more ends the oldest, so that nobody keeps viewers out by saying nothing.</summary>
    private const int MaxStrangers = 64;

    /// <summary>To the first valid check.</summary>
    private static readonly TimeSpan s_checkPatience = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<IceTcpConnection, Memory<byte>> _received;
    private readonly Action<IceTcpConnection> _ended;
    private readonly ConcurrentDictionary<IceTcpConnection, long> _connections = new();     // value: in the order of their coming
    private readonly CancellationTokenSource _stop = new();
    private long _accepted;

    private IceTcpListener(
        Socket listener, TimeProvider time, ILogger logger, Action<IceTcpConnection, Memory<byte>> received, Action<IceTcpConnection> ended)
    {
        _listener = listener;
        _time = time;
        _logger = logger;
        _received = received;
        _ended = ended;
    }

    /// <param name="received">Called with each packet, borrowed and writable.</param>
    /// <param name="ended">The connection is gone.</param>
    /// <returns>Null when the port is taken: there is no TCP candidate then.</returns>
    public static IceTcpListener? TryListen(
        IPEndPoint local, TimeProvider time, ILogger logger, Action<IceTcpConnection, Memory<byte>> received, Action<IceTcpConnection> ended)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            socket.Bind(local);
            socket.Listen();
            return new IceTcpListener(socket, time, logger, received, ended);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            Log.NoTcp(logger, local, e.SocketErrorCode);
            return null;
        }
    }

    public void Start() => _ = AcceptAsync();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        foreach (var (connection, _) in _connections)
            connection.Close();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                MakeRoom();
                if (_connections.Count < MaxConnections && TryTake(socket) is { } connection)
                    _ = ServeAsync(connection);
                else
                    socket.Dispose();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // The peer gave up in between, or the process is out of descriptors: the next one may succeed.
                Log.AcceptFailed(_logger, e.SocketErrorCode);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time);
            }
        }
    }

    private void MakeRoom()
    {
        var strangers = _connections.Where(c => !c.Key.IsValidated).ToList();
        if (strangers.Count < MaxStrangers)
            return;
        var oldest = strangers.MinBy(c => c.Value).Key;
        _connections.TryRemove(oldest, out _);
        oldest.Close();
    }

    /// <returns>Null when the peer is gone already.</returns>
    private IceTcpConnection? TryTake(Socket socket)
    {
        try
        {
            var connection = new IceTcpConnection(socket);
            _connections[connection] = ++_accepted;
            return connection;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task ServeAsync(IceTcpConnection connection)
    {
        // A peer whose bytes are always there already would keep the accepting loop to itself.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var patience = _time.CreateTimer(
            _ => CloseUnlessValidated(connection), null, s_checkPatience, Timeout.InfiniteTimeSpan);
        try
        {
            await connection.ReadAsync(packet => _received(connection, packet), CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            // The peer has closed, or we have.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Close();
            _ended(connection);
        }
    }

    private static void CloseUnlessValidated(IceTcpConnection connection)
    {
        if (!connection.IsValidated)
            connection.Close();
    }

    private static partial class Log
    {
        [LoggerMessage(2530, LogLevel.Warning, "TCP {EndPoint} for WebRTC viewers without UDP cannot be opened ({Error}); UDP only")]
        public static partial void NoTcp(ILogger logger, IPEndPoint endPoint, SocketError error);

        [LoggerMessage(2531, LogLevel.Warning, "A WebRTC viewer could not be accepted by TCP ({Error})")]
        public static partial void AcceptFailed(ILogger logger, SocketError error);
    }
}
