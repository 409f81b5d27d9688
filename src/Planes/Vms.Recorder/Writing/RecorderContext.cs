using Vms.Containers.Integrity;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.StreamLog;

namespace Vms.Recorder.Writing;

/// <summary>What all recordings share.</summary>
internal sealed record RecorderContext(
    ArchiveLayout Layout,
    StreamLogDirectory Logs,
    PoolWriters Pools,
    OpenSegments Open,
    RecorderEvents Events,
    HeadSigner Signer,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Padding that the pool's form at rest needs in every fragment.</summary>
    public int ReservedBytes { get; init; }
}

/// <summary>The words of <see cref="Vms.Contracts.Recorder.RecordingStatus"/>.</summary>
internal static class RecordingState
{
    public const string Recording = "recording";
    public const string Waiting = "waiting";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    public const string NoVideo = "noVideo";
    public const string StreamLogMissing = "streamLogMissing";

    /// <summary>No storage pool can be recorded into: not mounted, or it takes nothing.</summary>
    public const string PoolAway = "poolAway";

    /// <summary>No track of the stream is video that a segment can hold.</summary>
    public const string Unsupported = "unsupported";
}
