using System.Diagnostics.Metrics;

namespace Vms.Control.Features.LiveFeed;

/// <summary>How much the live feed has to say, and who could not keep up.</summary>
internal sealed class FeedMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Control.LiveFeed");
    private readonly Counter<long> _cutOff;
    private long _messages;
    private long _bytes;

    public FeedMetrics()
    {
        _meter.CreateObservableCounter("vms_feed_messages_total", () => Interlocked.Read(ref _messages), description: "Messages put into listeners' queues.");
        _meter.CreateObservableCounter("vms_feed_bytes_total", () => Interlocked.Read(ref _bytes), description: "Bytes of these messages.");
        _cutOff = _meter.CreateCounter<long>("vms_feed_cut_off_total", description: "Listeners cut off: tooSlow, tooBig (they sent too much) or signedOut.");
    }

    /// <summary>How many listen now.</summary>
    public void Watch(Func<int> listeners) => _meter.CreateObservableGauge("vms_feed_listeners", listeners, description: "Open connections to the live feed.");

    public void Queued(int listeners, int bytes)
    {
        Interlocked.Add(ref _messages, listeners);
        Interlocked.Add(ref _bytes, (long)listeners * bytes);
    }

    public void CutOff(string reason) => _cutOff.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
