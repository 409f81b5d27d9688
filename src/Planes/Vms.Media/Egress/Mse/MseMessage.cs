using System.Buffers;

namespace Vms.Media.Egress.Mse;

/// <summary>What a WebSocket message to an MSE viewer holds.</summary>
internal enum MseMessageKind : byte
{
    /// <summary>Text: the MIME type with codecs.</summary>
    Description,

    /// <summary>Init segment.</summary>
    Init,

    /// <summary>One access unit as <c>moof</c> + <c>mdat</c>.</summary>
    Fragment,

    /// <summary>Close or pong, for one viewer.</summary>
    Control,
}

/// <summary>One message for all MSE viewers of a stream, as the WebSocket frame it goes out in: written once, then immutable and
/// shared; its memory goes back with the last share.</summary>
internal sealed class MseMessage
{
    private readonly MseMessagePool? _pool;
    private byte[] _buffer = [];
    private int _headerLength;
    private int _shares;

    /// <param name="pool">Takes it back; null for one that is made for one viewer.</param>
    public MseMessage(MseMessagePool? pool) => _pool = pool;

    public MseMessageKind Kind { get; private set; }

    public bool IsKeyframe { get; private set; }

    /// <summary>Of the frame.</summary>
    public int Length { get; private set; }

    /// <summary>The whole frame.</summary>
    public ReadOnlyMemory<byte> Frame => _buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_headerLength..Length);

    /// <summary>Only before it is shared.</summary>
    public Span<byte> WritablePayload => _buffer.AsSpan(_headerLength..Length);

    /// <summary>Before it is shared: the room for the payload. The caller holds the first share.</summary>
    public Span<byte> Rent(MseMessageKind kind, bool isKeyframe, WebSocketOpcode opcode, int payloadLength)
    {
        _headerLength = WebSocketFrame.HeaderLength(payloadLength);
        Length = _headerLength + payloadLength;
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
        WebSocketFrame.WriteHeader(_buffer, opcode, payloadLength);
        (Kind, IsKeyframe) = (kind, isKeyframe);
        _shares = 1;
        return WritablePayload;
    }

    public MseMessage Share()
    {
        Interlocked.Increment(ref _shares);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _shares) > 0)
            return;
        var buffer = _buffer;
        _buffer = [];
        ArrayPool<byte>.Shared.Return(buffer);
        _pool?.Return(this);
    }
}

/// <summary>Keeps the message objects of a stream for the next access units. Any thread.</summary>
internal sealed class MseMessagePool
{
    /// <summary>A GOP's worth; more are left to the collector.</summary>
    private const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly Stack<MseMessage> _free = new(Capacity);
    private int _outstanding;

    /// <summary>Rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public MseMessage Rent()
    {
        Interlocked.Increment(ref _outstanding);
        lock (_gate)
            return _free.TryPop(out var message) ? message : new MseMessage(this);
    }

    public void Return(MseMessage message)
    {
        Interlocked.Decrement(ref _outstanding);
        lock (_gate)
        {
            if (_free.Count < Capacity)
                _free.Push(message);
        }
    }
}
