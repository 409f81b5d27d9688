using System.Diagnostics.Metrics;
using System.Text.Json;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Sites;

namespace Vms.Control.Events;

/// <summary>
/// Notices what the bus dropped before it was read. The stream's messages are numbered without a hole and its oldest go first, beyond
/// <see cref="BusLayout.EventMaxBytes"/> and <see cref="BusLayout.EventMaxAge"/>: what is missing before its first one is lost. One caller at a time.
/// </summary>
internal sealed partial class LostEvents(BusConnection bus, TimeProvider time, ILogger<LostEvents> logger)
{
    public const string Type = "system.eventsLost";

    /// <summary>Of the stream's age: the server looks for what is too old now and then.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    private static readonly Meter s_meter = new("Vms.Control.LostEvents");
    private static readonly Counter<long> s_lost = s_meter.CreateCounter<long>("vms_events_lost_total", description: "Events that the bus dropped before they were stored.");

    private ulong? _last;
    private DateTimeOffset? _lastAt;

    /// <param name="consumer">Of control: it remembers over a restart what was stored.</param>
    /// <exception cref="BusException">Not now.</exception>
    public async Task BeginAsync(PullConsumer consumer, CancellationToken cancellationToken) =>
        _last ??= await consumer.AcknowledgedAsync(cancellationToken);

    /// <summary>To be asked about every message in turn.</summary>
    /// <returns>What an operator has to be told of those that should have come before it; null: none is missing.</returns>
    /// <exception cref="BusException">Not now.</exception>
    public async Task<BusEvent?> BeforeAsync(JetStreamMessage message, CancellationToken cancellationToken)
    {
        var (sequence, last, from) = (message.Sequence, _last ?? 0, _lastAt ?? message.StoredAt);
        ulong lost = 0;
        if (sequence > last + 1)
        {
            // Others that were not acknowledged may come again behind this one: they are there still.
            var first = await bus.JetStream.FirstSequenceAsync(BusLayout.EventStream, cancellationToken);
            var there = Math.Min(first, sequence);
            lost = there > last + 1 ? there - last - 1 : 0;
        }

        // Delivered for the first time, and no newer than what there was: another stream, of a server that has lost its own.
        if (sequence > last || message.Deliveries == 1)
            (_last, _lastAt) = (sequence, message.StoredAt);
        if (lost == 0)
            return null;

        s_lost.Add((long)lost);
        var reason = time.GetUtcNow() - message.StoredAt > BusLayout.EventMaxAge - s_tolerance ? "tooOld" : "full";
        Log.Lost(logger, lost, from, message.StoredAt, reason);
        return new BusEvent(
            $"events-lost/{last + 1}", Type, null, SiteRow.DefaultId, from, message.StoredAt, "control",
            JsonSerializer.Serialize(new { count = lost, reason }, JsonSerializerOptions.Web));
    }

    private static partial class Log
    {
        [LoggerMessage(1282, LogLevel.Error, "{Count} events of {From:u} to {To:u} were dropped by the bus before they could be stored ({Reason}): the database was away, or too slow, for too long")]
        public static partial void Lost(ILogger logger, ulong count, DateTimeOffset from, DateTimeOffset to, string reason);
    }
}
