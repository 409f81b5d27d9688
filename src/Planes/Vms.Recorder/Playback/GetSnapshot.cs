using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;

namespace Vms.Recorder.Playback;

/// <summary>GET|HEAD /api/cameras/{id}/snapshot.jpg?at[&amp;width][&amp;stream]: the last keyframe at or before a time of the past, scaled down
/// to a width.</summary>
internal static class GetSnapshot
{
    private const int MinWidth = 16;
    private const int MaxWidth = 8192;
    private const int DefaultWidth = 1920;
    private const int Quality = 82;

    /// <summary>Widths are rounded up to a multiple, so that a window that is being resized has few pictures made.</summary>
    private const int WidthStep = 32;

    public static async Task<IResult> Handle(
        HttpContext context, KeyframeSearch search, PictureCache pictures, SegmentDamage damage, TimeProvider time, CancellationToken cancellationToken)
    {
        var wrong = new List<FieldProblem>();
        int width = PictureRequest.ReadNumber(context, "width", DefaultWidth, MinWidth, MaxWidth, wrong);
        if (!PictureRequest.TryRead(context, wrong, out var request, out var problem)) return problem;
        if (await search.AtAsync(request.CameraId, request.Stream, request.At, cancellationToken) is not { } keyframe)
            return await PictureAnswer.NothingAsync(search, request, cancellationToken);
        width = (width + WidthStep - 1) / WidthStep * WidthStep;
        return await PictureAnswer.MakeAsync(context, pictures, damage, keyframe, width, Quality, request.At, time, cancellationToken);
    }
}
