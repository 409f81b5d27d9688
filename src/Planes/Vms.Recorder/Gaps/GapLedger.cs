using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Gaps;

/// <summary>The books of all recorded streams, and their metrics. Any thread.</summary>
internal sealed class GapLedger : IDisposable
{
    private readonly ConcurrentDictionary<(string CameraId, string Stream), StreamLedger> _streams = new();
    private readonly TimeProvider _time;
    private readonly Meter _meter = new("Vms.Recorder.Recordings");

    public GapLedger(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableCounter("vms_recording_lost_seconds_total", () => NotRecorded(intended: false), "s", "Wall time a recording should cover and does not, by cause.");
        _meter.CreateObservableCounter(
            "vms_recording_unwanted_seconds_total",
            () => NotRecorded(intended: true),
            "s",
            "Wall time that nobody wanted recorded, by cause: off, off by schedule, or nothing happened.");
        _meter.CreateObservableCounter(
            "vms_recording_recorded_seconds_total", () => Each(s => s.RecordedSeconds), "s", "Wall time that is in segment files.");
        _meter.CreateObservableCounter("vms_recorder_bytes_total", () => Each(s => (double)s.BytesTotal), "By", "Bytes written into segments.");
        _meter.CreateObservableCounter("vms_recorder_fragments_total", () => Each(s => (double)s.FragmentsTotal), null, "Fragments written.");
        _meter.CreateObservableCounter(
            "vms_recorder_samples_ignored_total", () => Each(s => (double)s.SamplesIgnored), null, "Samples of tracks that cannot be stored.");
        _meter.CreateObservableCounter(
            "vms_recorder_samples_before_keyframe_total",
            () => Each(s => (double)s.SamplesBeforeKeyframe),
            null,
            "Samples left out because no keyframe stood before them.");
        _meter.CreateObservableGauge("vms_recording_outage_seconds", Outages, "s", "Length of the outage that goes on now.");
    }

    public StreamLedger Of(string cameraId, string stream) =>
        _streams.GetOrAdd((cameraId, stream), static (key, time) => new StreamLedger(key.CameraId, key.Stream, time), _time);

    /// <summary>Bytes written into segments of all streams since the start.</summary>
    public long BytesTotal => _streams.Values.Sum(s => s.BytesTotal);

    /// <summary>The same, stream by stream.</summary>
    public Dictionary<(string CameraId, string Stream), long> BytesByStream() => _streams.ToDictionary(s => s.Key, s => s.Value.BytesTotal);

    /// <summary>Streams that are or were recorded since the start.</summary>
    public int Count => _streams.Count;

    /// <summary>The last signed head of every stream that was recorded since the start.</summary>
    public IReadOnlyList<StreamHead> Heads() => [.. _streams.Values.Select(s => s.Head).OfType<StreamHead>()];

    public GapRow? CurrentOutage(string cameraId, string stream) =>
        _streams.TryGetValue((cameraId, stream), out var ledger) ? ledger.CurrentOutage() : null;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> NotRecorded(bool intended) =>
        from ledger in _streams.Values
        from cause in Enum.GetValues<GapCause>()
        where GapRow.Intended(cause) == intended
        let seconds = ledger.LostSeconds(cause)
        where seconds > 0
        select new Measurement<double>(seconds, new("camera", ledger.CameraId), new("stream", ledger.Stream), new("cause", GapRow.NameOf(cause)));

    private IEnumerable<Measurement<double>> Each(Func<StreamLedger, double> value) =>
        _streams.Values.Select(l => new Measurement<double>(value(l), new("camera", l.CameraId), new("stream", l.Stream)));

    private IEnumerable<Measurement<double>> Outages() =>
        from ledger in _streams.Values
        let outage = ledger.CurrentOutage()
        where outage is { IsIntended: false }
        select new Measurement<double>(
            (outage.To - outage.From).TotalSeconds,
            new("camera", ledger.CameraId),
            new("stream", ledger.Stream),
            new("cause", GapRow.NameOf(outage.Cause)));
}
