using System.Text;

namespace Vms.Bus;

/// <summary>One received message. Owned by whoever received it; nothing in it is pooled.</summary>
public sealed class BusMessage
{
    internal BusMessage(string subject, string? replyTo, ReadOnlyMemory<byte> payload)
    {
        Subject = subject;
        ReplyTo = replyTo;
        Payload = payload;
    }

    public string Subject { get; }

    /// <summary>Where an answer is expected; null when none is.</summary>
    public string? ReplyTo { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    public BusHeaders? Headers { get; init; }

    /// <summary>Status of the server's own messages (100, 404, 408, 409, 503); 0 for messages of clients.</summary>
    public int Status { get; init; }

    /// <summary>The words after the status.</summary>
    public string StatusText { get; init; } = "";

    public string Text => Encoding.UTF8.GetString(Payload.Span);
}
