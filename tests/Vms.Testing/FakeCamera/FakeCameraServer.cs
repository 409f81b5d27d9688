using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>
/// An RTSP server that plays N cameras: <c>rtsp://127.0.0.1:port/cam/1</c> and so on, over TCP interleaved and UDP. It sends
/// encoded footage as it is, every frame at its time and with a <see cref="FrameStamp"/>.
/// </summary>
/// <remarks>One thread paces all cameras; requests are answered by tasks. Loopback only.</remarks>
public sealed partial class FakeCameraServer : IAsyncDisposable
{
    internal const byte PayloadType = 96;

    private const long NsPerMillisecond = 1_000_000;
    private const int IdleMilliseconds = 100;
    private const int UdpSendBuffer = 4 << 20;

    private readonly Socket _listener;
    private readonly Socket _rtp;
    private readonly Socket _rtcp;
    private readonly FakeCamera[] _cameras;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _pacer;
    private readonly Task _accepting;
    private readonly Task _receivingRtcp;
    private volatile RtspConnection[] _connections = [];
    private volatile bool _stopping;
    private long _bytesSent;
    private long _framesSent;
    private long _framesDropped;
    private long _udpErrors;
    private int _clientRtcp;

    private FakeCameraServer(FakeCameraOptions options, Socket listener, Socket rtp, Socket rtcp)
    {
        Options = options;
        _listener = listener;
        _rtp = rtp;
        _rtcp = rtcp;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        UdpPort = ((IPEndPoint)rtp.LocalEndPoint!).Port;
        long epoch = FrameStamp.NowNs;
        _cameras = [.. Enumerable.Range(1, options.Cameras).Select(number =>
            new FakeCamera(number, options, options.FootageOf.GetValueOrDefault(number, options.Footage), epoch))];
        _pacer = new Thread(Pace) { Name = "fake camera pacer", IsBackground = true };
        _pacer.Start();
        _accepting = AcceptAsync();
        _receivingRtcp = ReceiveRtcpAsync();
    }

    public int Port { get; }

    /// <summary>Where RTP comes from over UDP; RTCP from the next one.</summary>
    public int UdpPort { get; }

    public IReadOnlyList<FakeCamera> Cameras => _cameras;

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public long FramesSent => Interlocked.Read(ref _framesSent);

    /// <summary>Frames a slow TCP client did not get.</summary>
    public long FramesDropped => Interlocked.Read(ref _framesDropped);

    public long UdpErrors => Interlocked.Read(ref _udpErrors);

    /// <summary>RTCP datagrams that came over UDP.</summary>
    public int ClientRtcp => Volatile.Read(ref _clientRtcp);

    public int Viewers => _connections.Count(connection => connection.IsPlaying);

    internal FakeCameraOptions Options { get; }

    public static FakeCameraServer Start(FakeCameraOptions options)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, options.Port));
        listener.Listen(1024);
        var (rtp, rtcp) = BindUdpPair(options.UdpPort);
        foreach (var socket in (Socket[])[rtp, rtcp])
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        return new FakeCameraServer(options, listener, rtp, rtcp);
    }

    /// <summary>One server with <paramref name="cameras"/> cameras on <see cref="FootageSpec.Small"/>.</summary>
    public static async Task<FakeCameraServer> StartSmallAsync(int cameras = 1) =>
        Start(new FakeCameraOptions { Footage = await VideoFootage.LoadAsync(FootageSpec.Small), Cameras = cameras });

    /// <param name="number">From 1.</param>
    public FakeCamera Camera(int number) => _cameras[number - 1];

    /// <summary>Without credentials.</summary>
    public string UrlOf(int number) => $"rtsp://127.0.0.1:{Port}/cam/{number}";

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _listener.Dispose();
        _wake.Set();
        _pacer.Join();
        foreach (var connection in _connections)
            connection.Close();
        _rtp.Dispose();
        _rtcp.Dispose();
        await _accepting;
        await _receivingRtcp;
        _wake.Dispose();
    }

    internal void WakePacer()
    {
        if (!_stopping)
            _wake.Set();
    }

    internal FakeCamera? CameraOf(string uri)
    {
        var match = CameraPath().Match(uri);
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1 && number <= _cameras.Length ? _cameras[number - 1] : null;
    }

    internal void CountFrame(int bytes)
    {
        Interlocked.Increment(ref _framesSent);
        Interlocked.Add(ref _bytesSent, bytes);
    }

    internal void CountDropped() => Interlocked.Increment(ref _framesDropped);

    internal void SendRtp(ReadOnlySpan<byte> packet, SocketAddress to) => SendUdp(_rtp, packet, to);

    internal void SendRtcp(ReadOnlySpan<byte> packet, SocketAddress to) => SendUdp(_rtcp, packet, to);

    internal void Remove(RtspConnection connection)
    {
        lock (_gate)
            _connections = [.. _connections.Where(other => other != connection)];
    }

    private void Pace()
    {
        while (!_stopping)
        {
            long now = FrameStamp.NowNs;
            long next = now + (IdleMilliseconds * NsPerMillisecond);
            foreach (var connection in _connections)
                next = Math.Min(next, connection.Pump(now));
            long wait = (next - FrameStamp.NowNs + NsPerMillisecond - 1) / NsPerMillisecond;
            if (wait > 0)
                _wake.WaitOne((int)wait);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping)
        {
            try
            {
                var connection = new RtspConnection(await _listener.AcceptAsync(), this);
                lock (_gate)
                    _connections = [.. _connections, connection];
                _ = connection.RunAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (!_stopping && e is ObjectDisposedException)
                    throw;      // nobody else closes the listener
            }
        }
    }

    private async Task ReceiveRtcpAsync()
    {
        byte[] buffer = new byte[2048];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!_stopping)
        {
            try
            {
                await _rtcp.ReceiveFromAsync(buffer, SocketFlags.None, from);
                Interlocked.Increment(ref _clientRtcp);
                foreach (var connection in _connections.Where(connection => connection.OwnsRtcpPeer(from)))
                    connection.MarkActive();
            }
            catch (SocketException)
            {
                // An ICMP answer to an earlier send: that client is gone, its connection says so too.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void SendUdp(Socket socket, ReadOnlySpan<byte> packet, SocketAddress to)
    {
        if (_cameras.Any(camera => camera.Faults.DropUdp))
            return;

        try
        {
            socket.SendTo(packet, SocketFlags.None, to);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _udpErrors);
        }
    }

    private static (Socket Rtp, Socket Rtcp) BindUdpPair(int port)
    {
        for (int attempt = 0; ; attempt++)
        {
            var rtp = NewUdpSocket();
            var rtcp = NewUdpSocket();
            try
            {
                rtp.Bind(new IPEndPoint(IPAddress.Loopback, port == 0 ? FreePort.Udp() & ~1 : port));
                rtcp.Bind(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)rtp.LocalEndPoint!).Port + 1));
                return (rtp, rtcp);
            }
            catch (SocketException) when (port == 0 && attempt < 50)
            {
                rtp.Dispose();
                rtcp.Dispose();
            }
        }
    }

    private static Socket NewUdpSocket() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
    {
        SendBufferSize = UdpSendBuffer,
    };

    [GeneratedRegex("^rtsp://[^/]+/cam/([0-9]{1,5})([/?].*)?$")]
    private static partial Regex CameraPath();
}
