using System.Net;
using System.Security.Cryptography;
using Vms.Hosting;
using Vms.Media.Egress.Sound;
using Vms.Media.Streams;
using Vms.Native.OpenSsl;
using Vms.Native.Udp;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// All WebRTC viewers through one UDP socket: opens and ends their sessions, receives what they send
/// (<c>WebRtcServer.Receive.cs</c>), and puts those that play on the egress thread of their stream.
/// </summary>
internal sealed partial class WebRtcServer : IDisposable
{
    /// <summary>Open sessions; one more is answered with 503.</summary>
    public const int MaxSessions = 1000;

    private const int SocketBufferBytes = 4 << 20;
    private const int SessionIdBytes = 16;
    private static readonly TimeSpan s_closeDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ILogger _logger;
    private readonly UdpMediaSocket _socket;
    private readonly DtlsServerContext _dtls;
    private readonly DtlsFingerprint _fingerprint;
    private readonly DtlsHandshakes _handshakes;
    private readonly HostAddresses _addresses;
    private readonly WebRtcSessions _sessions = new();
    private readonly SharedStreams<WebRtcStream> _streams;
    private readonly IceTcpListener? _tcp;
    private readonly UdpSender[] _senders;          // by number of egress thread
    private readonly Progress _progress;
    private readonly Thread _receiver;
    private volatile bool _stopping;

    /// <param name="bind">Where to listen; port 0 takes any.</param>
    /// <param name="announced">Addresses from outside that lead here, see <see cref="HostAddresses"/>.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    /// <exception cref="DllNotFoundException">OpenSSL 3 is missing.</exception>
    public WebRtcServer(
        IPEndPoint bind, IReadOnlyList<IPEndPoint> announced, EgressThreads threads, ProgressMonitor progress, TimeProvider time,
        ILogger<WebRtcServer> logger)
    {
        _time = time;
        _started = time.GetTimestamp();
        _logger = logger;
        _dtls = new DtlsServerContext(time);
        _fingerprint = DtlsFingerprint.Sha256Of(_dtls.CertificateDer.Span);
        _socket = UdpMediaSocket.Bind(bind, SocketBufferBytes, SocketBufferBytes);
        _addresses = new HostAddresses(_socket.LocalEndPoint, announced, time);
        _handshakes = new DtlsHandshakes(_dtls, _socket, Counters, time, Play, Close);
        _senders = [.. Enumerable.Range(0, threads.Count).Select(_ => _socket.CreateSender())];
        _streams = new SharedStreams<WebRtcStream>(
            threads, (stream, thread) => new WebRtcStream(stream, thread, _senders[thread.Number], Counters, SoundCounters, time, logger));
        _tcp = IceTcpListener.TryListen(_socket.LocalEndPoint, time, logger, ReceiveByTcp, OnTcpEnded);
        _progress = progress.Register("webrtc receive");
        _receiver = new Thread(Receive) { Name = "vms webrtc receive", IsBackground = true };
    }

    public WebRtcCounters Counters { get; } = new();

    public SoundCounters SoundCounters { get; } = new();

    /// <summary>Where viewers send to.</summary>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    public IEnumerable<WebRtcSession> Sessions => _sessions.All;

    public IReadOnlyList<WebRtcStream> Streams => _streams.All;

    /// <summary>Monotonic, the sessions' clock.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_started);

    public void Start()
    {
        Log.Listening(_logger, _socket.LocalEndPoint, _socket.HasSegmentation ? "segmentation offload" : "single sends", DtlsServerContext.Version());
        _handshakes.Start();
        _receiver.Start();
        _tcp?.Start();
    }

    /// <summary>Opens a session for a viewer. Nothing is sent before <see cref="Accept"/> and the peer's checks.</summary>
    /// <param name="profile">Of the stream, see <see cref="LocalVideo"/>.</param>
    /// <param name="sound">Of the stream; null when it has none that can be sent.</param>
    /// <returns>Null when there are <see cref="MaxSessions"/>.</returns>
    public WebRtcSession? TryOpen(LiveStream stream, string user, H264ProfileLevelId profile, SoundFormat? sound)
    {
        if (_sessions.Count >= MaxSessions || _stopping)
            return null;

        var ssrcs = (Media: RandomSsrc(), Rtx: RandomSsrc(), Sound: RandomSsrc());
        var video = new LocalVideo(ssrcs.Media, ssrcs.Rtx, "vms-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), profile);
        var session = new WebRtcSession(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SessionIdBytes)), user, stream, _streams.Share(stream), stream.Demand(),
            video, sound is { } format ? new LocalSound(ssrcs.Sound, video.Cname, format) : null, _time.GetUtcNow(), Now);
        _sessions.Add(session);
        return session;
    }

    /// <summary>What to say about our end in an offer or answer for this session.</summary>
    public LocalTransport Describe(WebRtcSession session)
    {
        var addresses = _addresses.Current();
        var candidates = addresses.Select(a => new IceCandidate(a, IceTransport.Udp));
        if (_tcp is not null)
            candidates = candidates.Concat(addresses.Select(a => new IceCandidate(a, IceTransport.Tcp)));
        return new LocalTransport(session.Credentials, _fingerprint, [.. candidates]);
    }

    /// <summary>Both descriptions are known.</summary>
    public void Accept(WebRtcSession session, NegotiatedVideo negotiated, NegotiatedSound? sound)
    {
        session.Accept(negotiated, sound);
        Play(session);
    }

    /// <summary>Gives a session new ICE credentials (RFC 8445 §9); DTLS, keys and numbers go on. The old ones count until the peer has chosen a
    /// way by a check with the new ones.</summary>
    /// <param name="remoteFragment">The peer's new one; null when its answer will say.</param>
    public void RestartIce(WebRtcSession session, string? remoteFragment)
    {
        _sessions.Forget(session.RestartIce(remoteFragment, Now));
        _sessions.AddFragment(session, session.Credentials.UserFragment);
        Counters.IceRestarted();
        Log.Restarted(_logger, session.Stream.CameraId, session.Stream.Name, session.Id[..8]);
    }

    public bool TryFind(string id, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WebRtcSession? session) =>
        _sessions.TryFind(id, out session);

    /// <summary>Ends a session; the peer is told.</summary>
    public void Close(WebRtcSession session, SessionEnd end)
    {
        if (!session.TryEnd(end, out var viewer))
            return;

        Log.Ended(_logger, session.Stream.CameraId, session.Stream.Name, session.Id[..8], end, viewer?.PacketsSent ?? 0);
        _sessions.Remove(session);
        if (viewer is not null)
            session.Egress.Detach(viewer);
        _streams.Release(session.Egress);
        _handshakes.Close(session.Dtls);
        session.Demand.Dispose();
        if (session.Connections.Count > 0)
            _ = CloseSoonAsync(session.Connections);
    }

    /// <summary>The pipeline is gone.</summary>
    public void CloseAll(LiveStream stream)
    {
        foreach (var session in _sessions.All.Where(s => s.Stream == stream))
            Close(session, SessionEnd.StreamRemoved);
    }

    /// <summary>Tells every viewer and stops. Before the egress threads, which still send the good-byes.</summary>
    public void Stop()
    {
        if (_stopping)
            return;
        _stopping = true;
        foreach (var session in _sessions.All)
            Close(session, SessionEnd.Shutdown);
        if (_receiver.IsAlive)
            _receiver.Join();
        _handshakes.Dispose();
        _progress.Dispose();
    }

    /// <summary>After the egress threads have ended.</summary>
    public void Dispose()
    {
        Stop();
        _tcp?.Dispose();
        foreach (var sender in _senders)
            sender.Dispose();
        _socket.Dispose();
        _dtls.Dispose();
    }

    private void Play(WebRtcSession session)
    {
        var end = session.TryPlay(_socket.HasSegmentation, Counters, out var viewer);
        if (end != SessionEnd.None)
        {
            Close(session, end);
            return;
        }

        if (viewer is null)
            return;
        session.Watch();
        Log.Playing(_logger, session.Stream.CameraId, session.Stream.Name, session.Id[..8], _time.GetUtcNow() - session.OpenedAtUtc);
    }

    /// <summary>Good-bye and close_notify still have to get out.</summary>
    private async Task CloseSoonAsync(IReadOnlyList<IceTcpConnection> connections)
    {
        await Task.Delay(s_closeDelay, _time);
        foreach (var connection in connections)
            connection.Close();
    }

    private static uint RandomSsrc() => (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    private static partial class Log
    {
        [LoggerMessage(2510, LogLevel.Information, "WebRTC viewers on {EndPoint} ({Sending}; {OpenSsl})")]
        public static partial void Listening(ILogger logger, IPEndPoint endPoint, string sending, string openSsl);

        [LoggerMessage(2511, LogLevel.Debug, "Camera {CameraId} {Stream}: WebRTC session {SessionId} plays {Elapsed} after it was opened")]
        public static partial void Playing(ILogger logger, string cameraId, string stream, string sessionId, TimeSpan elapsed);

        [LoggerMessage(2512, LogLevel.Debug, "Camera {CameraId} {Stream}: WebRTC session {SessionId} ended ({End}) after {Packets} packets")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, string sessionId, SessionEnd end, long packets);

        [LoggerMessage(2514, LogLevel.Debug, "Camera {CameraId} {Stream}: WebRTC session {SessionId} restarts ICE")]
        public static partial void Restarted(ILogger logger, string cameraId, string stream, string sessionId);

        [LoggerMessage(2513, LogLevel.Error, "Receiving from WebRTC viewers failed; going on")]
        public static partial void ReceiveFailed(ILogger logger, Exception exception);
    }
}
