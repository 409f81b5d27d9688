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
}

/// <summary>One message for all MSE viewers of a stream: written once, then immutable and shared; its memory goes back with the
/// last share.</summary>
internal sealed class MseMessage
{
    private readonly MseMessagePool _pool;
    private byte[] _buffer = [];
    private int _shares;

    public MseMessage(MseMessagePool pool) => _pool = pool;

    public MseMessageKind Kind { get; private set; }

    public bool IsKeyframe { get; private set; }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Only before it is shared.</summary>
    public Span<byte> Writable => _buffer.AsSpan(0, Length);

    /// <summary>Before it is shared: the room to write into. The caller holds the first share.</summary>
    public Span<byte> Rent(MseMessageKind kind, bool isKeyframe, int length)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(length);
        (Kind, IsKeyframe, Length) = (kind, isKeyframe, length);
        _shares = 1;
        return _buffer.AsSpan(0, length);
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
        _pool.Return(this);
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
