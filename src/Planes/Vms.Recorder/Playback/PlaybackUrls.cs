using System.Globalization;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>
/// The URLs below a playlist, relative to it: <c>{segment}/init.mp4</c> and <c>{segment}/{first}-{last}.m4s</c>. The query says when
/// the segment began (so that the index finds it), where the media goes on the playlist's timeline, and repeats the ticket.
/// </summary>
internal sealed class PlaybackUrls(string stream, string? ticket)
{
    public static PlaybackUrls Of(HttpContext context, string stream) => new(stream, context.Request.Query["ticket"]);

    public string Init(SegmentRow segment) => $"{segment.Id:N}/init.mp4?{Common(segment)}";

    /// <param name="first">Index of the first fragment in the segment's table.</param>
    /// <param name="startTicks">Playlist time at which it begins.</param>
    /// <param name="number">Its sequence number.</param>
    public string Media(SegmentRow segment, int first, int last, long startTicks, uint number) =>
        string.Create(CultureInfo.InvariantCulture, $"{segment.Id:N}/{first}-{last}.m4s?t={startTicks}&n={number}&{Common(segment)}");

    /// <summary>The init segment of what <see cref="ConvertedMedia"/> of the same recording leads to.</summary>
    public string ConvertedInit(SegmentRow segment, int first, int last) =>
        string.Create(CultureInfo.InvariantCulture, $"{segment.Id:N}/h264/{first}-{last}/init.mp4?{Common(segment)}");

    public string ConvertedMedia(SegmentRow segment, int first, int last, long startTicks, uint number) =>
        string.Create(CultureInfo.InvariantCulture, $"{segment.Id:N}/h264/{first}-{last}/media.m4s?t={startTicks}&n={number}&{Common(segment)}");

    private string Common(SegmentRow segment)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"at={segment.From.ToUnixTimeMilliseconds()}");
        if (stream != PlaybackRequest.DefaultStream) query += "&stream=" + Uri.EscapeDataString(stream);
        if (!string.IsNullOrEmpty(ticket)) query += "&ticket=" + Uri.EscapeDataString(ticket);
        return query;
    }

    /// <summary>The segment that a child URL names; null when it does not exist (any more) or the URL is not one of ours.</summary>
    public static async ValueTask<SegmentRow?> FindSegmentAsync(HttpContext context, ArchiveIndex index, CancellationToken cancellationToken)
    {
        string cameraId = (string)context.GetRouteValue("id")!;
        if (!ArchiveLayout.IsSafeName(cameraId)
            || !PlaybackRequest.TryReadStream(context, out string stream)
            || !Guid.TryParse((string)context.GetRouteValue("segmentId")!, out var segmentId)
            || !TryReadNumber(context, "at", UnixTime.ToMicroseconds(DateTimeOffset.MaxValue) / 1000 - 1, out long at))
        {
            return null;
        }

        var from = DateTimeOffset.FromUnixTimeMilliseconds(at);
        var rows = await index.FindAsync(cameraId, stream, from, from.AddMilliseconds(1), cancellationToken);
        return rows.FirstOrDefault(row => row.Id == segmentId);
    }

    public static bool TryReadNumber(HttpContext context, string name, long max, out long value)
    {
        value = 0;
        return context.Request.Query[name] is [{ } text]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;
    }
}
