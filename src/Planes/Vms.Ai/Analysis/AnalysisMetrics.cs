using System.Diagnostics.Metrics;

namespace Vms.Ai.Analysis;

/// <summary>What the analyses count, read from their fields when somebody asks.</summary>
internal sealed class AnalysisMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Ai");

    public AnalysisMetrics(DrainLoop loop)
    {
        _meter.CreateObservableCounter("vms_analysis_samples_total", () => Measure(loop, s => s.Samples), description: "Samples read for analysis.");
        _meter.CreateObservableCounter("vms_analysis_overruns_total", () => Measure(loop, s => s.Overruns), description: "Times analysis was lapped by the stream log's writer.");
        _meter.CreateObservableGauge("vms_analysis_samples_per_second", () => Measure(loop, s => s.SamplesPerSecond), description: "Samples read for analysis per second, over five seconds.");
    }

    private static IEnumerable<Measurement<T>> Measure<T>(DrainLoop loop, Func<StreamAnalysis, T> value) where T : struct =>
        loop.Streams.Select(stream => new Measurement<T>(
            value(stream), new KeyValuePair<string, object?>("camera", stream.Key.CameraId), new KeyValuePair<string, object?>("stream", stream.Key.Stream)));

    public void Dispose() => _meter.Dispose();
}
