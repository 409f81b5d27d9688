using System.Net.Security;
using System.Net.Sockets;

namespace Vms.Media.Egress.Rtsp;

/// <summary>
/// What goes out on one RTSP connection, in order: replies, and for an interleaved session the shared units of its stream. Whoever
/// puts something in also sends, as long as the socket takes everything at once; the rest goes out as it drains.
/// </summary>
/// <remarks>Any thread; the gate is never held while sending.</remarks>
internal sealed class RtspOutput
{
    /// <summary>Replies that wait: a client that asks and does not read is not served.</summary>
    private const int MaxReplyBytes = 256 * 1024;

    /// <summary>A live stream always has something to send; a socket that takes none of it for so long leads nowhere.</summary>
    private static readonly TimeSpan s_stallLimit = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly SslStream? _secure;
    private readonly Action _broken;
    private readonly Lock _gate = new();
    private readonly Queue<RtspUnit> _queue = new();
    private int _queuedBytes;
    private int _replyBytes;            // of these
    private bool _pumping;
    private bool _closed;
    private long _progress;             // units sent
    private long _lastProgress;         // as of _stalledSince
    private TimeSpan _stalledSince;

    /// <param name="socket">Not owned.</param>
    /// <param name="secure">TLS on it; null without. Not owned.</param>
    /// <param name="broken">Nothing can be sent any more. May be called more than once.</param>
    public RtspOutput(Socket socket, SslStream? secure, Action broken)
    {
        _socket = socket;
        _secure = secure;
        _socket.NoDelay = true;
        if (secure is null)
            _socket.Blocking = false;       // for the synchronous sends; receiving is asynchronous
        _broken = broken;
    }

    /// <summary>Media units and bytes that went out whole.</summary>
    public (long Samples, long Bytes) Sent { get; private set; }

    /// <summary>Bytes that wait.</summary>
    public int QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>A reply, behind what waits already.</summary>
    public void Reply(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _replyBytes) > MaxReplyBytes)
        {
            Fail();
            return;
        }

        var unit = new RtspUnit(pool: null);
        unit.Rent(RtspUnitKind.Reply, 0, isStart: false, bytes.Length);
        unit.Add(bytes);
        Enqueue(unit);
        unit.Release();
        Pump();
    }

    /// <summary>Puts a unit behind what waits; <see cref="Pump"/> sends.</summary>
    public void Enqueue(RtspUnit unit)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _queue.Enqueue(unit.Share());
            Count(unit, unit.Length);
        }
    }

    /// <summary>Takes waiting samples and reports out; replies stay.</summary>
    /// <returns>Samples taken out.</returns>
    public int DropMedia()
    {
        int dropped = 0;
        lock (_gate)
        {
            for (int i = _queue.Count; i > 0; i--)
            {
                var unit = _queue.Dequeue();
                if (unit.Kind == RtspUnitKind.Reply)
                {
                    _queue.Enqueue(unit);
                    continue;
                }

                _queuedBytes -= unit.Length;
                dropped += unit.Kind == RtspUnitKind.Media ? 1 : 0;
                unit.Release();
            }
        }

        return dropped;
    }

    /// <summary>Sends what waits, unless that is going on already.</summary>
    public void Pump()
    {
        lock (_gate)
        {
            if (_pumping || _queue.Count == 0)
                return;
            _pumping = true;
        }

        if (_secure is null)
            Run();
        else
            _ = RunSecureAsync(_secure);
    }

    /// <summary>One thread looks in now and then.</summary>
    public void EndIfStalled(TimeSpan now)
    {
        bool waiting;
        lock (_gate)
            waiting = _pumping;
        long progress = Interlocked.Read(ref _progress);
        if (!waiting || progress != _lastProgress)
        {
            _lastProgress = progress;
            _stalledSince = now;
        }
        else if (now - _stalledSince > s_stallLimit)
        {
            _broken();
        }
    }

    /// <summary>The connection is gone: everything is given back.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_queue.TryDequeue(out var unit))
                unit.Release();
            (_queuedBytes, _replyBytes) = (0, 0);
        }
    }

    /// <summary>Sends as long as the socket takes everything at once; the rest goes on wherever it completes.</summary>
    private void Run()
    {
        while (TryTake(out var unit))
        {
            int sent = TrySend(unit.Bytes.Span, out bool gone);
            if (gone)
            {
                unit.Release();
                Fail();
                return;
            }

            if (sent < unit.Length)
            {
                _ = FinishAsync(unit, sent);
                return;
            }

            Done(unit);
        }
    }

    /// <summary>As <see cref="Run"/>, through TLS: a write completes at once as long as the socket takes everything.</summary>
    private async Task RunSecureAsync(SslStream secure)
    {
        while (TryTake(out var unit))
        {
            try
            {
                await secure.WriteAsync(unit.Bytes);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                unit.Release();
                Fail();
                return;
            }

            Done(unit);
        }
    }

    /// <returns>As much as the socket took, 0 when it is full.</returns>
    private int TrySend(ReadOnlySpan<byte> bytes, out bool gone)
    {
        try
        {
            int sent = _socket.Send(bytes, SocketFlags.None, out var error);
            gone = error is not (SocketError.Success or SocketError.WouldBlock or SocketError.IOPending);
            return Math.Max(0, sent);
        }
        catch (ObjectDisposedException)
        {
            gone = true;        // closed by another thread since it was taken
            return 0;
        }
    }

    private async Task FinishAsync(RtspUnit unit, int sent)
    {
        try
        {
            while (sent < unit.Length)
            {
                sent += await _socket.SendAsync(unit.Bytes[sent..], SocketFlags.None);
                Interlocked.Increment(ref _progress);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            unit.Release();
            Fail();
            return;
        }

        Done(unit);
        Run();
    }

    private void Fail()
    {
        Close();
        _broken();
    }

    private void Done(RtspUnit unit)
    {
        Interlocked.Increment(ref _progress);
        Sent = (Sent.Samples + (unit.Kind == RtspUnitKind.Media ? 1 : 0), Sent.Bytes + unit.Length);
        unit.Release();
    }

    private bool TryTake(out RtspUnit unit)
    {
        lock (_gate)
        {
            bool taken = _queue.TryDequeue(out var next);
            unit = next!;
            if (taken)
                Count(unit, -unit.Length);
            else
                _pumping = false;
            return taken;
        }
    }

    private void Count(RtspUnit unit, int bytes)
    {
        _queuedBytes += bytes;
        _replyBytes += unit.Kind == RtspUnitKind.Reply ? bytes : 0;
    }
}
