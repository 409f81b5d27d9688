using System.Buffers;
using Vms.Media.Egress.Mse;

namespace Vms.Media.Egress.Cmaf;

/// <summary>What a message holds.</summary>
internal enum CmafMessageKind : byte
{
    /// <summary>Text: the MIME type with codecs.</summary>
    Description,

    /// <summary>Init segment.</summary>
    Init,

    /// <summary>One access unit as <c>prft</c> + <c>moof</c> + <c>mdat</c>.</summary>
    Fragment,

    /// <summary>Some frames of sound as <c>moof</c> + <c>mdat</c>, for those who hear them.</summary>
    Sound,

    /// <summary>Close or pong, for one viewer.</summary>
    Control,
}

/// <summary>One piece of a stream for all its viewers: <see cref="Payload"/> for HLS and DASH, and in front of it the header that
/// makes it a WebSocket <see cref="Frame"/> for MSE. Written once, then immutable and shared; its memory goes back with the last share.</summary>
internal sealed class CmafMessage
{
    private readonly CmafMessagePool? _pool;
    private byte[] _buffer = [];
    private int _headerLength;
    private int _shares;

    /// <param name="pool">Takes it back; null for one that is made for one viewer.</param>
    public CmafMessage(CmafMessagePool? pool) => _pool = pool;

    public CmafMessageKind Kind { get; private set; }

    public bool IsKeyframe { get; private set; }

    /// <summary>Of the frame.</summary>
    public int Length { get; private set; }

    public int PayloadLength => Length - _headerLength;

    /// <summary>The whole frame.</summary>
    public ReadOnlyMemory<byte> Frame => _buffer.AsMemory(0, Length);

    public ReadOnlyMemory<byte> Payload => _buffer.AsMemory(_headerLength..Length);

    /// <summary>Only before it is shared.</summary>
    public Span<byte> WritablePayload => _buffer.AsSpan(_headerLength..Length);

    /// <summary>Before it is shared: the room for the payload. The caller holds the first share.</summary>
    public Span<byte> Rent(CmafMessageKind kind, bool isKeyframe, WebSocketOpcode opcode, int payloadLength)
    {
        _headerLength = WebSocketFrame.HeaderLength(payloadLength);
        Length = _headerLength + payloadLength;
        _buffer = (_pool?.Buffers ?? ArrayPool<byte>.Shared).Rent(Length);
        WebSocketFrame.WriteHeader(_buffer, opcode, payloadLength);
        (Kind, IsKeyframe) = (kind, isKeyframe);
        _shares = 1;
        return WritablePayload;
    }

    public CmafMessage Share()
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
        (_pool?.Buffers ?? ArrayPool<byte>.Shared).Return(buffer);
        _pool?.Return(this);
    }
}

/// <summary>Keeps the messages of a stream and their memory for the next access units; all of it goes with the stream. Any thread.</summary>
internal sealed class CmafMessagePool
{
    /// <summary>A window's worth; more are left to the collector.</summary>
    private const int Capacity = 1024;

    /// <summary>A keyframe of a large picture; longer ones are not kept.</summary>
    private const int MaxKeptBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Stack<CmafMessage> _free = new(Capacity);
    private int _outstanding;

    /// <summary>Of this stream alone: a segment that leaves the window returns a hundred buffers at once, more than the shared pool
    /// takes, and they are needed again within seconds.</summary>
    public ArrayPool<byte> Buffers { get; } = ArrayPool<byte>.Create(MaxKeptBytes, Capacity / 2);

    /// <summary>Rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public CmafMessage Rent()
    {
        Interlocked.Increment(ref _outstanding);
        lock (_gate)
            return _free.TryPop(out var message) ? message : new CmafMessage(this);
    }

    public void Return(CmafMessage message)
    {
        Interlocked.Decrement(ref _outstanding);
        lock (_gate)
        {
            if (_free.Count < Capacity)
                _free.Push(message);
        }
    }
}
