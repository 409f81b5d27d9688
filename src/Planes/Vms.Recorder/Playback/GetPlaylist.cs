using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Hls;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/playback/index.m3u8?from&amp;to[&amp;stream][&amp;converted=true]: the recording as an HLS VOD playlist, with
/// what few browsers play converted to H.264 where asked for.</summary>
internal static class GetPlaylist
{
    public static async Task<IResult> Handle(
        HttpContext context, PlaybackSegments recorded, PlaybackOptions options, PieceConversion conversion, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxPlaylist, out var request, out var problem)) return problem;

        var segments = await recorded.FindAsync(request, cancellationToken);
        if (PlaybackPlan.Create(segments, request.From, request.To) is not { } plan) return NoRecording;
        bool converted = context.Request.Query["converted"] == "true";
        if (converted && await WhyNotAsync(plan, conversion) is var (code, detail)) return GetConvertedMedia.Refuse(context, code, detail);

        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Text(Write(plan, PlaybackUrls.Of(context), converted), HlsVodPlaylist.ContentType);
    }

    public static IResult NoRecording => Problems.NotFound("noRecording", "Nothing is recorded in this time");

    private static async ValueTask<(string Code, string Detail)?> WhyNotAsync(PlaybackPlan plan, PieceConversion conversion)
    {
        if (!plan.Runs.Any(run => PieceConversion.IsNeededFor(run.Segment))) return (ConversionException.NotNeeded, "It is in H.264, which browsers play as it is");
        if (conversion.IsOff) return (ConversionException.Off, "VMS_TRANSCODES is 0");
        return await conversion.IsAvailableAsync() ? null : (ConversionException.Unavailable, "ffmpeg with an H.264 encoder is missing");
    }

    /// <param name="converted">Pieces that few browsers play are to be converted.</param>
    internal static string Write(PlaybackPlan plan, PlaybackUrls urls, bool converted = false)
    {
        var segments = new List<HlsSegment>();
        long time = plan.StartTicks;     // gaps take no time on a playlist
        uint number = 1;
        string init = "";
        PlannedRun? before = null;
        foreach (var run in plan.Runs)
        {
            bool convert = converted && PieceConversion.IsNeededFor(run.Segment);
            if (before is null || !before.Segment.Tracks.SequenceEqual(run.Segment.Tracks))
            {
                init = convert
                    ? urls.ConvertedInit(run.Piece(0, run.EndOfPiece(0)))
                    : urls.Init(run.Segment);
            }

            int start = segments.Count;
            for (int first = 0, end; first < run.Fragments.Length; first = end)
            {
                end = run.EndOfPiece(first);
                var fragment = run.Fragments.Span[first];
                long duration = run.Fragments.Span[end - 1].EndTicks - fragment.StartTicks;
                var piece = run.Piece(first, end);
                segments.Add(new HlsSegment(
                    convert ? urls.ConvertedMedia(piece, time, number) : urls.Media(piece, time, number),
                    init,
                    duration,
                    IsDiscontinuous: segments.Count == start && !run.Continues,
                    UnixTime.FromMicroseconds(fragment.CaptureTimeUs)));
                time += duration;
                number += (uint)(end - first);
            }

            before = run;
        }

        return HlsVodPlaylist.Write(segments, new MediaTime(plan.ShownFromTicks - plan.StartTicks, FragmentEntry.TicksPerSecond).ToTimeSpan());
    }
}
