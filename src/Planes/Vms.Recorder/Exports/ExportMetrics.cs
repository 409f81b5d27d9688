using System.Diagnostics.Metrics;

namespace Vms.Recorder.Exports;

/// <summary>What leaves the archive.</summary>
internal sealed class ExportMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Recorder.Exports");
    private readonly Counter<long> _done;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failed;

    public ExportMetrics()
    {
        _done = _meter.CreateCounter<long>("vms_exports_done_total", null, "Exports that were made.");
        _bytes = _meter.CreateCounter<long>("vms_exports_bytes_total", null, "Bytes of recordings in exports that were made.");
        _failed = _meter.CreateCounter<long>("vms_exports_failed_total", null, "Exports that could not be made, by code.");
    }

    public void Done(long bytes)
    {
        _done.Add(1);
        _bytes.Add(bytes);
    }

    public void Failed(string code) => _failed.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Dispose() => _meter.Dispose();
}
