using System.Diagnostics.Metrics;

namespace Vms.Hosting;

/// <summary>What the process itself uses, the same for all planes. <c>dev bench</c> reads the allocation.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Process");
    private readonly GcPauses _pauses;

    public ProcessMetrics()
    {
        _meter.CreateObservableCounter(
            "vms_process_allocated_bytes_total", () => GC.GetTotalAllocatedBytes(), "By", "Bytes allocated on the managed heap.");
        _meter.CreateObservableCounter(
            "vms_process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time, user and kernel.");
        _pauses = new GcPauses(_meter);
    }

    public void Dispose()
    {
        _pauses.Dispose();
        _meter.Dispose();
    }
}
