using System.Globalization;

namespace Vms.Recorder.Playback;

/// <summary>GET|HEAD /api/cameras/{id}/clip.mp4?from&amp;to[&amp;stream]: one MP4 made on the fly, with byte ranges.</summary>
internal static class GetClip
{
    public static async Task<IResult> Handle(
        HttpContext context, PlaybackSegments recorded, PlaybackOptions options, BodySender sender, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxClip, out var request, out var problem)) return problem;

        var segments = await recorded.FindAsync(request, cancellationToken);
        if (!ClipBody.CanHold(segments))
        {
            // One file has one codec and one clock a track: of two streams that differ there, the better one that there is.
            string stream = recorded.StreamsOf(request.CameraId, null).First(stream => segments.Any(s => s.Segment.Stream == stream));
            segments = await recorded.FindAsync(request with { Stream = stream }, cancellationToken);
        }

        if (PlaybackPlan.Create(segments, request.From, request.To) is not { } plan) return GetPlaylist.NoRecording;

        context.Watch(request.Stream, WatchedPlayback.Clip, plan.ShownFrom, request.To);
        context.Response.Headers.CacheControl = "private, no-cache";
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{request.CameraId}_{plan.ShownFrom.UtcDateTime:yyyy-MM-dd'T'HH-mm-ss'Z'}.mp4");
        return sender.Send(ClipBody.Build(plan), "video/mp4", BodyKind.Clip, name);
    }
}
