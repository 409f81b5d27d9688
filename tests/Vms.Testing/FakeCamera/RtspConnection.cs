using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>One client's RTSP connection: answers requests and owns the <see cref="RtpSession"/>. Its lock covers the socket's
/// write side and the session; nothing under it waits.</summary>
internal sealed partial class RtspConnection
{
    private const int MaxPending = 8 << 20;     // a client further behind loses frames up to its next keyframe
    private const int MaxReplayPending = 256 << 10;
    private const int MaxRequest = 64 << 10;

    private readonly Socket _socket;
    private readonly FakeCameraServer _server;
    private readonly RtspAuthenticator _authenticator;
    private readonly IPAddress _client;
    private readonly string _sessionId = RandomNumberGenerator.GetHexString(8);
    private readonly Lock _gate = new();
    private byte[] _pending = new byte[16 << 10];
    private int _pendingFrom;
    private int _pendingTo;
    private FakeCamera? _camera;
    private RtpSession? _session;
    private FakeReplay? _replay;
    private readonly Dictionary<int, SideTrackSession> _sides = [];
    private long _lastActivityNs = FrameStamp.NowNs;
    private volatile bool _closed;

    public RtspConnection(Socket socket, FakeCameraServer server)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.Blocking = false;
        _server = server;
        _client = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        _authenticator = new RtspAuthenticator(server.Options.Authentication, server.Options.User, server.Options.Password);
    }

    public bool IsClosed => _closed;

    public bool IsPlaying => _session is { IsPlaying: true };

    /// <summary>Too much waits for the client to be read.</summary>
    public bool IsBehind => _pendingTo - _pendingFrom > MaxPending;

    public bool OwnsRtcpPeer(SocketAddress peer) => _session?.RtcpPeer is { } mine && mine.Equals(new IPEndPoint(0, 0).Create(peer));

    /// <summary>Answers requests until the client goes.</summary>
    public async Task RunAsync()
    {
        byte[] buffer = new byte[MaxRequest];
        int length = 0;
        try
        {
            while (!_closed)
            {
                int read = await _socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None);
                if (read == 0)
                    break;
                length += read;
                int used = HandleAll(buffer.AsSpan(0, length));
                buffer.AsSpan(used, length - used).CopyTo(buffer);
                length -= used;
                if (length == buffer.Length)
                    break;
            }
        }
        catch (SocketException)
        {
            // The client went; so do we.
        }
        catch (ObjectDisposedException)
        {
            // Closed from our side.
        }

        Close();
    }

    /// <summary>Called by the pacing thread.</summary>
    /// <returns>When to call again.</returns>
    public long Pump(long nowNs)
    {
        lock (_gate)
        {
            if (!_closed && _replay is { } replay)
                return PumpReplay(replay, nowNs);
            if (_closed || _session is not { IsPlaying: true } session)
                return long.MaxValue;
            if (nowNs - _lastActivityNs > _server.Options.SessionTimeout.Ticks * 100)
            {
                Abort();
                return long.MaxValue;
            }

            FlushPending();
            long next = session.Pump(nowNs);
            foreach (var side in _sides.Values)
                next = Math.Min(next, side.Pump(nowNs));
            return _pendingTo > _pendingFrom ? Math.Min(next, nowNs + 2_000_000) : next;
        }
    }

    private long PumpReplay(FakeReplay replay, long nowNs)
    {
        FlushPending();
        while (!_closed && !replay.IsOver && _pendingTo - _pendingFrom < MaxReplayPending)
        {
            if (replay.Breaks)
            {
                Abort();
                return long.MaxValue;
            }

            if (replay.IsSilent)
            {
                Send(replay.Report());
                return nowNs + 500_000_000;
            }

            Send(replay.Take());
        }

        return replay.IsOver && _pendingTo == _pendingFrom ? long.MaxValue : nowNs + 1_000_000;
    }

    public void MarkActive() => Volatile.Write(ref _lastActivityNs, FrameStamp.NowNs);

    /// <summary>Under the lock, or from the session which is.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (_closed)
            return;

        if (_pendingTo == _pendingFrom)
        {
            int sent = _socket.Send(bytes, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                Abort();
                return;
            }

            bytes = bytes[Math.Max(sent, 0)..];
        }

        if (bytes.IsEmpty)
            return;
        if (_pendingTo + bytes.Length > _pending.Length)
        {
            _pending.AsSpan(_pendingFrom.._pendingTo).CopyTo(_pending);
            _pendingTo -= _pendingFrom;
            _pendingFrom = 0;
            if (_pendingTo + bytes.Length > _pending.Length)
                Array.Resize(ref _pending, (_pendingTo + bytes.Length) * 2);
        }

        bytes.CopyTo(_pending.AsSpan(_pendingTo));
        _pendingTo += bytes.Length;
    }

    public void SendRaw(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (_session is { IsPlaying: true, IsTcp: true })
                Send(bytes.Span);
        }
    }

    public void SkipSound()
    {
        lock (_gate)
        {
            foreach (var side in _sides.Values)
                side.Skip();
        }
    }

    public void SendGoodbye()
    {
        lock (_gate)
        {
            if (_session is { IsPlaying: true } session)
                session.SendGoodbye(FrameStamp.NowNs);
        }
    }

    public void Close()
    {
        Abort();
        _camera?.Remove(this);
        _server.Remove(this);
    }

    private void Abort()
    {
        if (_closed)
            return;
        _closed = true;
        _socket.Dispose();
    }

    private void FlushPending()
    {
        while (_pendingTo > _pendingFrom && !_closed)
        {
            int sent = _socket.Send(_pending.AsSpan(_pendingFrom.._pendingTo), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (error != SocketError.Success)
            {
                Abort();
                return;
            }

            _pendingFrom += sent;
        }

        _pendingFrom = _pendingTo = 0;
    }

    private int HandleAll(ReadOnlySpan<byte> bytes)
    {
        int total = 0;
        while (!_closed)
        {
            var request = RtspRequest.Read(bytes[total..], out int used, out bool wasRtcp);
            if (used == 0)
                break;
            total += used;
            MarkActive();
            if (wasRtcp)
                _camera?.CountClientRtcp();
            if (request is not null)
                Handle(request);
        }

        return total;
    }

    private void Handle(RtspRequest request)
    {
        var camera = _server.CameraOf(request.Uri);
        if (camera is not null && _camera is null)
        {
            _camera = camera;
            camera.Add(this);
        }

        camera ??= _camera;
        camera?.CountRequest(request.Method, _session is not null);
        if (camera?.Faults.StopAnswering == true)
            return;

        if (request.Method == "OPTIONS" && _session is null)
        {
            Reply(request, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER\r\n");
            return;
        }

        if (camera is null || camera.Faults.RefusePath)
        {
            Reply(request, "404 Not Found", "");
            return;
        }

        if (!IsAuthorized(request, camera))
        {
            Reply(request, "401 Unauthorized", _authenticator.Challenge);
            return;
        }

        switch (request.Method)
        {
            case "OPTIONS" or "GET_PARAMETER" or "SET_PARAMETER":
                Reply(request, "200 OK", Session());
                break;
            case "DESCRIBE":
                Describe(request, camera);
                break;
            case "SETUP":
                SetUp(request, camera);
                break;
            case "PLAY":
                Play(request);
                break;
            case "TEARDOWN":
                lock (_gate)
                {
                    _session?.Stop();
                    _replay = null;
                }

                Reply(request, "200 OK", Session());
                break;
            default:
                Reply(request, "501 Not Implemented", "");
                break;
        }
    }

    private bool IsAuthorized(RtspRequest request, FakeCamera camera)
    {
        if (_authenticator.IsOpen)
            return true;
        if (!request.Headers.TryGetValue("Authorization", out string? authorization))
            return false;

        bool right = _authenticator.Check(request, authorization);
        camera.CountLogin(right);
        return right;
    }

    private void Describe(RtspRequest request, FakeCamera camera)
    {
        string sdp = FakeCameraSdp.Of(camera);
        string uri = request.Uri.EndsWith('/') ? request.Uri : request.Uri + "/";
        int length = Encoding.Latin1.GetByteCount(sdp) + camera.Faults.ContentLengthError;
        Reply(request, "200 OK", $"Content-Type: application/sdp\r\nContent-Base: {uri}\r\nContent-Length: {length}\r\n", sdp);
    }

    private void SetUp(RtspRequest request, FakeCamera camera)
    {
        string transport = request.Headers.GetValueOrDefault("Transport", "");
        bool tcp = transport.Contains("TCP", StringComparison.OrdinalIgnoreCase);
        var port = ClientPort().Match(transport);
        if ((tcp && camera.Faults.RefuseTcp) || (!tcp && (camera.Faults.RefuseUdp || (!port.Success && _server.Options.MulticastGroup is null))))
        {
            Reply(request, "461 Unsupported Transport", "");
            return;
        }

        var named = TrackNumber().Match(request.Uri);
        if (named.Success && int.Parse(named.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is > 0 and var track)
        {
            SetUpSide(request, camera, track, tcp, transport, port);
            return;
        }

        if (transport.Contains("multicast", StringComparison.OrdinalIgnoreCase) && _server.Options.MulticastGroup is { } group)
        {
            var everybody = RtpSession.OverUdp(this, camera, _server, group.Address, group.Port);
            lock (_gate)
                _session = everybody;
            Reply(request, "200 OK", Session() + $"Transport: RTP/AVP;multicast;destination={group.Address};port={group.Port}-{group.Port + 1};ttl=1\r\n");
            return;
        }

        if (tcp)
        {
            var channel = Interleaved().Match(transport);
            int number = channel.Success ? int.Parse(channel.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
            var session = RtpSession.OverTcp(this, camera, _server, number);
            lock (_gate)
                _session = session;
            Reply(request, "200 OK", Session() + $"Transport: RTP/AVP/TCP;unicast;interleaved={number}-{number + 1};ssrc={session.Ssrc:X8}\r\n");
            return;
        }

        int rtp = int.Parse(port.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var udp = RtpSession.OverUdp(this, camera, _server, _client, rtp);
        lock (_gate)
            _session = udp;
        Reply(request, "200 OK", Session()
            + $"Transport: RTP/AVP;unicast;client_port={rtp}-{rtp + 1};server_port={_server.UdpPort}-{_server.UdpPort + 1};ssrc={udp.Ssrc:X8}\r\n");
    }

    private void SetUpSide(RtspRequest request, FakeCamera camera, int track, bool tcp, string transport, Match port)
    {
        if (track > camera.SideTracks.Count)
        {
            Reply(request, "404 Not Found", "");
            return;
        }

        int number = tcp
            ? int.Parse(Interleaved().Match(transport).Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : int.Parse(port.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var side = new SideTrackSession(this, camera, _server, camera.SideTracks[track - 1])
        {
            Channel = number,
            RtpTo = tcp ? null : new IPEndPoint(_client, number).Serialize(),
            RtcpTo = tcp ? null : new IPEndPoint(_client, number + 1).Serialize(),
        };
        lock (_gate)
            _sides[track] = side;
        Reply(request, "200 OK", Session() + (tcp
            ? $"Transport: RTP/AVP/TCP;unicast;interleaved={number}-{number + 1}\r\n"
            : $"Transport: RTP/AVP;unicast;client_port={number}-{number + 1};server_port={_server.UdpPort}-{_server.UdpPort + 1}\r\n"));
    }

    private void Play(RtspRequest request)
    {
        lock (_gate)
        {
            if (_session is null)
            {
                Reply(request, "455 Method Not Valid in This State", "");
                return;
            }

            if (_camera?.Recording is { PlaysByUrl: true } byUrl)
            {
                _replay = FakeReplay.OfUrl(_camera, byUrl, request.Uri, _session.Channel, _session.Ssrc, Sides());
                Reply(request, _replay is null ? "404 Not Found" : "200 OK", Session());
                return;
            }

            if (_camera?.Recording is { } recording && request.Headers.TryGetValue("Range", out string? range) && range.StartsWith("clock=", StringComparison.Ordinal))
            {
                PlayRecording(request, _camera, recording, range, _session);
                return;
            }

            long now = FrameStamp.NowNs;
            string info = _session.Play(request.Uri, now);
            _session.Start(now);
            foreach (var side in _sides.Values)
                side.Start(now);
            Reply(request, "200 OK", Session() + $"Range: npt=now-\r\nRTP-Info: {info}\r\n");
        }

        _server.WakePacer();
    }

    private void PlayRecording(RtspRequest request, FakeCamera camera, FakeRecording recording, string range, RtpSession session)
    {
        if (recording.LacksFeature && request.Headers.ContainsKey("Require"))
        {
            Reply(request, "551 Option not supported", Session() + "Unsupported: onvif-replay\r\n");
            return;
        }

        _replay = FakeReplay.Of(camera, recording, range, session.Channel, session.Ssrc, request.CSeq, Sides());
        Reply(request, _replay is null ? "457 Invalid Range" : "200 OK", Session() + (_replay is null ? "" : $"Range: {range}\r\n"));
    }

    private IReadOnlyList<(SideTrack Track, int Channel)> Sides() => [.. _sides.Values.Select(s => (s.Track, s.Channel))];

    private string Session() =>
        $"Session: {_sessionId};timeout={(int)Math.Ceiling(_server.Options.SessionTimeout.TotalSeconds)}\r\n";

    private void Reply(RtspRequest request, string status, string headers, string body = "")
    {
        int padding = _camera?.Faults.HeaderPadding ?? 0;
        string extra = padding == 0 ? "" : $"X-Padding: {new string('x', padding)}\r\n";
        byte[] reply = Encoding.Latin1.GetBytes($"RTSP/1.0 {status}\r\nCSeq: {request.CSeq}\r\n{headers}{extra}\r\n{body}");
        lock (_gate)
            Send(reply);
        _server.WakePacer();
    }

    [GeneratedRegex("trackID=([0-9]{1,2})$")]
    private static partial Regex TrackNumber();

    [GeneratedRegex("interleaved=([0-9]{1,3})")]
    private static partial Regex Interleaved();

    [GeneratedRegex("client_port=([0-9]{1,5})")]
    private static partial Regex ClientPort();
}
