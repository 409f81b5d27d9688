using System.Diagnostics.Metrics;

namespace Vms.Ai.Analysis;

/// <summary>What the analyses count, read from their fields when somebody asks.</summary>
internal sealed class AnalysisMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Ai");

    public AnalysisMetrics(DrainLoop loop, AnalysisParts parts)
    {
        _meter.CreateObservableCounter("vms_analysis_samples_total", () => Measure(loop, s => s.Samples), description: "Samples read for analysis.");
        _meter.CreateObservableCounter("vms_analysis_overruns_total", () => Measure(loop, s => s.Overruns), description: "Times analysis was lapped by the stream log's writer.");
        _meter.CreateObservableCounter("vms_analysis_pictures_total", () => Measure(loop, s => s.Pictures), description: "Pictures looked at.");
        _meter.CreateObservableCounter("vms_analysis_detections_total", () => Measure(loop, s => s.Detections), description: "Regions of pictures that the detector looked at.");
        _meter.CreateObservableGauge("vms_analysis_samples_per_second", () => Measure(loop, s => s.SamplesPerSecond), description: "Samples read for analysis per second, over five seconds.");
        _meter.CreateObservableGauge("vms_analysis_pictures_per_second", () => Measure(loop, s => s.PicturesPerSecond), description: "Pictures looked at per second, over five seconds.");
        _meter.CreateObservableGauge("vms_analysis_rate_part", () => parts.Load.Part, description: "Part of the rate wanted that is looked at; below 1 analysis is too much for this machine.");
        _meter.CreateObservableCounter("vms_analysis_stage_seconds_total", () => Stages(parts.Times), description: "Time spent on analysis, without the detectors.");
    }

    private static IEnumerable<Measurement<T>> Measure<T>(DrainLoop loop, Func<StreamAnalysis, T> value) where T : struct =>
        loop.Streams.Select(stream => new Measurement<T>(
            value(stream), new KeyValuePair<string, object?>("camera", stream.Key.CameraId), new KeyValuePair<string, object?>("stream", stream.Key.Stream)));

    private static IEnumerable<Measurement<double>> Stages(StageTimes times)
    {
        yield return new Measurement<double>(times.DecodeSeconds, new KeyValuePair<string, object?>("stage", "decode"));
        yield return new Measurement<double>(times.MotionSeconds, new KeyValuePair<string, object?>("stage", "motion"));
        yield return new Measurement<double>(times.ConvertSeconds, new KeyValuePair<string, object?>("stage", "convert"));
        yield return new Measurement<double>(times.TrackSeconds, new KeyValuePair<string, object?>("stage", "track"));
    }

    public void Dispose() => _meter.Dispose();
}
