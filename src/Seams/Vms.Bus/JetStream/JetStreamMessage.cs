using System.Globalization;
using System.Text;

namespace Vms.Bus;

/// <summary>
/// A message of a stream, delivered to a durable consumer. Exactly one of ack, nak or terminate ends its delivery; without one it
/// comes again after the consumer's ack wait. All four are fire and forget: they survive a reconnect, not a crash.
/// </summary>
public sealed class JetStreamMessage
{
    private static readonly byte[] s_ack = "+ACK"u8.ToArray();
    private static readonly byte[] s_inProgress = "+WPI"u8.ToArray();
    private static readonly byte[] s_terminate = "+TERM"u8.ToArray();

    private readonly BusConnection _bus;
    private readonly BusMessage _message;
    private readonly Delivery _delivery;

    internal JetStreamMessage(BusConnection bus, BusMessage message, Delivery delivery)
    {
        _bus = bus;
        _message = message;
        _delivery = delivery;
    }

    public string Subject => _message.Subject;

    public ReadOnlyMemory<byte> Payload => _message.Payload;

    public BusHeaders? Headers => _message.Headers;

    /// <summary>The message's number in its stream.</summary>
    public ulong Sequence => _delivery.StreamSequence;

    /// <summary>1 for the first delivery.</summary>
    public long Deliveries => _delivery.Count;

    /// <summary>When the server stored it.</summary>
    public DateTimeOffset StoredAt => _delivery.StoredAt;

    public ValueTask AckAsync(CancellationToken cancellationToken) => AnswerAsync(s_ack, cancellationToken);

    /// <summary>Deliver it again, after a delay where one is given.</summary>
    public ValueTask NakAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var nanoseconds = Math.Max(0, delay.Ticks) * TimeSpan.NanosecondsPerTick;
        var answer = nanoseconds == 0 ? "-NAK" : string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\": {nanoseconds}}}");
        return AnswerAsync(Encoding.UTF8.GetBytes(answer), cancellationToken);
    }

    /// <summary>Still working on it: the ack wait begins anew.</summary>
    public ValueTask InProgressAsync(CancellationToken cancellationToken) => AnswerAsync(s_inProgress, cancellationToken);

    /// <summary>Never deliver it again.</summary>
    public ValueTask TerminateAsync(CancellationToken cancellationToken) => AnswerAsync(s_terminate, cancellationToken);

    private ValueTask AnswerAsync(byte[] answer, CancellationToken cancellationToken) =>
        _bus.PublishAsync(_message.ReplyTo!, answer, null, null, cancellationToken);

    /// <summary>What the reply subject of a delivered message says.</summary>
    internal readonly record struct Delivery(long Count, ulong StreamSequence, DateTimeOffset StoredAt, ulong Pending)
    {
        /// <summary><c>$JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.consumer sequence.time.pending[.token]</c></summary>
        public static bool TryParse(string? replyTo, out Delivery delivery)
        {
            delivery = default;
            var tokens = (replyTo ?? "").Split('.');
            if (tokens is not ["$JS", "ACK", ..] || tokens.Length is not (9 or >= 11)) return false;

            var at = tokens.Length == 9 ? 4 : 6;
            if (!long.TryParse(tokens[at], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || !ulong.TryParse(tokens[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                || !long.TryParse(tokens[at + 3], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
                || !ulong.TryParse(tokens[at + 4], NumberStyles.None, CultureInfo.InvariantCulture, out var pending))
                return false;

            delivery = new Delivery(count, sequence, DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick), pending);
            return true;
        }
    }
}
