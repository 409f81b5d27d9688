using System.Buffers;
using Vms.Bus.Wire;

namespace Vms.Bus;

/// <summary>Publishes made while there is no connection, as they will go on the wire. Guarded by the connection's lock.</summary>
internal sealed class PendingPublishes(int ceilingBytes)
{
    private readonly ArrayBufferWriter<byte> _operations = new();
    private int _count;

    /// <summary>What the last server accepted; NATS's default before the first connection.</summary>
    public int MaxPayload { get; set; } = 1024 * 1024;

    /// <exception cref="BusException">ResourceExhausted.</exception>
    public void Add(string subject, string? replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        var size = NatsWriter.PublishOverhead(subject, replyTo) + headers.Length + payload.Length;
        if (_operations.WrittenCount + (long)size > ceilingBytes)
        {
            BusMetrics.Dropped("pending_full");
            throw new BusException(
                BusErrorKind.ResourceExhausted, $"The bus is not connected and {ceilingBytes} bytes are waiting already.");
        }

        NatsWriter.Publish(_operations, subject, replyTo, headers, payload);
        _count++;
    }

    /// <summary>Hands everything to a new session.</summary>
    public void MoveTo(SendBuffer output)
    {
        if (_count == 0) return;
        output.Append(_operations.WrittenSpan, _count);
        Drop();
    }

    /// <summary>Forgets everything and returns how much that was.</summary>
    public int Drop()
    {
        var count = _count;
        _operations.Clear();
        _count = 0;
        return count;
    }
}
