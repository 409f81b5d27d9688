using System.Collections.Concurrent;
using Vms.Contracts.Ai;
using Vms.Contracts.Media;
using Vms.Contracts.Recorder;

namespace Vms.Control.Reconciliation;

/// <summary>What the planes report, from two sources that back each other up: the KV buckets (at once, for as long as the bus is up) and
/// the lists that reconciliation asks for (every few seconds, for as long as the plane answers). Any thread.</summary>
internal sealed class ObservedState(TimeProvider time)
{
    /// <summary>A report not repeated for so long is not true any more: the planes refresh every 20 s, their buckets hold 60 s.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<StreamKey, (PipelineStatus Status, long At)> _pipelines = new();
    private readonly ConcurrentDictionary<StreamKey, (RecordingStatus Status, long At)> _recordings = new();
    private readonly ConcurrentDictionary<StreamKey, (AnalysisStatus Status, long At)> _analyses = new();
    private readonly ConcurrentDictionary<string, bool> _connected = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _instances = new(StringComparer.Ordinal);

    /// <summary>Something in here changed.</summary>
    public ChangeSignal Changed { get; } = new();

    public void Report(PipelineStatus status)
    {
        // A bus that was away delivers its last value late: it must not undo what the plane itself said since.
        var key = new StreamKey(status.CameraId, status.Stream);
        if (Pipeline(key) is not { } known || (known.Generation <= status.Generation && known.StateSinceUnixMs <= status.StateSinceUnixMs))
            Put(_pipelines, key, status);
    }

    public void Report(RecordingStatus status) => Put(_recordings, new StreamKey(status.CameraId, status.Stream), status);

    public void Report(AnalysisStatus status) => Put(_analyses, new StreamKey(status.CameraId, status.Stream), status);

    public void ForgetPipeline(StreamKey key) => Remove(_pipelines, key);

    public void ForgetRecording(StreamKey key) => Remove(_recordings, key);

    public void ForgetAnalysis(StreamKey key) => Remove(_analyses, key);

    public PipelineStatus? Pipeline(StreamKey key) => Fresh(_pipelines, key);

    public RecordingStatus? Recording(StreamKey key) => Fresh(_recordings, key);

    public AnalysisStatus? Analysis(StreamKey key) => Fresh(_analyses, key);

    /// <summary>Whether the plane answered when it was asked last.</summary>
    public bool IsConnected(string plane) => _connected.GetValueOrDefault(plane);

    public void SetConnected(string plane, bool connected)
    {
        if (_connected.TryGetValue(plane, out var before) && before == connected)
            return;
        _connected[plane] = connected;
        Changed.Set();
    }

    /// <summary>Which life of the plane answered last; null: none did.</summary>
    public string? InstanceOf(string plane) => _instances.GetValueOrDefault(plane);

    public void SetInstance(string plane, string instance) => _instances[plane] = instance;

    private void Put<T>(ConcurrentDictionary<StreamKey, (T Status, long At)> reports, StreamKey key, T status) where T : class
    {
        var same = reports.TryGetValue(key, out var before) && before.Status.Equals(status);
        reports[key] = (status, time.GetTimestamp());
        if (!same)
            Changed.Set();
    }

    private void Remove<T>(ConcurrentDictionary<StreamKey, (T Status, long At)> reports, StreamKey key)
    {
        if (reports.TryRemove(key, out _))
            Changed.Set();
    }

    private T? Fresh<T>(ConcurrentDictionary<StreamKey, (T Status, long At)> reports, StreamKey key) where T : class =>
        reports.TryGetValue(key, out var report) && time.GetElapsedTime(report.At) <= s_lifetime ? report.Status : null;
}

/// <summary>One stream of one camera; its text form is the key in the KV buckets.</summary>
internal readonly record struct StreamKey(string CameraId, string Stream)
{
    public override string ToString() => $"{CameraId}.{Stream}";
}
