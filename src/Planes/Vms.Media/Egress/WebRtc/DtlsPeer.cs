using Vms.Native.OpenSsl;

namespace Vms.Media.Egress.WebRtc;

/// <summary>A session's DTLS with the datagrams that wait for it. Its calls into OpenSSL run one after the other, on whichever
/// thread of <see cref="DtlsHandshakes"/> has taken it.</summary>
internal sealed class DtlsPeer(WebRtcSession session)
{
    /// <summary>A browser's flight is two datagrams; more wait only behind a busy machine.</summary>
    private const int MaxWaiting = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Datagram, PeerPath From)> _waiting = new();
    private bool _scheduled;
    private bool _closing;

    public WebRtcSession Session => session;

    /// <summary>Only while this peer is taken by a handshake thread.</summary>
    public DtlsServer? Server { get; set; }

    /// <summary>As <see cref="Server"/>: the keys have been handed over.</summary>
    public bool KeysTaken { get; set; }

    /// <summary>As <see cref="Server"/>: where flights go.</summary>
    public PeerPath LastFrom { get; set; }

    /// <summary>As <see cref="Server"/>.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Queues a datagram.</summary>
    /// <returns>True when the peer has to be scheduled; false when it already is, or the queue is full.</returns>
    public bool Enqueue(ReadOnlySpan<byte> datagram, PeerPath from)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting || _closing)
                return false;
            _waiting.Enqueue((datagram.ToArray(), from));
            return TrySchedule();
        }
    }

    /// <summary>The session has ended: say so to the peer and free everything.</summary>
    /// <returns>As <see cref="Enqueue"/>.</returns>
    public bool RequestClose()
    {
        lock (_gate)
        {
            _closing = true;
            return TrySchedule();
        }
    }

    /// <summary>A timer may be due.</summary>
    /// <returns>As <see cref="Enqueue"/>.</returns>
    public bool Nudge()
    {
        lock (_gate)
            return TrySchedule();
    }

    /// <summary><see cref="RequestClose"/> was called; what still waits does not matter any more.</summary>
    public bool IsClosing
    {
        get
        {
            lock (_gate)
                return _closing;
        }
    }

    public bool TryTake(out byte[] datagram, out PeerPath from)
    {
        lock (_gate)
        {
            bool taken = _waiting.TryDequeue(out var next);
            (datagram, from) = taken ? next : ([], default);
            return taken;
        }
    }

    /// <summary>Gives the peer back.</summary>
    /// <returns>True when something came in the meantime: it stays taken.</returns>
    public bool TryKeep()
    {
        lock (_gate)
        {
            if (IsClosed)
                _waiting.Clear();       // it came before the end and is not for anybody any more
            else if (_waiting.Count > 0 || _closing)
                return true;
            _scheduled = false;
            return false;
        }
    }

    private bool TrySchedule()
    {
        if (_scheduled || IsClosed)
            return false;
        _scheduled = true;
        return true;
    }
}
