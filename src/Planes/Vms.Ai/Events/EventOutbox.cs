using System.Diagnostics.Metrics;
using Vms.Contracts;
using Vms.Hosting;

namespace Vms.Ai.Events;

/// <summary>Where events go on their way to the bus. Any thread; returns at once.</summary>
internal sealed class EventOutbox : IDisposable
{
    /// <summary>Where events go of a camera whose site nobody named.</summary>
    private const string DefaultSite = "default";

    private readonly Meter _meter = new("Vms.Ai.Events");
    private long _made;

    public EventOutbox(PlaneOptions options)
    {
        PrivateFiles.CreateDirectory(options.StateDirectory);
        Spool = new EventSpool(Path.Combine(options.StateDirectory, "analysis-events"));
        _meter.CreateObservableCounter("vms_analysis_events_total", () => Interlocked.Read(ref _made), description: "Events that analysis made, each telling of one counted.");
        _meter.CreateObservableCounter("vms_analysis_events_lost_total", () => Spool.Lost, description: "Events lost because the bus was away for too long, or the disk full.");
        _meter.CreateObservableGauge("vms_analysis_events_waiting_bytes", () => Spool.Bytes, description: "Bytes of the files in which events wait for the bus.");
    }

    internal EventSpool Spool { get; }

    /// <param name="messageId">Null: <see cref="AnalyticsEvent.MessageId"/>.</param>
    internal void Add(string siteId, AnalyticsEvent happened, string? messageId = null)
    {
        Interlocked.Increment(ref _made);
        Spool.Append(new SpooledEvent(
            BusLayout.EventSubject(siteId.Length == 0 ? DefaultSite : siteId, happened.CameraId, happened.Type), messageId ?? happened.MessageId, happened.ToJson()));
    }

    public void Dispose()
    {
        _meter.Dispose();
        Spool.Dispose();
    }
}
