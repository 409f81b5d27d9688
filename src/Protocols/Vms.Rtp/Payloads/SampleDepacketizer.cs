namespace Vms.Rtp.Payloads;

/// <summary>One sample of a track whose samples stand alone. Borrowed from its depacketizer until the next packet is pushed.</summary>
/// <param name="data">In the track's form: see <see cref="Vms.Codecs.TrackInfo.CodecParameters"/>.</param>
/// <param name="timestamp">On the RTP clock; wraps.</param>
/// <param name="droppedBefore">Samples that came damaged or not at all in front of it. A loss of whole samples that nobody saw counts as one.</param>
public readonly ref struct PayloadSample(ReadOnlySpan<byte> data, uint timestamp, int droppedBefore)
{
    public ReadOnlySpan<byte> Data { get; } = data;

    public uint Timestamp { get; } = timestamp;

    public int DroppedBefore { get; } = droppedBefore;
}

/// <summary>
/// Rebuilds samples that stand alone (audio, metadata documents) from in-order RTP payloads. A packet may carry several, a
/// sample several packets; what misses anything is dropped and counted, the next one is good again.
/// </summary>
/// <remarks>Ceiling: <see cref="MaxSampleSize"/>. Memory grows to the largest need and stays: nothing is allocated per packet.
/// One caller at a time; packets are borrowed for the call.</remarks>
public abstract class SampleDepacketizer
{
    /// <summary>Largest sample, bytes: an audio access unit has at most 8 KiB, ONVIF documents stay below this.</summary>
    public const int MaxSampleSize = 64 << 10;

    private byte[] _data = new byte[4096];
    private Finished[] _finished = new Finished[8];
    private int _finishedCount;
    private int _taken;
    private int _open;          // start of the sample in progress
    private int _end;
    private int _dropped;
    private bool _lost;         // something is missing since the last sample, and counted as one drop
    private PayloadFault _fault;

    private readonly record struct Finished(int Start, int Length, uint Timestamp, int DroppedBefore);

    /// <summary>Samples dropped because something of them was missing or malformed.</summary>
    public long DamagedSamples { get; private set; }

    /// <param name="packet">In sequence order.</param>
    /// <param name="lostBefore">Packets missing directly in front of it.</param>
    public PayloadFault Push(in RtpPacketView packet, int lostBefore)
    {
        Recycle();
        if (lostBefore > 0)
        {
            OnLoss();
            Drop();
        }

        if (packet.Payload.IsEmpty)
            return PayloadFault.Empty;

        _fault = PayloadFault.None;
        PushPayload(packet);
        return _fault;
    }

    /// <summary>Next finished sample; false when there is none (yet).</summary>
    public bool TryTake(out PayloadSample sample)
    {
        if (_taken == _finishedCount)
        {
            sample = default;
            return false;
        }

        ref readonly var next = ref _finished[_taken++];
        sample = new PayloadSample(_data.AsSpan(next.Start, next.Length), next.Timestamp, next.DroppedBefore);
        return true;
    }

    /// <summary>Samples lost since the last one handed out, which none will report any more: the session is over. They are told once.</summary>
    /// <param name="andUnfinished">The sample in progress is one of them.</param>
    public int TakeLost(bool andUnfinished)
    {
        int lost = _dropped + (andUnfinished && _end > _open ? 1 : 0);
        _dropped = 0;
        return lost;
    }

    /// <summary>A new RTP session begins.</summary>
    public virtual void Reset()
    {
        _finishedCount = _taken = _open = _end = _dropped = 0;
        _lost = false;
    }

    /// <param name="packet">With a payload that is not empty.</param>
    protected abstract void PushPayload(in RtpPacketView packet);

    /// <summary>Packets are missing: the sample in progress is void.</summary>
    protected virtual void OnLoss()
    {
    }

    /// <summary>Bytes of the sample in progress.</summary>
    protected Span<byte> Open => _data.AsSpan(_open.._end);

    /// <summary>Adds to the sample in progress; false when it would pass <see cref="MaxSampleSize"/>.</summary>
    protected bool Append(ReadOnlySpan<byte> bytes)
    {
        if (_end - _open + bytes.Length > MaxSampleSize)
            return false;
        if (_end + bytes.Length > _data.Length)
            Array.Resize(ref _data, Math.Max(_end + bytes.Length, _data.Length * 2));
        bytes.CopyTo(_data.AsSpan(_end));
        _end += bytes.Length;
        return true;
    }

    /// <summary>A part of the sample in progress becomes a sample; <see cref="CloseOpen"/> ends the collecting.</summary>
    protected void Finish(Range part, uint timestamp)
    {
        var (offset, length) = part.GetOffsetAndLength(_end - _open);
        if (_finishedCount == _finished.Length)
            Array.Resize(ref _finished, _finished.Length * 2);
        _finished[_finishedCount++] = new(_open + offset, length, timestamp, _dropped);
        _dropped = 0;
        _lost = false;
    }

    /// <summary>What was collected is used up.</summary>
    protected void CloseOpen() => _open = _end;

    /// <summary>The sample in progress is broken, by the camera: it is given up and counted.</summary>
    protected void Damage(PayloadFault fault)
    {
        _fault = fault;
        DamagedSamples++;
        Drop();
    }

    /// <summary>Adds one whole sample.</summary>
    protected void FinishWhole(ReadOnlySpan<byte> bytes, uint timestamp)
    {
        if (!Append(bytes))
        {
            Damage(PayloadFault.UnitTooLarge);
            return;
        }

        Finish(.., timestamp);
        CloseOpen();
    }

    private void Drop()
    {
        _end = _open;
        if (!_lost)
            _dropped++;
        _lost = true;
    }

    private void Recycle()
    {
        if (_open > 0)
        {
            _data.AsSpan(_open, _end - _open).CopyTo(_data);
            _end -= _open;
            _open = 0;
        }

        _finishedCount = _taken = 0;
    }
}
