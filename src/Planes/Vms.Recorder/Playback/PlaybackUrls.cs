using System.Globalization;
using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>
/// The URLs below a playlist or manifest, relative to it: <c>{segment}/init.mp4</c> and <c>{segment}/{first}-{last}.m4s</c>. The query says when
/// the segment began and of which stream it is (so that the index finds it), which bytes of the file are meant, where the media goes on the playlist's timeline, and
/// repeats the ticket.
/// </summary>
internal sealed class PlaybackUrls(string? ticket)
{
    public static PlaybackUrls Of(HttpContext context) => new(context.Request.Query["ticket"]);

    public string Init(SegmentRow segment) => $"{segment.Id:N}/init.mp4?{Common(segment)}";

    /// <param name="startTicks">Playlist time at which it begins.</param>
    /// <param name="number">Its sequence number.</param>
    public string Media(in PlannedPiece piece, long startTicks, uint number) => string.Create(
        CultureInfo.InvariantCulture, $"{piece.Segment.Id:N}/{piece.First}-{piece.Last}.m4s?t={startTicks}&n={number}&{Bytes(piece)}&{Common(piece.Segment)}");

    /// <summary>The init segment of what <see cref="ConvertedMedia"/> of the same recording leads to.</summary>
    public string ConvertedInit(in PlannedPiece piece) => string.Create(
        CultureInfo.InvariantCulture, $"{piece.Segment.Id:N}/h264/{piece.First}-{piece.Last}/init.mp4?{Bytes(piece)}&{Common(piece.Segment)}");

    public string ConvertedMedia(in PlannedPiece piece, long startTicks, uint number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{piece.Segment.Id:N}/h264/{piece.First}-{piece.Last}/media.m4s?t={startTicks}&n={number}&{Bytes(piece)}&{Common(piece.Segment)}");

    /// <param name="track"><c>video</c> or <c>sound</c>.</param>
    public string DashInit(SegmentRow segment, string track) => $"{segment.Id:N}/dash/{track}/init.mp4?{Common(segment)}";

    /// <summary>With <c>$Time$</c> for where a piece begins on the plan's timeline. The server makes the plan anew from the same range; should
    /// the recording have lost its beginning meanwhile, <c>zero</c> says where the timeline began.</summary>
    /// <param name="track"><c>video</c> or <c>sound</c>.</param>
    public string DashMedia(PlaybackRequest request, PlaybackPlan plan, string track) => string.Create(
        CultureInfo.InvariantCulture,
        $"dash/{track}/$Time$.m4s?from={Time(request.From)}&to={Time(request.To)}&zero={plan.ZeroUs}{(request.Stream is { } stream ? "&stream=" + Uri.EscapeDataString(stream) : "")}{Ticket}");

    /// <summary>Are these the fragments that the URL was made for? Their numbers are others once damaged ones have left the table.</summary>
    public static bool IsSamePiece(HttpContext context, in FragmentEntry first, in FragmentEntry last) =>
        context.Request.Query["b"] is not [{ } bytes] || bytes == Bytes(first.Offset, last.EndOffset);

    private static string Bytes(in PlannedPiece piece) => "b=" + Bytes(piece.Offset, piece.EndOffset);

    private static string Bytes(long offset, long endOffset) => string.Create(CultureInfo.InvariantCulture, $"{offset}-{endOffset}");

    private string Common(SegmentRow segment) => string.Create(CultureInfo.InvariantCulture, $"at={segment.From.ToUnixTimeMilliseconds()}{StreamOf(segment)}{Ticket}");

    private static string StreamOf(SegmentRow segment) =>
        segment.Stream == PlaybackRequest.DefaultStream ? "" : "&stream=" + Uri.EscapeDataString(segment.Stream);

    private string Ticket => string.IsNullOrEmpty(ticket) ? "" : "&ticket=" + Uri.EscapeDataString(ticket);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The segment that a child URL names; null when it does not exist (any more) or the URL is not one of ours.</summary>
    public static async ValueTask<SegmentRow?> FindSegmentAsync(HttpContext context, ArchiveIndex index, CancellationToken cancellationToken)
    {
        string cameraId = (string)context.GetRouteValue("id")!;
        if (!ArchiveLayout.IsSafeName(cameraId)
            || !PlaybackRequest.TryReadStream(context, out string? stream)
            || !Guid.TryParse((string)context.GetRouteValue("segmentId")!, out var segmentId)
            || !TryReadNumber(context, "at", UnixTime.ToMicroseconds(DateTimeOffset.MaxValue) / 1000 - 1, out long at))
        {
            return null;
        }

        var from = DateTimeOffset.FromUnixTimeMilliseconds(at);
        var rows = await index.FindAsync(cameraId, stream ?? PlaybackRequest.DefaultStream, from, from.AddMilliseconds(1), cancellationToken);
        return rows.FirstOrDefault(row => row.Id == segmentId);
    }

    public static bool TryReadNumber(HttpContext context, string name, long max, out long value)
    {
        value = 0;
        return context.Request.Query[name] is [{ } text]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;
    }
}
