using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>…/{segmentId}/dash/{track}/init.mp4 and …/dash/{track}/{time}.m4s, for the tracks <c>video</c> and <c>sound</c>: what a DASH
/// manifest refers to.</summary>
internal static class GetDashMedia
{
    /// <summary>The plan may be another than when the manifest was made, its beginning deleted. Its wall clock still says which piece is meant.</summary>
    private const long ToleranceTicks = FragmentEntry.TicksPerSecond / 2;

    public static async Task<IResult> HandleInit(HttpContext context, ArchiveIndex index, CancellationToken cancellationToken)
    {
        if (await PlaybackUrls.FindSegmentAsync(context, index, cancellationToken) is not { } segment || TrackOf(context, segment) is not { } track)
            return GetPlaybackMedia.NoSegment;
        if (PlaybackRequest.OutsideTicket(context, segment.To, segment.From) is { } refused) return refused;

        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, [ExpandedTrack.Sent(segment.Tracks)[track]], firstIndex: track);
        context.Response.Headers.CacheControl = GetPlaybackMedia.CacheControl;
        return TypedResults.Bytes(init.WrittenMemory.ToArray(), "video/mp4", enableRangeProcessing: true);
    }

    public static async Task<IResult> HandleMedia(
        HttpContext context, PlaybackSegments recorded, PlaybackOptions options, BodySender sender, FragmentReader reader, SegmentDamage damage,
        CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxPlaylist, out var request, out var problem)) return problem;
        if (!long.TryParse((string)context.GetRouteValue("time")!, NumberStyles.None, CultureInfo.InvariantCulture, out long time)
            || time > GetPlaybackMedia.MaxTicks || !PlaybackUrls.TryReadNumber(context, "zero", UnixTime.ToMicroseconds(DateTimeOffset.MaxValue), out long zeroUs))
        {
            return GetPlaybackMedia.NoSegment;
        }

        var segments = await recorded.FindAsync(request, cancellationToken);
        if (PlaybackPlan.Create(segments, request.From, request.To) is not { } plan
            || !TryFindPiece(plan, time, zeroUs, out var run, out var fragments, out long moveTicks)
            || TrackOf(context, run.Segment) is not { } track)
        {
            return GetPlaybackMedia.NoSegment;
        }

        context.Watch(
            run.Segment.Stream, WatchedPlayback.Dash, UnixTime.FromMicroseconds(fragments.Span[0].CaptureTimeUs),
            UnixTime.FromMicroseconds(PlaybackPlan.EndUs(fragments.Span[^1])));
        context.Response.Headers.CacheControl = GetPlaybackMedia.CacheControlOf(run.Segment, fragments.Span[^1]);
        long shift = run.ShiftTicks + moveTicks;
        if (track > 0 && !ExpandedTrack.Is(run.Segment.Tracks[track]))
            return await StoredSoundAsync(run.Segment, fragments, shift, track, reader, damage, cancellationToken);
        var body = track > 0
            ? new RecordedBody(default, [SoundRun(run.Segment, fragments, shift, track)], [.. SoundAround.Of(plan).Select(r => r with { ShiftTicks = r.ShiftTicks + moveTicks })])
            : new RecordedBody(default, [VideoRun(run.Segment, fragments, shift)]);
        return sender.Send(body, "video/iso.segment", BodyKind.Media);
    }

    /// <summary>Null: the address names no track that there is.</summary>
    private static int? TrackOf(HttpContext context, SegmentRow segment) => (string)context.GetRouteValue("track")! switch
    {
        "video" => 0,
        "sound" when GetManifest.SoundOf(segment) is > 0 and var index => index,
        _ => null,
    };

    /// <param name="zeroUs">Wall clock of 0 of the timeline that <paramref name="time"/> is on.</param>
    /// <param name="moveTicks">That timeline − the plan's.</param>
    private static bool TryFindPiece(
        PlaybackPlan plan, long time, long zeroUs, [NotNullWhen(true)] out PlannedRun? found, out ReadOnlyMemory<FragmentEntry> fragments, out long moveTicks)
    {
        (found, fragments, moveTicks) = (null, default, 0);
        long wanted = time - MediaTime.FromMicroseconds(plan.ZeroUs - zeroUs, FragmentEntry.TicksPerSecond).Ticks;
        long nearest = ToleranceTicks + 1;
        foreach (var run in plan.Runs)
        {
            if (run.EndTicks + ToleranceTicks < wanted || run.StartTicks - ToleranceTicks > wanted) continue;
            foreach (var piece in run.Pieces())
            {
                if (Math.Abs(piece.StartTicks - wanted) >= nearest) continue;
                nearest = Math.Abs(piece.StartTicks - wanted);
                (found, fragments, moveTicks) = (run, run.Fragments[piece.First..piece.End], time - piece.StartTicks);
            }
        }

        return found is not null;
    }

    private static SentRun VideoRun(SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, long shiftTicks)
    {
        var patch = new FragmentPatch(1, shiftTicks, segment.Tracks, GetPlaybackMedia.Descriptions(segment), default) { LeftOut = unchecked((byte)~1) };
        return new SentRun(segment, fragments, patch, default);
    }

    private static SentRun SoundRun(SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, long shiftTicks, int track)
    {
        var run = SentRun.Of(segment, fragments, shiftTicks, number: 1, GetPlaybackMedia.Descriptions(segment));
        return run with { Sound = [.. run.Sound.Where(t => t.Index == track)], SoundAlone = true };
    }

    private static async Task<IResult> StoredSoundAsync(
        SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, long shiftTicks, int track, FragmentReader reader, SegmentDamage damage,
        CancellationToken cancellationToken)
    {
        try
        {
            byte[] sound = await PieceSound.MakeAsync(segment, fragments, shiftTicks, [track], [], reader, cancellationToken);
            return TypedResults.Bytes(sound, "video/iso.segment", enableRangeProcessing: true);
        }
        catch (RecordingUnreadableException e)
        {
            damage.Report(e.Path);
            return e.ToProblem();
        }
    }
}
