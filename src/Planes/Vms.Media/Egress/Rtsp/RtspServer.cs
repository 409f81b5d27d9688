using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Vms.Hosting;
using Vms.Media.Streams;
using Vms.Native.Udp;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Offers every camera over RTSP (RFC 2326) to recorders, players and other systems: one TCP port, and two UDP ports for
/// those that want datagrams. The port with TLS is in <c>RtspServer.Secure.cs</c>.</summary>
internal sealed partial class RtspServer : IDisposable
{
    /// <summary>Connections that have not yet shown a right: one more ends the oldest of them.</summary>
    private const int MaxStrangers = 64;

    private const int SocketBufferBytes = 4 << 20;
    private const int MaxPortTries = 50;
    private static readonly TimeSpan s_bindRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);

    private readonly IPEndPoint? _bind;
    private readonly int _maxConnections;
    private readonly int _threads;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly ConcurrentDictionary<RtspConnection, bool> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _look;
    private int _looking;           // 1 while the timer runs: only with connections
    private Socket? _listener;
    private UdpMediaSocket? _rtp;
    private UdpMediaSocket? _rtcp;
    private RtspDatagrams[] _datagrams = [];        // by number of egress thread
    private Task _accepting = Task.CompletedTask;
    private Task _acceptingSecure = Task.CompletedTask;
    private bool _disposed;

    /// <param name="bind">Where to listen; port 0 takes any.</param>
    /// <param name="secureBind">Where to listen for TLS; null: nowhere.</param>
    /// <param name="certificate">With <paramref name="secureBind"/>. Owned.</param>
    /// <param name="maxConnections">One more is closed at once.</param>
    public RtspServer(
        IPEndPoint? bind, IPEndPoint? secureBind, ServerCertificate? certificate, int maxConnections, EgressThreads threads, StreamRegistry registry,
        RtspAccess access, Viewings viewings, TimeProvider time, ILogger<RtspServer> logger)
    {
        _secureBind = secureBind;
        _certificate = certificate;
        _bind = bind;
        _maxConnections = maxConnections;
        _threads = threads.Count;
        Registry = registry;
        Access = access;
        Viewings = viewings;
        Time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        Streams = new SharedStreams<RtspStream>(threads, (stream, thread) =>
            new RtspStream(stream, thread, _datagrams.Length == 0 ? null : _datagrams[thread.Number], time));
    }

    public StreamRegistry Registry { get; }

    public RtspAccess Access { get; }

    public Viewings Viewings { get; }

    public TimeProvider Time { get; }

    public SharedStreams<RtspStream> Streams { get; }

    public RtspCounters Counters { get; } = new();

    /// <summary>A snapshot.</summary>
    public IReadOnlyCollection<RtspConnection> Connections => [.. _connections.Keys];

    /// <summary>Null until the port could be opened.</summary>
    public IPEndPoint? LocalEndPoint => (IPEndPoint?)_listener?.LocalEndPoint;

    public bool OffersUdp => _rtcp is not null;

    public (int Rtp, int Rtcp) UdpPorts => (_rtp?.LocalEndPoint.Port ?? 0, _rtcp?.LocalEndPoint.Port ?? 0);

    public bool HasSegmentation => _rtp?.HasSegmentation ?? false;

    /// <summary>Monotonic.</summary>
    public TimeSpan Now => Time.GetElapsedTime(_started);

    public void Start()
    {
        _look = Time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_bind is not null)
            _accepting = AcceptAsync(TryListen(_bind));
        if (_secureBind is not null)
            _acceptingSecure = AcceptSecureAsync(_secureBind);
    }

    /// <summary>The pipeline is gone.</summary>
    public void CloseAll(LiveStream stream)
    {
        foreach (var (connection, _) in _connections.Where(c => c.Key.Stream == stream))
            connection.End(RtspEnd.StreamRemoved);
    }

    /// <summary>Tells every viewer and stops. Before the egress threads, which still send the good-byes.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _look?.Dispose();
        _listener?.Dispose();
        _secureListener?.Dispose();
        foreach (var (connection, _) in _connections)
            connection.End(RtspEnd.Shutdown);
    }

    /// <summary>After the egress threads have ended.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Stop();
        foreach (var sender in _datagrams)
            sender.Dispose();
        _rtp?.Dispose();
        _rtcp?.Dispose();
        _certificate?.Dispose();
        _stop.Dispose();
    }

    internal void Playing(RtspConnection connection) =>
        Log.Playing(_logger, connection.Stream!.CameraId, connection.Stream.Name, connection.Id[..8], connection.IsUdp ? "UDP" : "TCP");

    private async Task AcceptAsync(bool listens)
    {
        try
        {
            while (!listens)
            {
                await Task.Delay(s_bindRetry, Time, _stop.Token);
                listens = TryListen(_bind!);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener!.AcceptAsync(_stop.Token);
                if (_connections.Count < _maxConnections)
                    _ = ServeAsync(socket, secure: null);
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
                await Task.Delay(TimeSpan.FromMilliseconds(100), Time);
            }
        }
    }

    private async Task ServeAsync(Socket socket, SslStream? secure)
    {
        RtspConnection connection;
        try
        {
            connection = new RtspConnection(this, socket, secure);
        }
        catch (SocketException)
        {
            if (secure is not null)
                await secure.DisposeAsync();
            socket.Dispose();       // gone already
            return;
        }

        MakeRoom();
        _connections[connection] = true;
        KeepLooking();
        if (_stop.IsCancellationRequested)
            connection.End(RtspEnd.Shutdown);
        try
        {
            await connection.RunAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.Failed(_logger, e, connection.Id[..8]);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
            if (connection.Stream is { } stream)
                Log.Ended(_logger, stream.CameraId, stream.Name, connection.Id[..8], connection.Ended);
        }
    }

    /// <summary>Slow strangers do not keep others out.</summary>
    private void MakeRoom()
    {
        var strangers = _connections.Keys.Where(c => c.User is null).ToList();
        if (strangers.Count >= MaxStrangers)
            strangers.MinBy(c => c.OpenedAtUtc)!.End(RtspEnd.TooSlow);
    }

    private void Look()
    {
        var now = Now;
        foreach (var (connection, _) in _connections)
            connection.Look(now);
        if (!_connections.IsEmpty)
            return;
        _look?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Volatile.Write(ref _looking, 0);
        if (!_connections.IsEmpty)      // one came in this moment
            KeepLooking();
    }

    private void KeepLooking()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 0)
            _look?.Change(s_lookInterval, s_lookInterval);
    }

    /// <returns>False when the port is taken. Another program may let go of it: recording does not wait for that.</returns>
    private bool TryListen(IPEndPoint bind)
    {
        if (OpenListener(bind, "VMS_RTSP_PORT") is not { } socket)
            return false;

        _listener = socket;
        if (TryBindPair(bind))
            _datagrams = [.. Enumerable.Range(0, _threads).Select(_ => new RtspDatagrams(_rtp!, _rtcp!, Counters))];
        else
            Log.NoUdp(_logger, bind);
        Log.Listening(_logger, LocalEndPoint!, UdpPorts.Rtp, UdpPorts.Rtcp);
        return true;
    }

    private Socket? OpenListener(IPEndPoint bind, string setting)
    {
        var socket = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            socket.Bind(bind);
            socket.Listen();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            Log.PortTaken(_logger, bind, setting, e.SocketErrorCode, s_bindRetry);
            return null;
        }
    }

    /// <summary>RTP on an even port and RTCP on the next (RFC 3550 §11): the RTSP port's number or the one below it.</summary>
    private bool TryBindPair(IPEndPoint bind)
    {
        for (int i = 0; i < (bind.Port == 0 ? MaxPortTries : 1); i++)
        {
            UdpMediaSocket? rtp = null;
            try
            {
                rtp = UdpMediaSocket.Bind(new IPEndPoint(bind.Address, bind.Port & ~1), SocketBufferBytes, 1 << 16);
                if (rtp.LocalEndPoint.Port % 2 == 0)
                {
                    _rtcp = UdpMediaSocket.Bind(new IPEndPoint(bind.Address, rtp.LocalEndPoint.Port + 1), 1 << 18, 1 << 16);
                    _rtp = rtp;
                    return true;
                }

                rtp.Dispose();
            }
            catch (SocketException)
            {
                rtp?.Dispose();     // taken: the next pair, or none
            }
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(2540, LogLevel.Information, "RTSP viewers on {EndPoint} (UDP {RtpPort}, {RtcpPort})")]
        public static partial void Listening(ILogger logger, IPEndPoint endPoint, int rtpPort, int rtcpPort);

        [LoggerMessage(2541, LogLevel.Error, "TCP {EndPoint} for RTSP viewers ({Setting}) cannot be opened ({Error}); trying again every {Retry}")]
        public static partial void PortTaken(ILogger logger, IPEndPoint endPoint, string setting, SocketError error, TimeSpan retry);

        [LoggerMessage(2542, LogLevel.Warning, "The UDP ports for RTSP viewers at {EndPoint} are taken; TCP only")]
        public static partial void NoUdp(ILogger logger, IPEndPoint endPoint);

        [LoggerMessage(2543, LogLevel.Warning, "An RTSP viewer could not be accepted ({Error})")]
        public static partial void AcceptFailed(ILogger logger, SocketError error);

        [LoggerMessage(2544, LogLevel.Error, "RTSP session {SessionId} failed; the others go on")]
        public static partial void Failed(ILogger logger, Exception exception, string sessionId);

        [LoggerMessage(2545, LogLevel.Debug, "Camera {CameraId} {Stream}: RTSP session {SessionId} plays over {Transport}")]
        public static partial void Playing(ILogger logger, string cameraId, string stream, string sessionId, string transport);

        [LoggerMessage(2547, LogLevel.Information, "RTSP viewers with TLS on {EndPoint}")]
        public static partial void ListeningSecure(ILogger logger, IPEndPoint endPoint);

        [LoggerMessage(2548, LogLevel.Debug, "RTSP viewer {Address}: no agreement on TLS ({Reason})")]
        public static partial void NoTls(ILogger logger, string address, string reason);

        [LoggerMessage(2546, LogLevel.Debug, "Camera {CameraId} {Stream}: RTSP session {SessionId} ended ({End})")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, string sessionId, RtspEnd end);
    }
}
