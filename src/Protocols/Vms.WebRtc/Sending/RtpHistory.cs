namespace Vms.WebRtc.Sending;

/// <summary>What is known of a packet in the history besides its payload.</summary>
/// <param name="Timestamp">RTP timestamp of the stream; a viewer that is catching up sees another one (<see cref="RtpNumbering"/>).</param>
/// <param name="Frame">Counts access units.</param>
/// <param name="Length">Of the payload, bytes.</param>
/// <param name="Marker">Last packet of its access unit.</param>
/// <param name="StartsKeyframe">First packet of a keyframe, parameter sets included.</param>
public readonly record struct RtpHistoryEntry(uint Timestamp, long Frame, ushort Length, bool Marker, bool StartsKeyframe);

/// <summary>A state of a history that it can go back to.</summary>
public readonly record struct RtpHistoryMark(long Head, long Frame, long Keyframe);

/// <summary>
/// The RTP payloads of one stream, made once for all its viewers: what they send next, what a newcomer starts from, and what
/// answers a NACK. Packets are numbered from 0 without end.
/// </summary>
/// <remarks>
/// Holds at least everything since the last keyframe, growing up to its ceiling for a long GOP; beyond that the oldest packets
/// go and newcomers wait for the next keyframe. One caller at a time: the egress thread of the stream.
/// </remarks>
public sealed class RtpHistory
{
    /// <summary>Longest payload: RTP header, RTX's two bytes and the longest tag make it 1198 bytes of UDP.</summary>
    public const int MaxPayloadLength = 1168;

    /// <summary>Holds a GOP of 2 s at 5 Mbit/s.</summary>
    public const int DefaultInitialPackets = 1024;

    /// <summary>38 MB: a GOP of 75 s at 4 Mbit/s.</summary>
    public const int DefaultMaxPackets = 32 * 1024;

    private readonly int _maxPackets;
    private byte[] _payloads;
    private RtpHistoryEntry[] _entries;
    private long _keyframe = -1;

    /// <param name="initialPackets">A power of two.</param>
    /// <param name="maxPackets">A power of two, the ceiling.</param>
    public RtpHistory(int initialPackets = DefaultInitialPackets, int maxPackets = DefaultMaxPackets)
    {
        _maxPackets = maxPackets;
        _payloads = new byte[initialPackets * MaxPayloadLength];
        _entries = new RtpHistoryEntry[initialPackets];
    }

    /// <summary>Number of the next packet.</summary>
    public long Head { get; private set; }

    /// <summary>Oldest packet still held.</summary>
    public long Tail { get; private set; }

    /// <summary>First packet of the last keyframe, or -1 when it is no longer held or none has come.</summary>
    public long Keyframe => _keyframe >= Tail ? _keyframe : -1;

    /// <summary>Access units so far; the number of the one being written.</summary>
    public long Frame { get; private set; }

    public bool Holds(long packet) => packet >= Tail && packet < Head;

    public ref readonly RtpHistoryEntry this[long packet] => ref _entries[packet & (_entries.Length - 1)];

    public ReadOnlySpan<byte> Payload(long packet)
    {
        int slot = (int)(packet & (_entries.Length - 1));
        return _payloads.AsSpan(slot * MaxPayloadLength, _entries[slot].Length);
    }

    /// <summary>Room for the next payload; not part of the history before <see cref="Commit"/>.</summary>
    public Span<byte> Reserve()
    {
        if (Head - Tail == _entries.Length)
            MakeRoom();
        return _payloads.AsSpan((int)(Head & (_entries.Length - 1)) * MaxPayloadLength, MaxPayloadLength);
    }

    public void Commit(int length, uint timestamp, bool marker, bool startsKeyframe)
    {
        _entries[Head & (_entries.Length - 1)] = new RtpHistoryEntry(timestamp, Frame, (ushort)length, marker, startsKeyframe);
        if (startsKeyframe)
            _keyframe = Head;
        Head++;
        if (marker)
            Frame++;
    }

    /// <summary>Where an access unit begins, for <see cref="RollBack"/>.</summary>
    public RtpHistoryMark Mark() => new(Head, Frame, _keyframe);

    /// <summary>Takes back an access unit that turned out torn while it was read. Nothing of it has been sent.</summary>
    public void RollBack(in RtpHistoryMark mark)
    {
        Head = mark.Head;
        Frame = mark.Frame;
        _keyframe = mark.Keyframe;
        Tail = Math.Min(Tail, Head);
    }

    /// <summary>Access units are missing from here on: newcomers wait for the next keyframe.</summary>
    public void ForgetKeyframe() => _keyframe = -1;

    private void MakeRoom()
    {
        bool keyframeWouldGo = Keyframe >= 0 && Keyframe == Tail;
        if (keyframeWouldGo && _entries.Length < _maxPackets)
            Grow();
        else
            Tail++;
    }

    private void Grow()
    {
        int length = _entries.Length * 2;
        var payloads = new byte[length * MaxPayloadLength];
        var entries = new RtpHistoryEntry[length];
        for (long packet = Tail; packet < Head; packet++)
        {
            int slot = (int)(packet & (length - 1));
            entries[slot] = this[packet];
            Payload(packet).CopyTo(payloads.AsSpan(slot * MaxPayloadLength));
        }

        _payloads = payloads;
        _entries = entries;
    }
}
