using System.Diagnostics.Metrics;

namespace Vms.Control.Outbox;

/// <summary>What goes out, what waits, and what did not arrive.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Control.Outbox");
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _seconds;
    private volatile IReadOnlyList<(string Channel, string State, long Count)> _counts = [];

    public OutboxMetrics()
    {
        _ended = _meter.CreateCounter<long>("vms_outbox_tries_total", description: "Tries to deliver something: delivered, postponed or dead.");
        _seconds = _meter.CreateHistogram<double>("vms_outbox_try_seconds", description: "How long a try took.");
        _meter.CreateObservableGauge(
            "vms_outbox_items", () => _counts.Select(c => new Measurement<long>(c.Count, new("channel", c.Channel), new("state", c.State))),
            description: "What waits to be delivered, and dead letters; counted once a minute.");
    }

    public void Tried(string channel, TimeSpan took) => _seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("channel", channel));

    public void Ended(string channel, string result) =>
        _ended.Add(1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("result", result));

    public void Counted(IReadOnlyList<(string Channel, string State, long Count)> counts) => _counts = counts;

    public void Dispose() => _meter.Dispose();
}
