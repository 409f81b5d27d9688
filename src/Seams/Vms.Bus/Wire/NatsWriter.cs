using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vms.Bus.Wire;

/// <summary>Writes the client's operations: PUB, HPUB, SUB, UNSUB. Subjects were checked by the caller.</summary>
internal static class NatsWriter
{
    public static readonly ReadOnlyMemory<byte> Ping = "PING\r\n"u8.ToArray();
    public static readonly ReadOnlyMemory<byte> Pong = "PONG\r\n"u8.ToArray();

    /// <summary>Upper bound of what <see cref="Publish"/> writes beside headers and payload.</summary>
    public static int PublishOverhead(string subject, string? replyTo) =>
        32 + Encoding.UTF8.GetMaxByteCount(subject.Length) + Encoding.UTF8.GetMaxByteCount(replyTo?.Length ?? 0);

    public static void Publish(
        IBufferWriter<byte> output, string subject, string? replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        output.Write(headers.IsEmpty ? "PUB "u8 : "HPUB "u8);
        Text(output, subject);
        output.Write(" "u8);
        if (replyTo is not null)
        {
            Text(output, replyTo);
            output.Write(" "u8);
        }

        if (!headers.IsEmpty)
        {
            Number(output, headers.Length);
            output.Write(" "u8);
        }

        Number(output, headers.Length + payload.Length);
        output.Write("\r\n"u8);
        output.Write(headers);
        output.Write(payload);
        output.Write("\r\n"u8);
    }

    public static byte[] Subscribe(string subject, string? queueGroup, long subscriptionId) =>
        Encoding.UTF8.GetBytes(queueGroup is null ? $"SUB {subject} {subscriptionId}\r\n" : $"SUB {subject} {queueGroup} {subscriptionId}\r\n");

    public static byte[] Unsubscribe(long subscriptionId) => Encoding.UTF8.GetBytes($"UNSUB {subscriptionId}\r\n");

    private static void Text(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    private static void Number(IBufferWriter<byte> output, int number)
    {
        var span = output.GetSpan(11);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
