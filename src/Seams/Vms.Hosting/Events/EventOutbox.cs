using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts;

namespace Vms.Hosting.Events;

/// <summary>Where a plane's events go on their way to the bus: they are in a file when <see cref="Add(string, string, string, string, object)"/> returns. Any thread.</summary>
public sealed class EventOutbox : IDisposable
{
    /// <summary>Where events go of a camera whose site nobody named, and of no camera.</summary>
    private const string DefaultSite = "default";

    private readonly Meter _meter = new("Vms.Hosting.Events");

    /// <param name="directory">Its own.</param>
    /// <param name="source">In <c>source</c> of what is told about the outbox itself.</param>
    /// <param name="lostMetric">Name of the counter of lost events.</param>
    /// <param name="waitingMetric">Name of the gauge of bytes that wait.</param>
    public EventOutbox(string directory, string source, string lostMetric, string waitingMetric)
    {
        Source = source;
        Spool = new EventSpool(directory);
        _meter.CreateObservableCounter(lostMetric, () => Spool.Lost, description: "Events lost because the bus was away for too long, or the disk full.");
        _meter.CreateObservableGauge(waitingMetric, () => Spool.Bytes, description: "Bytes of the files in which events wait for the bus.");
    }

    public string Source { get; }

    public EventSpool Spool { get; }

    /// <param name="siteId">Null or empty: nobody named one.</param>
    /// <param name="cameraId">Empty for none.</param>
    /// <param name="messageId">Sent twice it is still one message.</param>
    /// <param name="body">The event as it travels; serialized here.</param>
    public void Add(string? siteId, string cameraId, string type, string messageId, object body) =>
        Add(siteId, cameraId, type, messageId, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web));

    /// <inheritdoc cref="Add(string, string, string, string, object)"/>
    public void Add(string? siteId, string cameraId, string type, string messageId, byte[] payload) =>
        Spool.Append(new SpooledEvent(BusLayout.EventSubject(string.IsNullOrEmpty(siteId) ? DefaultSite : siteId, cameraId, type), messageId, payload));

    public void Dispose()
    {
        _meter.Dispose();
        Spool.Dispose();
    }

    /// <summary>What an operator is told of a loss.</summary>
    internal SpooledEvent EventOf(SpoolLoss loss, DateTimeOffset now)
    {
        var at = loss.To ?? now;
        string id = $"events-lost/{Source}/{(loss.From ?? now).UtcTicks}";
        return new SpooledEvent(
            BusLayout.EventSubject(DefaultSite, null, BusLayout.EventsLost), id, JsonSerializer.SerializeToUtf8Bytes(
                new { id, type = BusLayout.EventsLost, at, endAt = at, source = Source, data = new { count = loss.Count, reason = "full", loss.From } },
                JsonSerializerOptions.Web));
    }
}

/// <summary>What a plane registers; where it has a bus, <see cref="EventSender"/> besides.</summary>
public static class EventOutboxes
{
    /// <param name="folder">Below the state directory.</param>
    /// <inheritdoc cref="EventOutbox(string, string, string, string)"/>
    public static IServiceCollection AddEventOutbox(this IServiceCollection services, string folder, string source, string lostMetric, string waitingMetric) =>
        services.AddSingleton(s =>
        {
            var options = s.GetRequiredService<PlaneOptions>();
            PrivateFiles.CreateDirectory(options.StateDirectory);
            return new EventOutbox(Path.Combine(options.StateDirectory, folder), source, lostMetric, waitingMetric);
        });
}
