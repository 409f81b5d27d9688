using Vms.Media.Ingest;
using Vms.Media.Metadata;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Pipelines;

/// <summary>What all pipelines of the node share.</summary>
internal sealed class PipelineResources(
    StreamLogDirectory logs, StreamRegistry streams, IIngestLoop loop, IngestOptions options, AdmissionOptions admission, LogMemory logMemory,
    MetadataFeed metadata, TimeProvider clock, ILoggerFactory loggers) : IDisposable
{
    public AdmissionOptions Admission => admission;

    /// <summary>Memory of all stream logs of the node.</summary>
    public LogMemory LogMemory => logMemory;

    /// <summary>Where the events in metadata tracks go.</summary>
    public MetadataFeed Metadata => metadata;

    public StreamLogDirectory Logs => logs;

    public StreamRegistry Streams => streams;

    public IIngestLoop Loop => loop;

    public IngestOptions Options => options;

    public TimeProvider Clock => clock;

    public ILoggerFactory Loggers => loggers;

    /// <summary>How many sessions may be between DESCRIBE and PLAY.</summary>
    public SemaphoreSlim PlayGate { get; } = new(options.MaxParallelPlays);

    public void Dispose() => PlayGate.Dispose();
}
