using Vms.Hosting;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>GET /api/cameras/{id}/motion?from&amp;to[&amp;region…][&amp;minChange][&amp;stream]: where something moved in a part of the picture, newest
/// first, as lines of JSON that come while the search goes on.</summary>
internal static class GetMotion
{
    public static IResult Handle(HttpContext context, MotionSearches searches, MotionOptions options)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxRange, out var request, out var problem)) return problem;

        var wrong = new List<FieldProblem>();
        int percent = PictureRequest.ReadNumber(context, "minChange", options.UsualChange, 1, 100, wrong);
        if (!MotionRegion.TryRead([.. context.Request.Query["region"]], out var region, out string? trouble))
            wrong.Add(new FieldProblem("region", "notARegion", trouble));
        return wrong.Count > 0
            ? Problems.Fields(wrong)
            : searches.Answer(new MotionQuery(request, region!, (byte)Math.Max(1, percent * 255 / 100)));
    }
}
