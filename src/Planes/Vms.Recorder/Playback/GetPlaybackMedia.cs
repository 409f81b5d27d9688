using System.Buffers;
using System.Globalization;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/playback/{segmentId}/init.mp4 and …/{first}-{last}.m4s: what a playlist refers to.</summary>
internal static class GetPlaybackMedia
{
    // 90 kHz ticks of about 3000 years: a playlist's time never gets there.
    internal const long MaxTicks = 1L << 53;

    internal const string CacheControl = "private, max-age=3600, immutable";

    private const string MayGrow = "private, no-cache";

    /// <summary>A piece at the end of what is being recorded may get more pictures, or sound that has yet to arrive.</summary>
    internal static string CacheControlOf(SegmentRow segment, FragmentEntry last) =>
        segment.Closed || UnixTime.FromMicroseconds(PlaybackPlan.EndUs(last)) < segment.To - s_settles ? CacheControl : MayGrow;

    private static readonly TimeSpan s_settles = TimeSpan.FromSeconds(2);

    public static async Task<IResult> HandleInit(HttpContext context, ArchiveIndex index, CancellationToken cancellationToken)
    {
        if (await PlaybackUrls.FindSegmentAsync(context, index, cancellationToken) is not { } segment) return NoSegment;
        if (PlaybackRequest.OutsideTicket(context, segment.To, segment.From) is { } refused) return refused;

        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, ExpandedTrack.Sent(segment.Tracks));
        context.Response.Headers.CacheControl = CacheControl;
        return TypedResults.Bytes(init.WrittenMemory.ToArray(), "video/mp4", enableRangeProcessing: true);
    }

    public static async Task<IResult> HandleMedia(
        HttpContext context, ArchiveIndex index, BodySender sender, CancellationToken cancellationToken)
    {
        if (!TryReadSpan((string)context.GetRouteValue("fragments")!, out int first, out int last)
            || !PlaybackUrls.TryReadNumber(context, "t", MaxTicks, out long startTicks)
            || !PlaybackUrls.TryReadNumber(context, "n", uint.MaxValue, out long number)
            || await PlaybackUrls.FindSegmentAsync(context, index, cancellationToken) is not { } segment
            || !GopTable.TryDecode(segment.Gops.Span, out var table) || last >= table.Length
            || !PlaybackUrls.IsSamePiece(context, table[first], table[last]))
        {
            return NoSegment;
        }

        var from = UnixTime.FromMicroseconds(table[first].CaptureTimeUs);
        var to = UnixTime.FromMicroseconds(PlaybackPlan.EndUs(table[last]));
        // What overlaps the ticket's time is allowed: a segment starts at the keyframe before it.
        if (PlaybackRequest.OutsideTicket(context, to, from) is { } refused) return refused;

        context.Watch(segment.Stream, WatchedPlayback.Hls, from, to);
        context.Response.Headers.CacheControl = CacheControlOf(segment, table[last]);
        long shift = startTicks - table[first].StartTicks;
        var run = SentRun.Of(segment, table.AsMemory(first..(last + 1)), shift, (uint)number, Descriptions(segment));
        var around = await SoundAround.FindAsync(index, segment, table, first, last, shift, cancellationToken);
        return sender.Send(new RecordedBody(default, [run], around), "video/iso.segment", BodyKind.Media);
    }

    /// <summary>Of a stream with an init segment for each segment.</summary>
    internal static uint[] Descriptions(SegmentRow segment)
    {
        uint[] descriptions = new uint[segment.Tracks.Count];
        Array.Fill(descriptions, 1u);
        return descriptions;
    }

    internal static IResult NoSegment => Problems.NotFound("noSegment", "This part of the recording does not exist or has been deleted");

    internal static bool TryReadSpan(string name, out int first, out int last)
    {
        last = 0;
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return int.TryParse(name.AsSpan(0, Math.Max(0, dash)), NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last)
            && first <= last;
    }
}
