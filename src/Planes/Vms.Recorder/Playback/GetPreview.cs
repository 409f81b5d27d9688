using Microsoft.AspNetCore.Mvc;
using Vms.Containers;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Pictures;

namespace Vms.Recorder.Playback;

/// <summary>GET|HEAD /api/cameras/{id}/preview.jpg?at[&amp;within][&amp;stream]: a small picture of a time, for looking through the past quickly.
/// Where nothing is recorded at that time, the first one of the next <c>within</c> seconds.</summary>
internal static class GetPreview
{
    public static async Task<IResult> Handle(
        HttpContext context, KeyframeSearch search, PictureCache pictures, PreviewMaker maker, PreviewOptions previews, PlaybackOptions options,
        SegmentDamage damage, [FromServices] StorageKeys? keys, TimeProvider time, CancellationToken cancellationToken)
    {
        var wrong = new List<FieldProblem>();
        int within = PictureRequest.ReadNumber(context, "within", 0, 0, (int)options.MaxPreviewAhead.TotalSeconds, wrong);
        if (!PictureRequest.TryRead(context, wrong, out var request, out var problem)) return problem;

        var (id, stream, at) = request;
        var found = await search.AtAsync(id, stream, at, cancellationToken, small: true);
        if (found is null && within > 0 && await search.FirstAsync(id, stream, at, at.AddSeconds(within), cancellationToken) is { } first)
        {
            if (PlaybackRequest.OutsideTicket(context, first.CapturedAt, first.CapturedAt) is { } refused) return refused;
            found = first;
            at = first.CapturedAt;
        }

        if (found is not { } keyframe) return await PictureAnswer.NothingAsync(search, request, cancellationToken);

        long atUs = UnixTime.ToMicroseconds(at);
        var segment = keyframe.Segment;
        if (segment.Closed)
        {
            if (await PreviewFile.ReadAsync(segment.Path, atUs, keys is null ? null : keys.Find, cancellationToken) is { } stored)
                return PictureAnswer.Of(context, stored.Jpeg, stored.CapturedAt, request.At, time);
            maker.Offer(segment);
        }

        // The one that is stored later, or has been for a segment that is still being written.
        var chosen = keyframe with { Fragment = ChosenAt(segment, atUs, previews.Spacing) ?? keyframe.Fragment };
        return await PictureAnswer.MakeAsync(
            context, pictures, damage, chosen, PreviewOptions.Width, PreviewOptions.Quality, request.At, time, cancellationToken);
    }

    private static FragmentEntry? ChosenAt(SegmentRow segment, long atUs, TimeSpan interval)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var table)) return null;
        FragmentEntry? chosen = null;
        foreach (var fragment in PreviewGrid.Of(table, interval))
        {
            if (fragment.CaptureTimeUs <= atUs) chosen = fragment;
        }

        return chosen;
    }
}
