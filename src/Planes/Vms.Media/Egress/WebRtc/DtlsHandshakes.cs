using System.Collections.Concurrent;
using Vms.Native.OpenSsl;
using Vms.Native.Udp;
using Vms.WebRtc.Srtp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// A small pool of threads for DTLS: a handshake costs a signature and a key agreement, too much for the thread that receives,
/// and OpenSSL wants the calls of one connection on one thread at a time.
/// </summary>
internal sealed class DtlsHandshakes : IDisposable
{
    /// <summary>Handshakes under way; a datagram that would begin another is left unread and comes again, unless one of them has taken too
    /// long: its place is the next one's.</summary>
    public const int MaxPending = 50;

    /// <summary>Ample for four flights, one of them lost.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private const int Threads = 2;
    private static readonly TimeSpan s_timerInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_idleInterval = TimeSpan.FromSeconds(5);

    private readonly DtlsServerContext _context;
    private readonly UdpMediaSocket _socket;
    private readonly WebRtcCounters _counters;
    private readonly TimeProvider _time;
    private readonly Action<WebRtcSession, SessionEnd> _end;
    private readonly Action<WebRtcSession> _keysReady;
    private readonly BlockingCollection<DtlsPeer> _work = [];
    private readonly ConcurrentDictionary<DtlsPeer, long> _pending = new();      // value: when it began
    private readonly Thread[] _threads;

    /// <param name="keysReady">Called on a handshake thread when a session has its keys.</param>
    /// <param name="end">Called on a handshake thread when a session cannot go on.</param>
    public DtlsHandshakes(
        DtlsServerContext context, UdpMediaSocket socket, WebRtcCounters counters, TimeProvider time,
        Action<WebRtcSession> keysReady, Action<WebRtcSession, SessionEnd> end)
    {
        _time = time;
        _context = context;
        _socket = socket;
        _counters = counters;
        _keysReady = keysReady;
        _end = end;
        _threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(Run) { Name = $"vms dtls {i}", IsBackground = true })];
    }

    public int Pending => _pending.Count;

    public void Start()
    {
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Takes a datagram from an address with a valid check.</summary>
    public void Receive(DtlsPeer peer, ReadOnlySpan<byte> datagram, PeerPath from)
    {
        if (!peer.KeysTaken && !_pending.ContainsKey(peer))
        {
            if (_pending.Count >= MaxPending && !TryMakeRoom())
            {
                _counters.HandshakeDropped();
                return;
            }

            _pending.TryAdd(peer, _time.GetTimestamp());
        }

        if (peer.Enqueue(datagram, from))
            Schedule(peer);
    }

    public void Close(DtlsPeer peer)
    {
        _pending.TryRemove(peer, out _);
        if (peer.RequestClose())
            Schedule(peer);
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads)
        {
            if (thread.IsAlive)
                thread.Join();
        }

        _work.Dispose();
    }

    private bool TryMakeRoom()
    {
        var (oldest, began) = _pending.MinBy(p => p.Value);
        return _time.GetElapsedTime(began) > s_patience && _pending.TryRemove(oldest, out _);
    }

    private void Schedule(DtlsPeer peer)
    {
        if (!_work.IsAddingCompleted)
            _work.Add(peer);
    }

    private void Run()
    {
        using var sender = _socket.CreateSender();
        while (!_work.IsCompleted)
        {
            // Each wait spins for a while before it sleeps: no short ones while there is no timer to look after.
            if (!_work.TryTake(out var peer, _pending.IsEmpty ? s_idleInterval : s_timerInterval))
            {
                NudgeTimers();
                continue;
            }

            do
                Advance(peer, sender);
            while (peer.TryKeep());
        }
    }

    /// <summary>A lost flight is sent again after a second, then two (RFC 6347 §4.2.4): looking every 50 ms is enough.</summary>
    private void NudgeTimers()
    {
        foreach (var (peer, _) in _pending)
        {
            if (peer.Session.End != SessionEnd.None)
                _pending.TryRemove(peer, out _);        // a datagram came in while it was being closed
            else if (peer.Nudge())
                Schedule(peer);
        }
    }

    private void Advance(DtlsPeer peer, UdpSender sender)
    {
        try
        {
            while (!peer.IsClosing && peer.TryTake(out var datagram, out var from))
            {
                peer.Server ??= new DtlsServer(_context);
                peer.LastFrom = from;
                peer.Server.Receive(datagram);
                SendFlight(peer, sender);
                FollowState(peer);
            }

            if (peer.IsClosing)
                Finish(peer, sender);
            else if (peer.Server?.HandleTimeout() is not null)
                SendFlight(peer, sender);
        }
        catch (OpenSslException)
        {
            _end(peer.Session, SessionEnd.DtlsFailed);
        }
    }

    private static void SendFlight(DtlsPeer peer, UdpSender sender)
    {
        while (peer.Server!.TryTake(out var datagram))
            peer.LastFrom.Send(sender, datagram);
        sender.Flush();
        sender.Clear();
    }

    private void FollowState(DtlsPeer peer)
    {
        switch (peer.Server!.State)
        {
            case DtlsState.Connected when !peer.KeysTaken:
                peer.KeysTaken = true;
                _pending.TryRemove(peer, out _);
                TakeKeys(peer);
                break;
            case DtlsState.Closed:
                _end(peer.Session, SessionEnd.PeerClosed);
                break;
            case DtlsState.Failed:
                _end(peer.Session, SessionEnd.DtlsFailed);
                break;
        }
    }

    private void TakeKeys(DtlsPeer peer)
    {
        var profile = (SrtpProfile)peer.Server!.SrtpProfile();
        if (profile is not (SrtpProfile.AeadAes128Gcm or SrtpProfile.Aes128CmSha1_80))
        {
            _end(peer.Session, SessionEnd.NoSrtpProfile);
            return;
        }

        Span<byte> material = stackalloc byte[SrtpMasterKey.ExportLength(profile)];
        peer.Server.ExportSrtpKeys(material);
        peer.Session.SetKeys(profile, material, peer.Server.PeerCertificate(), peer.LastFrom);
        _keysReady(peer.Session);
    }

    private static void Finish(DtlsPeer peer, UdpSender sender)
    {
        if (peer.Server is not null)
        {
            peer.Server.Close();
            SendFlight(peer, sender);
            peer.Server.Dispose();
            peer.Server = null;
        }

        peer.IsClosed = true;
    }
}
