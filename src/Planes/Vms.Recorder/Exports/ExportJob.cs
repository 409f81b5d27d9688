using System.Text.Json;
using Vms.Containers.Integrity;
using Vms.Contracts.Recorder;

namespace Vms.Recorder.Exports;

/// <summary>How far an export is, as it stands in <c>state.json</c>: what is finished is not made again after a restart.</summary>
/// <param name="State">One of <see cref="ExportStates"/>.</param>
/// <param name="Code">Why it failed.</param>
/// <param name="Files">With recordings, finished.</param>
/// <param name="Entries">Everything there is to download, in order; empty until the export is done.</param>
/// <param name="ExportedAt">When it was done.</param>
internal sealed record ExportState(
    string State, string Code, string Detail, long BytesTotal, IReadOnlyList<FinishedFile> Files, IReadOnlyList<ExportEntry> Entries, DateTimeOffset ExportedAt)
{
    private static readonly JsonSerializerOptions s_json = JsonSerializerOptions.Web;

    public static ExportState Queued { get; } = new(ExportStates.Queued, "", "", 0, [], [], default);

    public bool IsOver => State is ExportStates.Done or ExportStates.Failed;

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="JsonException">It is none.</exception>
    public static ExportState Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<ExportState>(bytes, s_json) ?? throw new JsonException("no state");
}

internal static class ExportStates
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <param name="Crc32">For the ZIP.</param>
/// <param name="Sources">Which parts of which segments it was made of.</param>
/// <param name="UnlookedSeconds">Faces were to be hidden in it, and nobody had looked for people for so long.</param>
internal sealed record FinishedFile(string CameraId, ExportedFile File, uint Crc32, IReadOnlyList<SourcePart> Sources, double UnlookedSeconds = 0);

internal sealed record SourcePart(Guid SegmentId, long Bytes);

/// <param name="CameraId">Empty for what is of no camera.</param>
internal sealed record ExportEntry(string Name, long Bytes, string Sha256, uint Crc32, string CameraId);

/// <summary>One export: what was asked for, and how far it is. The queue owns it.</summary>
internal sealed class ExportJob(ExportSpec spec, ExportState state) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private volatile ExportState _state = state;
    private long _bytesDone;

    public ExportSpec Spec => spec;

    public ExportState State { get => _state; set => _state = value; }

    public bool IsUnfinished => !State.IsOver && !_cancel.IsCancellationRequested;

    public long BytesDone { get => Interlocked.Read(ref _bytesDone); set => Interlocked.Exchange(ref _bytesDone, value); }

    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Completes when nobody works on it any more.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    public Task CancelAsync() => _cancel.CancelAsync();

    public ExportStatus Status()
    {
        var state = State;
        var status = new ExportStatus
        {
            Id = spec.Id,
            State = state.State,
            Code = state.Code,
            Detail = state.Detail,
            BytesTotal = state.BytesTotal,
            UnlookedSeconds = state.Files.Sum(f => f.UnlookedSeconds),
            BytesDone = state.State == ExportStates.Done ? state.BytesTotal : BytesDone,
        };
        if (state.State != ExportStates.Done) return status;
        status.Files.Add(state.Entries.Select(e => new ExportFile { Name = e.Name, Bytes = e.Bytes, Sha256 = e.Sha256, CameraId = e.CameraId }));
        status.ZipBytes = ExportZip.LengthOf(state);
        return status;
    }

    public void Dispose() => _cancel.Dispose();
}
