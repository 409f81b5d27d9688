using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Media.Ingest;
using Vms.Media.Streams;
using Vms.Native.Udp;
using Vms.Rtsp;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Why a connection ended; label of the log.</summary>
internal enum RtspEnd
{
    None,
    PeerClosed,
    SendFailed,
    NotRtsp,
    TooSlow,
    Unauthorized,

    /// <summary>The right was taken away.</summary>
    AccessRevoked,
    TimedOut,
    StreamRemoved,
    TracksReplaced,

    /// <summary>A publisher's session is over: replaced, without pictures, or no longer wanted.</summary>
    PublishingEnded,
    Shutdown,
}

/// <summary>One RTSP client: reads its requests, carries out what <see cref="RtspServerSession"/> says, holds what its session needs. What a
/// publisher sends is in <c>RtspConnection.Publishing.cs</c>.</summary>
/// <remarks>One loop reads; <see cref="End"/>, <see cref="Look"/> and the properties from any thread.</remarks>
internal sealed partial class RtspConnection : IDisposable
{
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>None that there is has more.</summary>
    private const int MaxCameraId = 64;
    private const int FirstBufferBytes = 4096;
    private const int ReceiveStep = 4096;

    /// <summary>From the connection to the first request with a right; also for one request to come in whole.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Beyond what clients are told.</summary>
    private static readonly TimeSpan s_timeoutGrace = TimeSpan.FromSeconds(5);

    /// <summary>How often a right is looked at again.</summary>
    private static readonly TimeSpan s_recheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>For the last reports to get out.</summary>
    private static readonly TimeSpan s_goodbyePatience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_trackPatience = TimeSpan.FromSeconds(10);

    private readonly RtspServer _server;
    private readonly Socket _socket;
    private readonly SslStream? _secure;
    private readonly IPEndPoint _remote;
    private readonly RtspServerSession _session;
    private readonly RtspMessageReader _reader = new(MaxBodyBytes);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (TrackInfo Info, RtspTransportOffer Transport)> _tracks = [];
    private readonly TimeSpan _openedAt;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _length;
    private IDisposable? _demand;
    private RtspStream? _shared;
    private RtspViewer? _viewer;
    private RtspCredential _credential;
    private RtspPurpose _purpose;
    private Viewing? _viewing;
    private TimeSpan _lastHeard;
    private TimeSpan _partialSince = TimeSpan.MaxValue;
    private TimeSpan _checkedAt;
    private bool _checking;
    private bool _disposed;

    /// <param name="socket">Owned from now on.</param>
    /// <param name="secure">TLS on it, the handshake done; null without. Owned.</param>
    public RtspConnection(RtspServer server, Socket socket, SslStream? secure)
    {
        _server = server;
        _socket = socket;
        _secure = secure;
        _remote = (IPEndPoint)socket.RemoteEndPoint!;
        _openedAt = _lastHeard = server.Now;
        OpenedAtUtc = server.Time.GetUtcNow();
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _session = new RtspServerSession(Id, server.OffersUdp && secure is null);     // datagrams would be in the clear
        Output = new RtspOutput(socket, secure, () => End(RtspEnd.SendFailed));
    }

    /// <summary>Of its session.</summary>
    public string Id { get; }

    public RtspOutput Output { get; }

    public DateTimeOffset OpenedAtUtc { get; }

    public RtspEnd Ended { get; private set; }

    /// <summary>Null before a credential was accepted.</summary>
    public string? User { get; private set; }

    public LiveStream? Stream { get; private set; }

    public RtspViewer? Viewer => Volatile.Read(ref _viewer);

    public bool IsUdp => Viewer is RtspUdpViewer;

    /// <summary>Serves the client until one side ends it.</summary>
    public async Task RunAsync()
    {
        await Task.Yield();     // never on the accept loop, which a client that always has a request ready would hold
        try
        {
            while (await ReceiveAsync())
            {
                while (TakeMessage() is { } request)
                {
                    if (!await HandleAsync(request))
                    {
                        End(RtspEnd.NotRtsp);
                        return;
                    }
                }
            }

            End(RtspEnd.PeerClosed);
        }
        catch (OperationCanceledException)
        {
            // End was called.
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            End(RtspEnd.PeerClosed);
        }
    }

    /// <summary>Tells the client and closes. Any thread; only the first reason counts.</summary>
    public void End(RtspEnd end)
    {
        RtspViewer? viewer;
        lock (_gate)
        {
            if (Ended != RtspEnd.None || _disposed)
                return;
            Ended = end;
            viewer = _viewer;
            _ended.CancelAfter(viewer is null ? TimeSpan.Zero : s_goodbyePatience);
        }

        if (viewer is not null)
            _ = _shared!.DetachAsync(viewer, goodbye: true);
    }

    /// <summary>Now and then: ends what is too slow, silent or no longer allowed.</summary>
    public void Look(TimeSpan now)
    {
        if (User is null && now - _openedAt > s_patience || now - _partialSince > s_patience)
            End(RtspEnd.TooSlow);
        else if (Viewer is not RtspTcpViewer && _publishing is null && now - _lastHeard > RtspServerSession.Timeout + s_timeoutGrace)
            End(RtspEnd.TimedOut);      // an interleaved session lives as long as its socket takes something
        else if (User is not null && !_checking && now - _checkedAt > s_recheckInterval)
            _ = RecheckAsync();
    }

    /// <summary>After <see cref="RunAsync"/>: gives everything back.</summary>
    public void Dispose()
    {
        RtspViewer? viewer;
        lock (_gate)
        {
            _disposed = true;
            viewer = Ended == RtspEnd.None ? _viewer : null;
            _ended.Dispose();
        }

        if (viewer is not null)
            _ = _shared!.DetachAsync(viewer, goodbye: false);
        _viewing?.Dispose();
        StopPublishing(RtspEnd.PeerClosed);
        Output.Close();
        _secure?.Dispose();
        _socket.Dispose();
        if (_shared is not null)
        {
            _shared.TracksReplaced -= OnTracksReplaced;
            _server.Streams.Release(_shared);
        }

        _demand?.Dispose();
    }

    /// <returns>False when the peer has closed, or sends what nobody can read.</returns>
    private async ValueTask<bool> ReceiveAsync()
    {
        int step = _publishing is null ? ReceiveStep : PublishingStep;
        if (_buffer.Length - _length < step)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + step));
        int received = _secure is null
            ? await _socket.ReceiveAsync(_buffer.AsMemory(_length), SocketFlags.None, _ended.Token)
            : await _secure.ReadAsync(_buffer.AsMemory(_length), _ended.Token);
        _length += received;
        return received > 0;
    }

    /// <summary>The next request. Frames are a publisher's media; those of a viewer (receiver reports) only show that it lives.</summary>
    /// <exception cref="OperationCanceledException">What comes is not RTSP: the connection was ended.</exception>
    private RtspMessage? TakeMessage()
    {
        int consumed = 0;
        RtspMessage? message = null;
        var now = _publishing is null ? default : IngestTime.Now(_server.Time);
        while (message is null)
        {
            var item = _reader.Read(_buffer.AsSpan(consumed, _length - consumed));
            consumed += item.Consumed;
            if (item.Kind == RtspItemKind.Violation || _reader.GarbageBytes > 0)
            {
                _server.Counters.CountMalformed();
                End(RtspEnd.NotRtsp);
                throw new OperationCanceledException();
            }

            if (item.Kind == RtspItemKind.NeedMore)
                break;
            _lastHeard = _server.Now;
            message = item.Message;
            if (item.Kind == RtspItemKind.Interleaved && _publishing is not null)
                Receive(item.Channel, item.Payload, now);
        }

        _publishing?.EndPass();

        _buffer.AsSpan(consumed, _length - consumed).CopyTo(_buffer);
        _length -= consumed;
        if (message is not null || _length == 0)
            _partialSince = TimeSpan.MaxValue;
        else if (consumed > 0 || _partialSince == TimeSpan.MaxValue)
            _partialSince = _server.Now;    // what is partial now is new
        return message;
    }

    /// <returns>False when the connection is to be closed.</returns>
    private async Task<bool> HandleAsync(RtspMessage request)
    {
        var action = _session.Receive(request);
        while (true)
        {
            switch (action.Kind)
            {
                case RtspActionKind.Authorize:
                    action = await AuthorizeAsync(action);
                    continue;
                case RtspActionKind.Describe:
                    action = await DescribeAsync(action.Target!);
                    continue;
                case RtspActionKind.SetUp:
                    action = await SetUpAsync(action);
                    continue;
                case RtspActionKind.Announce:
                    action = Announce(action);
                    continue;
                case RtspActionKind.SetUpToRecord:
                    action = SetUpToRecord(action);
                    continue;
                case RtspActionKind.Record:
                    action = await RecordAsync();
                    continue;
                case RtspActionKind.Play:
                    await PlayAsync();
                    return true;
                case RtspActionKind.Pause:
                    await StopAsync(goodbye: false);
                    break;
                case RtspActionKind.TearDown:
                    await StopAsync(goodbye: true);
                    _tracks.Clear();
                    StopPublishing(RtspEnd.PeerClosed);
                    break;
                default:
                    break;
            }

            Output.Reply(action.Reply);
            return action.Kind != RtspActionKind.ReplyAndClose;
        }
    }

    private async ValueTask<RtspAction> AuthorizeAsync(RtspAction action)
    {
        if (!RtspPath.TryParse(action.Target!.Path, out var cameraId, out _))
            return _session.Refuse(404);
        var answer = await _server.Access.CheckAsync(action.Credential, action.Purpose, cameraId, _remote.Address.ToString(), _ended.Token);
        if (answer is { Verdict: RtspVerdict.Granted, Viewer: { } viewer })
        {
            var right = answer.Purpose == RtspPurpose.Publish ? ViewingRight.Publish : ViewingRight.Live;
            // What is open stays with the right that it was opened by, until another one counts: media never flow without one that can be taken away.
            if (_server.Viewings.TryOpen(viewer, right, cameraId, () => End(RtspEnd.AccessRevoked)) is not { } viewing)
            {
                _server.Counters.CountUnauthorized();
                _server.Viewings.Log.Refuse(viewer, cameraId, TicketGate.RevokedCode);
                return _session.Refuse(403);
            }

            (var before, _viewing) = (_viewing, viewing);
            before?.Dispose();
            if (Viewer is not null)
                Watch();        // it plays already, and shows another credential
            (User, _credential, _purpose, _checkedAt) = (viewer.User, action.Credential, answer.Purpose, _server.Now);
            return _session.Authorized(action.Credential, answer.Purpose);
        }

        _server.Counters.CountUnauthorized();
        if (answer.Verdict != RtspVerdict.Unknown)
            _server.Viewings.Log.Refuse(new Viewer("", null, Address: _remote.Address.ToString()), cameraId.Length <= MaxCameraId ? cameraId : "", ReasonOf(answer.Verdict));
        return _session.Refuse(answer.Verdict is RtspVerdict.Refused or RtspVerdict.NotAllowed ? 401 : 503);
    }

    private void Watch() => _viewing?.Watch(WatchKind.Live, Stream!.CameraId, Stream.Name, "rtsp");

    private static string ReasonOf(RtspVerdict verdict) => verdict switch
    {
        RtspVerdict.NotAllowed => "forbidden",
        RtspVerdict.Throttled => "tooManyTries",
        _ => "badCredentials",
    };

    /// <summary>Tickets expire, accounts are closed: then the session ends. While control is away, nothing changes. A publisher's ticket is good
    /// for as long as it goes on sending.</summary>
    private async Task RecheckAsync()
    {
        if (Stream is not { } stream || (_publishing is not null && _credential.Ticket is not null))
            return;
        _checking = true;
        try
        {
            var answer = await _server.Access.CheckAsync(_credential, _purpose, stream.CameraId, _remote.Address.ToString(), _ended.Token);
            if (answer.Verdict is RtspVerdict.Refused or RtspVerdict.NotAllowed)
                End(RtspEnd.Unauthorized);
            _checkedAt = _server.Now;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;     // it has ended meanwhile
        }
        finally
        {
            _checking = false;
        }
    }

    private async ValueTask<RtspAction> DescribeAsync(RtspTarget target)
    {
        var (status, tracks) = await TracksAsync(target);
        return status == 200 ? _session.Described(PresentationDescription.Write(target, tracks)) : _session.Refuse(status);
    }

    /// <summary>What the camera sends, once it has said so: one that is pulled on demand begins now.</summary>
    private async ValueTask<(int Status, IReadOnlyList<TrackInfo> Tracks)> TracksAsync(RtspTarget target)
    {
        if (!RtspPath.TryParse(target.Path, out var cameraId, out var name)
            || await _server.Registry.FindAsync(cameraId, name, _ended.Token) is not { } stream)
            return (404, []);
        if (Stream != stream)
        {
            _demand?.Dispose();
            _demand = stream.Demand();
            Stream = stream;
        }

        if (stream.Tracks.Count == 0)
            await stream.WaitForVideoAsync(s_trackPatience, _ended.Token);
        if (stream.Tracks.Count == 0)
            return (503, []);
        var tracks = stream.Tracks.Where(RtspTrack.CanSend).ToList();
        return tracks.Count == 0 ? (415, tracks) : (200, tracks);
    }

    private async ValueTask<RtspAction> SetUpAsync(RtspAction action)
    {
        var (status, tracks) = await TracksAsync(action.Target!);
        if (status != 200)
            return _session.Refuse(status);
        if (tracks.FirstOrDefault(t => t.Id == action.Track) is not { } info)
            return _session.Refuse(404);
        if (_shared is null)
        {
            _shared = _server.Streams.Share(Stream!);
            _shared.TracksReplaced += OnTracksReplaced;
        }
        else if (_shared.Stream != Stream)
        {
            return _session.Refuse(455);        // another presentation: on a connection of its own
        }

        _tracks[action.Track] = (info, action.Transport);
        return _session.SetUp(_shared.SsrcOf(action.Track), _server.UdpPorts);
    }

    private async Task PlayAsync()
    {
        bool hasVideo = _tracks.Values.Any(t => t.Info.IsVideo);
        RtspViewer viewer = _tracks.Values.First().Transport.IsInterleaved
            ? new RtspTcpViewer(Output, _tracks.Keys.Aggregate(0, (mask, track) => mask | 1 << track), hasVideo)
            : new RtspUdpViewer(Output, [.. _tracks.Select(t => UdpTrack(t.Key, t.Value.Transport))], hasVideo, _server.HasSegmentation);
        Task attached;
        lock (_gate)
        {
            if (Ended != RtspEnd.None)
                return;
            Volatile.Write(ref _viewer, viewer);
            // In the lock: an end that comes now must be posted after it.
            attached = _shared!.AttachAsync(viewer, starts => _session.Played(starts).Reply);
        }

        await attached.WaitAsync(_ended.Token);
        Watch();
        _server.Playing(this);
    }

    private async Task StopAsync(bool goodbye)
    {
        RtspViewer? viewer;
        lock (_gate)
        {
            viewer = Ended == RtspEnd.None ? _viewer : null;
            Volatile.Write(ref _viewer, null);
        }

        if (viewer is not null)
            await _shared!.DetachAsync(viewer, goodbye).WaitAsync(_ended.Token);
    }

    private RtspUdpTrack UdpTrack(int track, RtspTransportOffer transport) =>
        new(track, Peer(transport.ClientRtpPort), Peer(transport.ClientRtcpPort));

    /// <summary>Only ever the machine that the request came from.</summary>
    private UdpPeer Peer(int port)
    {
        var address = _remote.Address.IsIPv4MappedToIPv6 ? _remote.Address.MapToIPv4() : _remote.Address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        UInt128 number = 0;
        foreach (byte part in bytes[..length])
            number = number << 8 | part;
        return new UdpPeer(number, (ushort)port, IsV6: length == 16);
    }

    private void OnTracksReplaced(int tracks)
    {
        if (Viewer is { } viewer && Enumerable.Range(0, 8).Any(i => (tracks >> i & 1) != 0 && viewer.Wants((byte)i)))
            End(RtspEnd.TracksReplaced);
    }
}
