using System.Diagnostics.Metrics;

namespace Vms.StreamLog;

/// <summary>What this process's writers and readers count; docs/ref/stream-log-format.md says what each means.</summary>
internal static class StreamLogMetrics
{
    private static readonly Meter s_meter = new("Vms.StreamLog");

    internal static readonly Counter<long> Growths = s_meter.CreateCounter<long>(
        "vms_streamlog_growths_total", description: "Times a stream log became larger.");

    internal static readonly Counter<long> GrowthRefusals = s_meter.CreateCounter<long>(
        "vms_streamlog_growth_refusals_total", description: "Times a stream log could not become larger; it keeps less history than its outage budget.");

    internal static readonly Counter<long> RefusedSamples = s_meter.CreateCounter<long>(
        "vms_streamlog_refused_samples_total", description: "Samples too large for their stream log.");

    internal static readonly Counter<long> Overruns = s_meter.CreateCounter<long>(
        "vms_streamlog_overruns_total", description: "Times a reader of this process was lapped by a writer.");

    internal static readonly Counter<long> OverrunSamples = s_meter.CreateCounter<long>(
        "vms_streamlog_overrun_samples_total", description: "Samples that lapped readers of this process lost.");

    internal static readonly Counter<long> DamagedRecords = s_meter.CreateCounter<long>(
        "vms_streamlog_damaged_records_total", description: "Records found damaged by something other than their writer.");
}
