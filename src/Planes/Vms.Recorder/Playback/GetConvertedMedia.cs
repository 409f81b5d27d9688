using Vms.Containers;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>…/{segmentId}/h264/{first}-{last}/init.mp4 and media.m4s: what a playlist with <c>converted=true</c> refers to where the
/// recording is in a codec that few browsers play.</summary>
internal static class GetConvertedMedia
{
    private const string CacheControl = "private, max-age=3600, immutable";

    public static Task<IResult> HandleInit(
        HttpContext context, ArchiveIndex index, PieceConversion conversion, SegmentDamage damage, CancellationToken cancellationToken) =>
        HandleAsync(
            context, index, conversion, damage,
            (piece, segment, _, _, _) => Task.FromResult<IResult>(TypedResults.Bytes(
                piece.Init(ExpandedTrack.Sent(segment.Tracks).Skip(1)), "video/mp4", enableRangeProcessing: true)),
            cancellationToken);

    public static async Task<IResult> HandleMedia(
        HttpContext context, ArchiveIndex index, PieceConversion conversion, FragmentReader reader, SegmentDamage damage, CancellationToken cancellationToken)
    {
        if (!PlaybackUrls.TryReadNumber(context, "t", GetPlaybackMedia.MaxTicks, out long startTicks) || !PlaybackUrls.TryReadNumber(context, "n", uint.MaxValue, out long number))
            return GetPlaybackMedia.NoSegment;
        return await HandleAsync(
            context, index, conversion, damage,
            async (piece, segment, table, first, last) =>
            {
                long shift = startTicks - table[first].StartTicks;
                var around = await SoundAround.FindAsync(index, segment, table, first, last, shift, cancellationToken);
                byte[] sound = await PieceSound.MakeAsync(
                    segment, table.AsMemory(first..(last + 1)), shift, [.. Enumerable.Range(1, segment.Tracks.Count - 1)], around, reader, cancellationToken);
                return TypedResults.Bytes((byte[])[.. piece.At(startTicks, (uint)number), .. sound], "video/iso.segment", enableRangeProcessing: true);
            },
            cancellationToken);
    }

    public static IResult Refuse(HttpContext context, string code, string detail)
    {
        var (status, title) = code switch
        {
            ConversionException.Limit => (StatusCodes.Status503ServiceUnavailable, "This server converts as many videos as it may"),
            ConversionException.Off => (StatusCodes.Status409Conflict, "Conversion is switched off on this server"),
            ConversionException.Unavailable => (StatusCodes.Status409Conflict, "This server cannot convert video"),
            ConversionException.NotNeeded => (StatusCodes.Status409Conflict, "This recording needs no conversion"),
            _ => (StatusCodes.Status500InternalServerError, "The recording could not be converted"),
        };
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "2";
        return Problems.Of(status, code, title, detail);
    }

    private static async Task<IResult> HandleAsync(
        HttpContext context, ArchiveIndex index, PieceConversion conversion, SegmentDamage damage,
        Func<ConvertedPiece, SegmentRow, FragmentEntry[], int, int, Task<IResult>> answer,
        CancellationToken cancellationToken)
    {
        if (!GetPlaybackMedia.TryReadSpan((string)context.GetRouteValue("fragments")!, out int first, out int last)
            || await PlaybackUrls.FindSegmentAsync(context, index, cancellationToken) is not { } segment
            || !PieceConversion.IsNeededFor(segment)
            || !GopTable.TryDecode(segment.Gops.Span, out var table) || last >= table.Length
            || !PlaybackUrls.IsSamePiece(context, table[first], table[last])
            || !table[first].StartsWithKeyframe || table[last].EndTicks - table[first].StartTicks > MaxTicks)
        {
            return GetPlaybackMedia.NoSegment;
        }

        var from = UnixTime.FromMicroseconds(table[first].CaptureTimeUs);
        var to = UnixTime.FromMicroseconds(PlaybackPlan.EndUs(table[last]));
        if (PlaybackRequest.OutsideTicket(context, to, from) is { } refused)
            return refused;
        try
        {
            var piece = await conversion.GetAsync(segment, table, first, last, cancellationToken);
            context.Watch(segment.Stream, WatchedPlayback.Hls, from, to);
            context.Response.Headers.CacheControl = CacheControl;
            return await answer(piece, segment, table, first, last);
        }
        catch (ConversionException e)
        {
            return Refuse(context, e.Code, e.Message);
        }
        catch (RecordingUnreadableException e)
        {
            damage.Report(e.Path);
            return e.ToProblem();
        }
    }

    /// <summary>Pieces are about 4 s long; more than a minute at once is not converted for anybody.</summary>
    private const long MaxTicks = 60L * FragmentEntry.TicksPerSecond;
}
