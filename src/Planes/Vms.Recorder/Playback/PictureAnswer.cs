using System.Globalization;
using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;

namespace Vms.Recorder.Playback;

/// <summary>How a picture of the past is sent, and how it is said that there is none.</summary>
internal static class PictureAnswer
{
    /// <summary>When the picture that was sent was captured: at or before the time that was asked for.</summary>
    public const string CapturedAtHeader = "X-Vms-Captured-At";

    /// <summary>What is recorded changes no more, but for the last seconds: they may get a newer keyframe.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(1);

    public static IResult Of(HttpContext context, ReadOnlyMemory<byte> jpeg, DateTimeOffset capturedAt, DateTimeOffset at, TimeProvider time)
    {
        bool isSnapshot = context.Request.Path.Value?.EndsWith("/snapshot.jpg", StringComparison.Ordinal) == true;
        context.Watch(null, isSnapshot ? WatchedPlayback.Snapshot : WatchedPlayback.Preview, capturedAt, capturedAt);
        var headers = context.Response.Headers;
        headers.CacheControl = time.GetUtcNow() - at > s_settled ? "private, max-age=3600" : "private, max-age=1";
        headers[CapturedAtHeader] = capturedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return TypedResults.Bytes(jpeg, "image/jpeg");
    }

    /// <summary>404 with the cause, and from when to when.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public static async Task<IResult> NothingAsync(KeyframeSearch search, PictureRequest request, CancellationToken cancellationToken)
    {
        var (id, stream, at) = request;
        if (await search.GapAtAsync(id, stream, at, cancellationToken) is not { } gap)
            return Problems.NotFound("noRecording", "Nothing is recorded at this time");
        string cause = GetTimeline.NameOf(gap.Cause);
        var (from, to) = (TimeOf(gap.From), TimeOf(gap.To));
        var answer = Problems.Of(
            StatusCodes.Status404NotFound, "noRecording", "Nothing is recorded at this time", $"There is a gap from {from} to {to}: {cause}");
        answer.ProblemDetails.Extensions["cause"] = cause;
        answer.ProblemDetails.Extensions["from"] = from;
        answer.ProblemDetails.Extensions["to"] = to;
        return answer;
    }

    /// <summary>Has a picture made; the answer when that is not possible.</summary>
    public static async Task<IResult> MakeAsync(
        HttpContext context, PictureCache pictures, SegmentDamage damage, RecordedKeyframe keyframe, int width, int quality, DateTimeOffset at,
        TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var picture = await pictures.GetAsync(keyframe, width, quality, cancellationToken);
            return Of(context, picture.Bytes, keyframe.CapturedAt, at, time);
        }
        catch (PicturesBusyException e)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "busy", e.Message);
        }
        catch (RecordingUnreadableException e)
        {
            damage.Report(e.Path);
            return e.ToProblem();
        }
        catch (PictureException e)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "undecodable", "The recorded picture cannot be decoded", e.Message);
        }
    }

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
