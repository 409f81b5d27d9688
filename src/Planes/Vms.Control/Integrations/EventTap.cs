using System.Text.Json;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Reconciliation;

namespace Vms.Control.Integrations;

/// <summary>Reads the events of the first tenant from the bus for a broker, with a durable consumer of its own: what happens while the broker is away waits there.
/// Acknowledged when the broker has them: at least once.</summary>
internal sealed class EventTap(BusConnection bus, RightsState rights, DesiredState desired, TimeProvider time)
{
    private const int MaxBatch = 100;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    /// <summary>A clock that is a little behind is no reason to say nothing.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(1);

    /// <param name="durable">Name of the consumer.</param>
    /// <param name="since">What happened before is not told.</param>
    /// <param name="send">Returns when all of them have arrived; an exception ends the run, and they come again.</param>
    public async Task RunAsync(
        string durable, DateTimeOffset since, Func<IReadOnlyList<OutgoingEvent>, CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        // What is acknowledged and not sent, or sent without its camera's name, does not come again.
        await rights.ReadOnceAsync(cancellationToken);
        await desired.ReadOnceAsync(cancellationToken);
        await bus.JetStream.EnsureConsumerAsync(
            BusLayout.EventStream, new ConsumerConfig { DurableName = durable, MaxAckPending = 2 * MaxBatch }, cancellationToken);
        var consumer = bus.JetStream.Consumer(BusLayout.EventStream, durable);
        while (true)
        {
            try
            {
                var batch = await NextBatchAsync(consumer, cancellationToken);
                await PassOnAsync(batch, since - s_tolerance, send, cancellationToken);
            }
            catch (BusException e) when (e.IsTransient)
            {
                await Task.Delay(s_retry, time, cancellationToken);
            }
        }
    }

    private static async Task<List<JetStreamMessage>> NextBatchAsync(PullConsumer consumer, CancellationToken cancellationToken)
    {
        var batch = new List<JetStreamMessage>();
        await foreach (var message in consumer.FetchAsync(1, s_idle, cancellationToken))
            batch.Add(message);
        if (batch.Count == 0)
            return batch;
        await foreach (var message in consumer.FetchAsync(MaxBatch - 1, s_gather, cancellationToken))
            batch.Add(message);
        return batch;
    }

    private async Task PassOnAsync(
        List<JetStreamMessage> batch, DateTimeOffset since, Func<IReadOnlyList<OutgoingEvent>, CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        try
        {
            await send([.. batch.Select(m => Read(m, since)).OfType<OutgoingEvent>()], cancellationToken);
        }
        catch
        {
            // Given back at once, not when their time to be acknowledged is over.
            foreach (var message in batch)
                await message.NakAsync(TimeSpan.Zero, CancellationToken.None);
            throw;
        }

        foreach (var message in batch)
            await message.AckAsync(cancellationToken);
    }

    /// <summary>Null for what is not told.</summary>
    private OutgoingEvent? Read(JetStreamMessage message, DateTimeOffset since)
    {
        if (BusEvent.TryParse(message.Subject, message.Payload.Span) is not { } happened || (happened.EndAt ?? happened.At) < since || !IsOfFirstTenant(happened))
            return null;
        var name = happened.CameraId is { } id && desired.Cameras?.TryGetValue(id, out var camera) == true ? camera.Row.Settings.Name : null;
        try
        {
            return OutgoingEvent.Of(happened, message.Payload.Span, name);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;        // the same name twice in an object
        }
    }

    /// <summary>The services are the installation's; what other tenants' cameras see is not its own.</summary>
    private bool IsOfFirstTenant(BusEvent happened)
    {
        if (rights.Current is not { } snapshot)
            return false;
        var tenant = happened.CameraId is { } camera && snapshot.Cameras.TryGetValue(camera, out var place) ? place.TenantId : snapshot.TenantOfSite(happened.SiteId!);
        return (tenant ?? Tenants.First) == Tenants.First;
    }
}
