using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Adds up the counters of playback, by name and tags: <c>vms_playback_unreadable_total{reason=gone}</c>.</summary>
internal sealed class PlaybackMetricsProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _values = new();

    public PlaybackMetricsProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Vms.Recorder.Playback") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Add);
        _listener.Start();
    }

    public long this[string name] => _values.GetValueOrDefault(name);

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        string name = instrument.Name;
        foreach (var tag in tags) name += $"{{{tag.Key}={tag.Value}}}";
        _values.AddOrUpdate(name, value, (_, before) => before + value);
    }
}
