using System.Diagnostics.Metrics;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Control.Events;

/// <summary>
/// Notices what the bus dropped before it was read. The stream's messages are numbered without a hole and its oldest go first, beyond
/// <see cref="BusLayout.EventMaxBytes"/> and <see cref="BusLayout.EventMaxAge"/>: what is missing before its first one is lost. One caller at a time.
/// </summary>
internal sealed partial class LostEvents(BusConnection bus, TimeProvider time, ILogger<LostEvents> logger)
{
    public const string Type = BusLayout.EventsLost;

    /// <summary>Of the stream's age: the server looks for what is too old now and then.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    /// <summary>A stream that is full has room for less than a message.</summary>
    private const double FullFrom = 0.9;

    private static readonly Meter s_meter = new("Vms.Control.LostEvents");
    private static readonly Counter<long> s_lost = s_meter.CreateCounter<long>("vms_events_lost_total", description: "Events that the bus dropped before they were stored.");

    private readonly List<BusEvent> _untold = [];

    private ulong? _last;
    private DateTimeOffset? _lastAt;

    /// <summary>What was noticed and is not stored yet, in its order.</summary>
    public IReadOnlyList<BusEvent> Untold => _untold;

    /// <summary>It is stored.</summary>
    public void Told(BusEvent lost) => _untold.Remove(lost);

    /// <param name="consumer">Of control: it remembers over a restart what was stored.</param>
    /// <exception cref="BusException">Not now.</exception>
    public async Task BeginAsync(PullConsumer consumer, CancellationToken cancellationToken) =>
        _last ??= await consumer.AcknowledgedAsync(cancellationToken);

    /// <summary>To be asked about every message in turn.</summary>
    /// <returns>What an operator has to be told of those that should have come before it, one of <see cref="Untold"/> from now on; null: none is missing.</returns>
    /// <exception cref="BusException">Not now.</exception>
    public async Task<BusEvent?> BeforeAsync(JetStreamMessage message, CancellationToken cancellationToken)
    {
        var (sequence, last, from) = (message.Sequence, _last ?? 0, _lastAt);
        ulong lost = 0;
        ulong bytes = 0;
        if (sequence > last + 1)
        {
            // Others that were not acknowledged may come again behind this one: they are there still.
            var stream = await bus.JetStream.StreamStateAsync(BusLayout.EventStream, cancellationToken);
            var there = Math.Min(stream.FirstSeq, sequence);
            bytes = stream.Bytes;
            lost = there > last + 1 ? there - last - 1 : 0;
        }

        // Delivered for the first time, and no newer than what there was: another stream, of a server that has lost its own.
        if (sequence > last || message.Deliveries == 1)
            (_last, _lastAt) = (sequence, message.StoredAt);
        if (lost == 0)
            return null;

        s_lost.Add((long)lost);
        var reason = IsFull(from, message.StoredAt, bytes) ? "full" : "tooOld";
        Log.Lost(logger, lost, from, message.StoredAt, reason);
        // By what the stream says alone: a start behind this one finds the same.
        var told = BusEvent.OfControl($"events-lost/{last + 1}", Type, null, null, message.StoredAt, message.StoredAt, new { count = lost, reason, from });
        _untold.Add(told);
        return told;
    }

    /// <summary>Or what is lost had become too old.</summary>
    /// <param name="from">When the last one before it was stored; null: not known.</param>
    /// <param name="to">When the first one behind it was.</param>
    private bool IsFull(DateTimeOffset? from, DateTimeOffset to, ulong bytes)
    {
        var now = time.GetUtcNow();
        if (now - to > BusLayout.EventMaxAge - s_tolerance)
            return false;       // all of it was older still
        return now - from < BusLayout.EventMaxAge - s_tolerance || bytes > BusLayout.EventMaxBytes * FullFrom;
    }

    private static partial class Log
    {
        [LoggerMessage(1282, LogLevel.Error, "{Count} events behind {From} and before {To:u} were dropped by the bus before they could be stored ({Reason}): the database was away, or too slow, for too long")]
        public static partial void Lost(ILogger logger, ulong count, DateTimeOffset? from, DateTimeOffset to, string reason);
    }
}
