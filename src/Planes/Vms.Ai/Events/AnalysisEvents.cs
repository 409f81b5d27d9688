using System.Diagnostics.Metrics;
using Vms.Hosting.Events;

namespace Vms.Ai.Events;

/// <summary>What analysis found, on its way to the bus. Any thread.</summary>
internal sealed class AnalysisEvents : IDisposable
{
    private readonly EventOutbox _outbox;
    private readonly Meter _meter = new("Vms.Ai.Events");
    private long _made;

    public AnalysisEvents(EventOutbox outbox)
    {
        _outbox = outbox;
        _meter.CreateObservableCounter("vms_analysis_events_total", () => Interlocked.Read(ref _made), description: "Events that analysis made, each telling of one counted.");
    }

    /// <param name="messageId">Null: <see cref="AnalyticsEvent.MessageId"/>.</param>
    internal void Add(string siteId, AnalyticsEvent happened, string? messageId = null)
    {
        Interlocked.Increment(ref _made);
        _outbox.Add(siteId, happened.CameraId, happened.Type, messageId ?? happened.MessageId, happened.ToJson());
    }

    public void Dispose() => _meter.Dispose();
}
