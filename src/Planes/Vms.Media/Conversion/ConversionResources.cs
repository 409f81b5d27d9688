using Vms.Hosting.Transcoding;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Conversion;

/// <summary>What all conversions share.</summary>
internal sealed record ConversionResources(
    StreamLogDirectory Logs, LogMemory LogMemory, TranscodeSlots Slots, Transcoders Transcoders, ConversionOptions Options, TimeProvider Time, ILoggerFactory Loggers)
{
    public ConversionCounters Counters { get; } = new();
}
