using Vms.Codecs;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Tests.Support;

/// <summary>Index rows made up for tests that need no files.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly TrackInfo Track = new(0, CodecKind.H264, 90_000, new byte[] { 1, 77, 0, 30, 255 }, 320, 240);

    /// <param name="number">Segments of a stream follow each other by number.</param>
    public static SegmentRow Segment(ArchiveLayout layout, string cameraId, int number, bool closed, int version, int seconds = 10)
    {
        var from = Start.AddSeconds(number * seconds);
        var name = new SegmentName(cameraId, "main", from, IdOf(cameraId, number));
        return new SegmentRow(
            name.Id,
            cameraId,
            "main",
            from,
            from.AddSeconds(seconds),
            layout.PathOf(name),
            700,
            closed ? new byte[] { 1, (byte)version, 3 } : default(ReadOnlyMemory<byte>),
            [Track],
            42,
            (number * 250) + 1,
            (number + 1) * 250,
            1000 * version,
            closed,
            RecordingClass.Continuous,
            version);
    }

    public static DeletedSegment Deleted(ArchiveLayout layout, SegmentRow row) => new(
        row.Id, row.CameraId, row.Stream, row.From, layout.Relative(row.Path), row.Bytes, "age", Start.AddDays(1), int.MaxValue);

    public static GapRow Gap(string cameraId, int number, int version) => new(
        IdOf(cameraId, 10_000 + number),
        cameraId,
        "main",
        Start.AddSeconds(number * 10),
        Start.AddSeconds((number * 10) + version),
        GapCause.PacketLoss,
        Open: false,
        version);

    /// <summary>Ascending with the number.</summary>
    private static Guid IdOf(string cameraId, int number) =>
        new($"{number:x8}-0000-7000-8000-{cameraId.Sum(c => c):x12}");
}
