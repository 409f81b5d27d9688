using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>One archive file as the index knows it.</summary>
/// <param name="Id">Version 7 and ascending per stream: comparing ids gives the recording order, whatever the wall clock did.</param>
/// <param name="From">Capture time of the first sample.</param>
/// <param name="To">End of the last sample: its capture time and duration.</param>
/// <param name="Path">Absolute.</param>
/// <param name="InitBytes">Length of the init segment at the start of the file.</param>
/// <param name="Gops">Where each fragment is (<c>GopTable.Decode</c>); empty where the caller did not ask for it.</param>
/// <param name="Tracks">What <see cref="InitBytes"/> describes.</param>
/// <param name="Epoch">Stream-log epoch of the first sample.</param>
/// <param name="Bytes">Length of the file up to the last complete fragment.</param>
/// <param name="Closed">False while the recorder still appends.</param>
/// <param name="Class">Why it was recorded.</param>
/// <param name="Version">Grows with each change of the row; the higher one wins.</param>
internal sealed record SegmentRow(
    Guid Id,
    string CameraId,
    string Stream,
    DateTimeOffset From,
    DateTimeOffset To,
    string Path,
    int InitBytes,
    ReadOnlyMemory<byte> Gops,
    IReadOnlyList<TrackInfo> Tracks,
    ulong Epoch,
    long FirstSequence,
    long LastSequence,
    long Bytes,
    bool Closed,
    RecordingClass Class,
    int Version);
