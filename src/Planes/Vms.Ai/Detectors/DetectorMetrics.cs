using System.Diagnostics.Metrics;

namespace Vms.Ai.Detectors;

/// <summary>What the detectors count, read when somebody asks.</summary>
internal sealed class DetectorMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Ai.Detectors");

    public DetectorMetrics(DetectorPool detectors, PlateReader plates)
    {
        _meter.CreateObservableCounter("vms_detector_pictures_total", () => detectors.Load.Done, description: "Pictures that models looked at.");
        _meter.CreateObservableCounter("vms_detector_refused_total", () => detectors.Load.Refused, description: "Pictures refused because as many waited as may.");
        _meter.CreateObservableGauge("vms_detector_waiting", () => detectors.Load.Waiting, description: "Pictures that wait for a model.");
        _meter.CreateObservableGauge("vms_detector_picture_seconds", () => detectors.Load.RunTime.TotalSeconds, description: "How long a model looked at a picture, lately; of the slowest model.");
        _meter.CreateObservableGauge(
            "vms_detector_failed", () => detectors.Statuses.Count(s => s.State == DetectorState.Failed), description: "Models that somebody asked for and that cannot be used.");
        _meter.CreateObservableCounter("vms_plate_refused_total", () => plates.Refused, description: "Vehicles whose plates were not read because as many waited as may.");
    }

    public void Dispose() => _meter.Dispose();
}
