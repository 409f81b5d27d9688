using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>A picture of the past that a viewer asks for: a camera's stream at a time that the ticket allows.</summary>
/// <param name="Stream">Null for the best that is recorded.</param>
internal sealed record PictureRequest(string CameraId, string? Stream, DateTimeOffset At)
{
    /// <summary>Reads <c>{id}</c>, <c>at</c> and <c>stream</c>.</summary>
    /// <param name="wrong">What is wrong with other parameters; answered together.</param>
    /// <param name="problem">The answer when false.</param>
    public static bool TryRead(
        HttpContext context, List<FieldProblem> wrong, [NotNullWhen(true)] out PictureRequest? request, [NotNullWhen(false)] out IResult? problem)
    {
        request = null;
        var at = PlaybackRequest.ReadTime(context, "at", wrong);
        string cameraId = (string)context.GetRouteValue("id")!;
        if (!ArchiveLayout.IsSafeName(cameraId)) wrong.Add(new FieldProblem("id", "notAnId", "not a camera's id"));
        if (!PlaybackRequest.TryReadStream(context, out string? stream)) wrong.Add(new FieldProblem("stream", "notAStream", "'main' or 'sub' is expected"));
        problem = wrong.Count > 0 ? Problems.Fields(wrong) : PlaybackRequest.OutsideTicket(context, at, at);
        if (problem is not null) return false;

        request = new PictureRequest(cameraId, stream, at);
        return true;
    }

    /// <summary>A whole number of the query, or what stands for it when it is not there.</summary>
    public static int ReadNumber(HttpContext context, string name, int fallback, int min, int max, List<FieldProblem> wrong)
    {
        if (context.Request.Query[name] is not [{ Length: > 0 } text]) return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max) return value;
        wrong.Add(new FieldProblem(name, "outOfRange", $"Use {min} to {max}"));
        return fallback;
    }
}
