using System.Buffers;
using System.Threading.Channels;

namespace Vms.Bus.Wire;

/// <summary>
/// Whole operations waiting to be written to one connection: any thread appends, the writer loop takes everything at once. Two
/// buffers swap places, so nothing is allocated per message once they have grown.
/// </summary>
internal sealed class SendBuffer(int ceilingBytes)
{
    /// <summary>A buffer that grew in a burst is given back afterwards.</summary>
    private const int KeepCapacityBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _filled = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private ArrayBufferWriter<byte> _open = new();
    private ArrayBufferWriter<byte> _taken = new();
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _publishes;
    private bool _closed;

    public bool IsClosed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    /// <summary>
    /// False: no room now (wait for <see cref="RoomAsync"/>) or closed. A message larger than the ceiling fits into an empty buffer.
    /// </summary>
    public bool TryPublish(string subject, string? replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        var size = NatsWriter.PublishOverhead(subject, replyTo) + headers.Length + payload.Length;
        lock (_gate)
        {
            if (_closed || (_open.WrittenCount > 0 && _open.WrittenCount + (long)size > ceilingBytes)) return false;

            NatsWriter.Publish(_open, subject, replyTo, headers, payload);
            _publishes++;
        }

        _filled.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Appends control operations, which are small and few: they have no ceiling. False when closed.</summary>
    public bool Append(ReadOnlySpan<byte> operations, int publishes = 0)
    {
        lock (_gate)
        {
            if (_closed) return false;
            _open.Write(operations);
            _publishes += publishes;
        }

        _filled.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Completes when there may be room again, or at once when the buffer is closed.</summary>
    public Task RoomAsync()
    {
        lock (_gate) return _closed || _open.WrittenCount == 0 ? Task.CompletedTask : _room.Task;
    }

    /// <summary>Waits for something to send. Borrowed until the next call; false when closed.</summary>
    public async ValueTask<(bool Open, ReadOnlyMemory<byte> Operations)> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _filled.Reader.WaitToReadAsync(cancellationToken))
        {
            _filled.Reader.TryRead(out _);
            lock (_gate)
            {
                if (_open.WrittenCount == 0) continue;

                if (_taken.Capacity > KeepCapacityBytes) _taken = new ArrayBufferWriter<byte>();
                else _taken.ResetWrittenCount();
                (_open, _taken) = (_taken, _open);
                _publishes = 0;
                _room.TrySetResult();
                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return (true, _taken.WrittenMemory);
            }
        }

        return (false, default);
    }

    /// <summary>Nothing more is accepted. Returns how many publishes were never taken.</summary>
    public int Close()
    {
        lock (_gate)
        {
            _closed = true;
            _room.TrySetResult();
            _filled.Writer.TryComplete();
            var lost = _publishes;
            _publishes = 0;
            return lost;
        }
    }
}
