using Vms.Codecs;
using Vms.Codecs.Flac;
using Vms.Containers;
using Vms.Containers.Dash;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/playback/manifest.mpd?from&amp;to[&amp;stream]: the recording as DASH VOD: the pieces of the HLS playlist,
/// video and sound apart, on the plan's timeline. A period is footage without a gap or a change of codec parameters.</summary>
internal static class GetManifest
{
    private const int FlacBits = 16;
    private const int CodedSoundBps = 128_000;

    public static async Task<IResult> Handle(HttpContext context, PlaybackSegments recorded, PlaybackOptions options, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxPlaylist, out var request, out var problem)) return problem;

        var segments = await recorded.FindAsync(request, cancellationToken);
        if (PlaybackPlan.Create(segments, request.From, request.To) is not { } plan) return GetPlaylist.NoRecording;

        var urls = PlaybackUrls.Of(context);
        var periods = new List<DashVodPeriod>();
        var runs = new List<PlannedRun>();
        foreach (var run in plan.Runs)
        {
            // No player of DASH has a name for the codec: MJPEG.
            if (CodecString.Of(run.Segment.Tracks[0]) is null) continue;
            if (runs.Count > 0 && !run.Continues) AddPeriod();
            runs.Add(run);
        }

        if (runs.Count == 0) return GetPlaylist.NoRecording;
        AddPeriod();
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Text(DashVodManifest.Write(periods), DashLiveManifest.ContentType);

        void AddPeriod()
        {
            periods.Add(PeriodOf(runs, urls, track => urls.DashMedia(request, plan, track)));
            runs.Clear();
        }
    }

    /// <param name="runs">That continue each other.</param>
    /// <param name="media">URL of the pieces of a track.</param>
    private static DashVodPeriod PeriodOf(List<PlannedRun> runs, PlaybackUrls urls, Func<string, string> media)
    {
        var pieces = new List<DashVodSegment>();
        long bytes = 0;
        foreach (var run in runs)
        {
            bytes += run.Last.EndOffset - run.First.Offset;
            foreach (var (start, duration, _, _) in run.Pieces()) pieces.Add(new DashVodSegment(start, duration));
        }

        var segment = runs[0].Segment;
        var video = segment.Tracks[0];
        double seconds = new MediaTime(runs[^1].EndTicks - runs[0].StartTicks, FragmentEntry.TicksPerSecond).ToTimeSpan().TotalSeconds;
        var picture = new DashVodTrack(CodecString.Of(video)!, urls.DashInit(segment, "video"), media("video"), (long)(bytes * 8 / Math.Max(0.04, seconds)));
        var sound = SoundOf(segment) is > 0 and var index ? ExpandedTrack.Sent(segment.Tracks)[index] : null;
        return new DashVodPeriod(
            UnixTime.FromMicroseconds(runs[0].First.CaptureTimeUs), picture, video.Width, video.Height,
            sound is null ? null : new DashVodTrack(CodecString.Of(sound)!, urls.DashInit(segment, "sound"), media("sound"), BandwidthOf(sound)),
            sound?.Timescale ?? 0, pieces);
    }

    /// <summary>Position of the sound that goes with the video; negative when there is none that browsers play.</summary>
    public static int SoundOf(SegmentRow segment)
    {
        var tracks = ExpandedTrack.Sent(segment.Tracks);
        for (int i = 1; i < tracks.Count; i++)
        {
            if (tracks[i].IsAudio && CodecString.Of(tracks[i]) is not null) return i;
        }

        return -1;
    }

    private static long BandwidthOf(TrackInfo sound) =>
        sound.Codec == CodecKind.Flac ? (long)sound.Timescale * FlacBits * FlacFrame.ChannelsOf(sound.CodecParameters.Span) : CodedSoundBps;
}
