using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Hls;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/playback/index.m3u8?from&amp;to[&amp;stream]: the recording as an HLS VOD playlist.</summary>
internal static class GetPlaylist
{
    private const long TargetTicks = 4 * FragmentEntry.TicksPerSecond;

    public static async Task<IResult> Handle(
        HttpContext context, ArchiveIndex index, PlaybackOptions options, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxPlaylist, out var request, out var problem)) return problem;

        var segments = await index.FindAsync(request.CameraId, request.Stream, request.From, request.To, cancellationToken);
        if (PlaybackPlan.Create(segments, request.From, request.To) is not { } plan) return NoRecording;

        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Text(Write(plan, PlaybackUrls.Of(context, request.Stream)), HlsVodPlaylist.ContentType);
    }

    public static IResult NoRecording => Problems.NotFound("noRecording", "Nothing is recorded in this time");

    internal static string Write(PlaybackPlan plan, PlaybackUrls urls)
    {
        var segments = new List<HlsSegment>();
        long time = plan.StartTicks;     // gaps take no time on a playlist
        uint number = 1;
        string init = "";
        PlannedRun? before = null;
        foreach (var run in plan.Runs)
        {
            if (before is null || !before.Segment.Tracks.SequenceEqual(run.Segment.Tracks)) init = urls.Init(run.Segment);
            int start = segments.Count;
            for (int first = 0, end; first < run.Fragments.Length; first = end)
            {
                end = EndOfPiece(run.Fragments.Span, first);
                var fragment = run.Fragments.Span[first];
                long duration = run.Fragments.Span[end - 1].EndTicks - fragment.StartTicks;
                segments.Add(new HlsSegment(
                    urls.Media(run.Segment, run.FirstIndex + first, run.FirstIndex + end - 1, time, number),
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

    // From a keyframe to the first keyframe after the target length.
    private static int EndOfPiece(ReadOnlySpan<FragmentEntry> fragments, int first)
    {
        int end = first + 1;
        while (end < fragments.Length
            && !(fragments[end].StartsWithKeyframe && fragments[end].StartTicks - fragments[first].StartTicks >= TargetTicks))
        {
            end++;
        }

        return end;
    }
}
