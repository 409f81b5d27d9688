using System.Buffers;
using System.Buffers.Binary;

namespace Vms.Media.Egress.Rtsp;

/// <summary>What a piece of an RTSP connection holds.</summary>
internal enum RtspUnitKind : byte
{
    /// <summary>The packets of one sample.</summary>
    Media,

    /// <summary>RTCP.</summary>
    Report,

    /// <summary>A reply to one viewer.</summary>
    Reply,
}

/// <summary>One piece of an interleaved connection (RFC 2326 §10.12), for all viewers of a stream: written once, then immutable and
/// shared; its memory goes back with the last share.</summary>
internal sealed class RtspUnit(RtspUnitPool? pool)
{
    /// <summary>'$', channel, 16-bit length.</summary>
    public const int FrameHeaderSize = 4;

    /// <summary>A larger buffer goes back to the process's pool, which others use too; most samples fit into the unit's own.</summary>
    private const int MaxKeptBytes = 32 * 1024;

    private byte[] _buffer = [];
    private int _shares;

    public RtspUnitKind Kind { get; private set; }

    /// <summary>Of the track; any for a reply.</summary>
    public byte TrackId { get; private set; }

    /// <summary>A viewer can begin with it.</summary>
    public bool IsStart { get; private set; }

    public int Length { get; private set; }

    /// <summary>Frames in it; 0 for a reply.</summary>
    public int Packets { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Before it is shared: makes room. The caller holds the first share.</summary>
    public void Rent(RtspUnitKind kind, byte trackId, bool isStart, int capacity)
    {
        if (_buffer.Length < capacity)
        {
            ReturnBuffer();
            _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        }

        (Kind, TrackId, IsStart, Length, Packets, _shares) = (kind, trackId, isStart, 0, 0, 1);
    }

    /// <summary>Before it is shared: one more frame.</summary>
    /// <returns>Room for its packet.</returns>
    public Span<byte> AddFrame(byte channel, int packetLength)
    {
        var frame = _buffer.AsSpan(Length, FrameHeaderSize + packetLength);
        frame[0] = (byte)'$';
        frame[1] = channel;
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)packetLength);
        Length += frame.Length;
        Packets++;
        return frame[FrameHeaderSize..];
    }

    /// <summary>Before it is shared: bytes without a frame.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The packet of the frame that begins at <paramref name="offset"/>, which moves on to the next.</summary>
    public ReadOnlySpan<byte> PacketAt(ref int offset)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(offset + 2));
        var packet = _buffer.AsSpan(offset + FrameHeaderSize, length);
        offset += FrameHeaderSize + length;
        return packet;
    }

    public RtspUnit Share()
    {
        Interlocked.Increment(ref _shares);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _shares) > 0)
            return;
        if (pool is null || _buffer.Length > MaxKeptBytes)
            ReturnBuffer();
        pool?.Return(this);
    }

    private void ReturnBuffer()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>Keeps the units of a stream for the next samples. Any thread.</summary>
internal sealed class RtspUnitPool
{
    /// <summary>A GOP's worth with audio; more are left to the collector.</summary>
    private const int Capacity = 512;

    private readonly Lock _gate = new();
    private readonly Stack<RtspUnit> _free = new(Capacity);
    private int _outstanding;

    /// <summary>Rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public RtspUnit Rent()
    {
        Interlocked.Increment(ref _outstanding);
        lock (_gate)
            return _free.TryPop(out var unit) ? unit : new RtspUnit(this);
    }

    public void Return(RtspUnit unit)
    {
        Interlocked.Decrement(ref _outstanding);
        lock (_gate)
        {
            if (_free.Count < Capacity)
                _free.Push(unit);
        }
    }
}
