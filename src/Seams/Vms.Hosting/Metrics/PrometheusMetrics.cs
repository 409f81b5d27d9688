using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Vms.Hosting;

/// <summary>
/// Listens to the meters named <c>Vms.*</c> and renders them as Prometheus text (exposition format 0.0.4). Instrument names are
/// the metric names (<c>vms_recording_lost_seconds_total</c>).
/// </summary>
/// <remarks>A measurement with labels builds its key as a string: code that runs per sample keeps a field and publishes it
/// through an observable instrument. What an observable instrument no longer reports (a viewer that left, a camera that was deleted) is
/// gone from the text and makes room.</remarks>
public sealed class PrometheusMetrics : IDisposable
{
    /// <summary>Label sets of one instrument; more are counted in <c>vms_metrics_series_dropped_total</c> instead of eating memory.</summary>
    private const int MaxSeriesPerInstrument = 4096;

    /// <summary>Upper bounds of every histogram, in the instrument's unit (seconds in this product).</summary>
    private static readonly double[] s_buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _series = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _render = new();
    private long _droppedSeries;
    private long _look;     // number of this rendering

    public PrometheusMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Vms", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Record(i, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Record(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Record(i, value, tags));
        _listener.Start();
    }

    public string Render()
    {
        lock (_render)
        {
            _look++;
            _listener.RecordObservableInstruments();
            ForgetUnreported();
            var text = new StringBuilder(4096);
            foreach (var (instrument, series) in _series.OrderBy(s => s.Key.Name, StringComparer.Ordinal))
            {
                if (instrument.Description is { Length: > 0 } help)
                    text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(help).Append('\n');
                text.Append("# TYPE ").Append(instrument.Name).Append(' ').Append(TypeOf(instrument)).Append('\n');
                foreach (var (labels, value) in series.OrderBy(s => s.Key, StringComparer.Ordinal))
                    value.Render(text, instrument.Name, labels);
            }

            text.Append("# TYPE vms_metrics_series_dropped_total counter\nvms_metrics_series_dropped_total ")
                .Append(Interlocked.Read(ref _droppedSeries)).Append('\n');
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = _series.GetOrAdd(instrument, static _ => new ConcurrentDictionary<string, Series>());
        var key = LabelsOf(tags);
        if (!all.TryGetValue(key, out var series))
        {
            if (all.Count >= MaxSeriesPerInstrument)
            {
                Interlocked.Increment(ref _droppedSeries);
                return;
            }

            series = all.GetOrAdd(key, static (_, i) => new Series(TypeOf(i)), instrument);
        }

        series.Look = Volatile.Read(ref _look);
        series.Record(value, set: instrument.IsObservable || IsGauge(instrument));
    }

    private void ForgetUnreported()
    {
        foreach (var (instrument, all) in _series)
        {
            if (!instrument.IsObservable)
                continue;
            foreach (var (labels, series) in all)
            {
                if (series.Look != _look)
                    all.TryRemove(labels, out _);
            }
        }
    }

    private static bool IsGauge(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Gauge<>);

    private static string TypeOf(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        return type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : "gauge";
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder(64);
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            text.Append('"');
        }

        return text.ToString();
    }

    private sealed class Series(string type)
    {
        private readonly long[]? _counts = type == "histogram" ? new long[s_buckets.Length + 1] : null;
        private readonly Lock _gate = new();
        private double _value;
        private long _count;

        /// <summary>The rendering that an observable instrument has last reported it for.</summary>
        public long Look { get; set; }

        public void Record(double value, bool set)
        {
            lock (_gate)
            {
                if (_counts is not null)
                {
                    var bucket = Array.FindIndex(s_buckets, b => value <= b);
                    _counts[bucket < 0 ? s_buckets.Length : bucket]++;
                    _count++;
                    _value += value;
                }
                else
                {
                    _value = set ? value : _value + value;
                }
            }
        }

        public void Render(StringBuilder text, string name, string labels)
        {
            lock (_gate)
            {
                if (_counts is null)
                {
                    Line(text, name, labels, _value);
                    return;
                }

                long below = 0;
                for (var i = 0; i < _counts.Length; i++)
                {
                    below += _counts[i];
                    var bound = i < s_buckets.Length ? s_buckets[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                    Line(text, name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below);
                }

                Line(text, name + "_sum", labels, _value);
                Line(text, name + "_count", labels, _count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
