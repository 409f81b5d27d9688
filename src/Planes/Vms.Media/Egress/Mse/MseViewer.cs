using System.Net.Sockets;
using Vms.Media.Egress.Cmaf;

namespace Vms.Media.Egress.Mse;

/// <summary>
/// One MSE viewer's queue of shared messages. The egress thread puts in and, while the socket takes everything at once, also
/// sends; when the socket is slower, the rest goes out as it drains. Too slow: everything up to the next keyframe is dropped
/// (DropUntilKeyframe) and counted.
/// </summary>
/// <remarks>Any thread; the gate is never held while sending.</remarks>
internal sealed class MseViewer(MseOutput output, string user, DateTimeOffset openedAtUtc, Action broken)
{
    /// <summary>Waiting messages, bytes: some seconds of a main stream. A newcomer's GOP may be longer.</summary>
    private const int MaxQueuedBytes = 8 << 20;

    /// <summary>Answers that wait. A pong may be left out while another is still to come (RFC 6455 §5.5.3), so a viewer that pings and does not
    /// read costs nothing.</summary>
    private const int MaxQueuedReplies = 4;

    /// <summary>A live stream always has something to send; a socket that takes none of it for so long leads nowhere.</summary>
    private static readonly TimeSpan s_stallLimit = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly Queue<CmafMessage> _queue = new();
    private CmafMessage? _lastDescription;   // shared
    private int _queuedBytes;
    private int _queuedReplies;
    private bool _waitsForKeyframe = true;
    private bool _pumping;
    private bool _dropped;
    private long _progress;             // messages sent
    private long _lastProgress;         // as of _stalledSince
    private TimeSpan _stalledSince;

    public string User => user;

    public DateTimeOffset OpenedAtUtc => openedAtUtc;

    /// <summary>As it said in its hello.</summary>
    public string Codecs { get; init; } = "";

    /// <summary>It gets the sound as well. Egress thread.</summary>
    public bool Hears { get; set; }

    public long FragmentsSent { get; private set; }

    public long BytesSent { get; private set; }

    public long FragmentsDropped { get; private set; }

    /// <summary>From here on another init segment applies; the MIME type is repeated when it differs.</summary>
    public void Configure(CmafMessage description, CmafMessage init)
    {
        lock (_gate)
        {
            if (_dropped)
                return;
            bool same = _lastDescription is not null && _lastDescription.Payload.Span.SequenceEqual(description.Payload.Span);
            _lastDescription?.Release();
            _lastDescription = description.Share();
            if (!same)
                Add(description);
            Add(init);
            _waitsForKeyframe = true;
        }
    }

    /// <summary>It has named a codec of this kind; about profiles it decides itself when it sees the whole name.</summary>
    public bool Plays(string codec) => Codecs.Contains(codec[..4], StringComparison.OrdinalIgnoreCase);

    public void WaitForKeyframe()
    {
        lock (_gate)
            _waitsForKeyframe = true;
    }

    public void Enqueue(CmafMessage fragment)
    {
        lock (_gate)
        {
            if (_dropped)
                return;
            if (_waitsForKeyframe && !fragment.IsKeyframe)
            {
                CountDropped(fragment);
                return;
            }

            if (_queuedBytes > 0 && _queuedBytes + fragment.Length > MaxQueuedBytes && FragmentsSent > 0)
            {
                DropFragments();
                if (!fragment.IsKeyframe)
                {
                    CountDropped(fragment);
                    _waitsForKeyframe = true;
                    return;
                }
            }

            _waitsForKeyframe = false;
            Add(fragment);
        }
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

        Run();
    }

    /// <summary>A close or pong, behind what waits already.</summary>
    public void Reply(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_dropped || (opcode == WebSocketOpcode.Pong && _queuedReplies >= MaxQueuedReplies))
                return;
            var message = new CmafMessage(pool: null);
            payload.CopyTo(message.Rent(CmafMessageKind.Control, isKeyframe: false, opcode, payload.Length));
            Add(message);
            message.Release();
            _queuedReplies++;
        }

        Pump();
    }

    /// <summary>The egress thread looks in.</summary>
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
            broken();
        }
    }

    /// <summary>The viewer has gone: everything is given back.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            _dropped = true;
            while (_queue.TryDequeue(out var message))
                message.Release();
            _lastDescription?.Release();
            _lastDescription = null;
        }
    }

    /// <summary>Sends as long as the socket takes everything at once; the rest goes on wherever it completes.</summary>
    private void Run()
    {
        while (TryTake(out var message))
        {
            var sending = SendAsync(message);
            if (!sending.IsCompletedSuccessfully)
            {
                _ = FinishAsync(sending, message);
                return;
            }

            sending.GetAwaiter().GetResult();
            Sent(message);
        }
    }

    private ValueTask SendAsync(CmafMessage message)
    {
        try
        {
            return output.WriteAsync(message.Frame);
        }
        catch (Exception e) when (IsGone(e))
        {
            return ValueTask.FromException(e);
        }
    }

    private async Task FinishAsync(ValueTask sending, CmafMessage message)
    {
        try
        {
            await sending;
            Sent(message);
        }
        catch (Exception e) when (IsGone(e))
        {
            message.Release();
            Drop();
            broken();
            return;
        }

        Run();
    }

    private static bool IsGone(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    private void Sent(CmafMessage message)
    {
        Interlocked.Increment(ref _progress);
        BytesSent += message.Length;
        if (message.Kind == CmafMessageKind.Fragment)
            FragmentsSent++;
        message.Release();
    }

    private bool TryTake(out CmafMessage message)
    {
        lock (_gate)
        {
            bool taken = _queue.TryDequeue(out var next);
            message = next!;
            if (taken)
            {
                _queuedBytes -= message.Length;
                if (message.Kind == CmafMessageKind.Control)
                    _queuedReplies--;
            }
            else
                _pumping = false;
            return taken;
        }
    }

    private void Add(CmafMessage message)
    {
        _queue.Enqueue(message.Share());
        _queuedBytes += message.Length;
    }

    /// <summary>Init segments and descriptions stay: what follows needs them.</summary>
    private void DropFragments()
    {
        for (int i = _queue.Count; i > 0; i--)
        {
            var message = _queue.Dequeue();
            if (message.Kind is not (CmafMessageKind.Fragment or CmafMessageKind.Sound))
            {
                _queue.Enqueue(message);
                continue;
            }

            _queuedBytes -= message.Length;
            CountDropped(message);
            message.Release();
        }
    }

    /// <summary>Pictures are counted; the sound goes with them.</summary>
    private void CountDropped(CmafMessage fragment)
    {
        if (fragment.Kind == CmafMessageKind.Fragment)
            FragmentsDropped++;
    }
}
