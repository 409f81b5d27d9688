using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Exports;

/// <summary>An export, as the API shows it.</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="Error">Why it failed, or what it waits for.</param>
/// <param name="BytesTotal">Null until it is known.</param>
/// <param name="UnlookedSeconds">When it is done and faces were to be hidden: of so much of its files nobody had looked for people, and nothing is hidden there. Null:
/// faces were not to be hidden, or it is not done.</param>
/// <param name="Files">When it is done, until it expires.</param>
/// <param name="ManifestUrl">What is in it, signed; likewise.</param>
/// <param name="ZipUrl">All of it in one file; likewise.</param>
internal sealed record ExportView(
    string Id,
    [property: OneOf(
        ExportStates.Queued, ExportStates.Running, ExportStates.Done, ExportStates.Failed, ExportStates.Cancelled, ExportStates.Deleted, ExportStates.Expired)]
    string State,
    double Progress, ExportError? Error, IReadOnlyList<ExportCameraView> Cameras, DateTimeOffset From, DateTimeOffset To,
    [property: OneOf("mp4", "mkv")] string Format,
    string Note, string RequestedBy, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, DateTimeOffset? ExpiresAt, long BytesDone, long? BytesTotal,
    IReadOnlyList<ExportFileView> Files, string? Watermark, BurnIn? BurnIn, double? UnlookedSeconds, string? ManifestUrl, string? ZipUrl, long? ZipBytes)
{
    private const string ManifestName = "manifest.json";

    public static ExportView Of(ExportRow row)
    {
        bool done = row.State == ExportStates.Done;
        string url = $"/api/exports/{row.Id}";
        string UrlOf(string name) => $"{url}/files/{Uri.EscapeDataString(name)}";
        return new ExportView(
            row.Id, row.State, done ? 1 : row.BytesTotal > 0 ? Math.Min(1, Math.Round((double)row.BytesDone / row.BytesTotal, 4)) : 0,
            row.Code.Length > 0 ? new ExportError(row.Code, row.Detail) : null, row.Cameras, row.From, row.To, row.Format, row.Note, row.RequestedBy, row.RequestedAt,
            row.FinishedAt, row.ExpiresAt, row.BytesDone, row.BytesTotal > 0 ? row.BytesTotal : null,
            done ? [.. row.Files.Select(f => new ExportFileView(f.Name, f.Bytes, f.Sha256, UrlOf(f.Name), f.CameraId.Length > 0 ? f.CameraId : null))] : [],
            row.BurnIn is { Watermark.Length: > 0 } marked ? marked.Watermark : null,
            row.BurnIn is { } burnIn && (burnIn.Time || burnIn.Faces || burnIn.Masks.Count > 0)
                ? new BurnIn(burnIn.Time, burnIn.TimeZone.Length > 0 ? burnIn.TimeZone : null, burnIn.Masks, burnIn.Faces) : null,
            done && row.BurnIn is { Faces: true } ? Math.Round(row.UnlookedSeconds, 1) : null,
            done ? UrlOf(ManifestName) : null, done ? $"{url}/export.zip" : null, done ? row.ZipBytes : null);
    }
}

/// <param name="Code">Stable: noRecording, noRoom, tooManyFiles, recordingUnreadable, writeFailed, transcodeOff, transcodeUnavailable, conversionFailed, tooManyFaces, facesUnknown, internal; while it is queued: recorderAway.</param>
internal sealed record ExportError(string Code, string Message);

internal sealed record ExportCameraView(string Id, string Name);

/// <param name="CameraId">Null for what is of no camera.</param>
internal sealed record ExportFileView(string Name, long Bytes, string Sha256, string Url, string? CameraId);

/// <summary>The recorder's, and those in which it has nothing to do any more.</summary>
internal static class ExportStates
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Deleted = "deleted";
    public const string Expired = "expired";
}
