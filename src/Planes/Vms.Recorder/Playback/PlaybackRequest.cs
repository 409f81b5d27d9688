using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>What a viewer asks for: a camera over a range of wall clock, within what the ticket allows.</summary>
/// <param name="Stream">Null for the best that is recorded: main, and sub where there is nothing of it.</param>
internal sealed record PlaybackRequest(string CameraId, string? Stream, DateTimeOffset From, DateTimeOffset To)
{
    public const string DefaultStream = "main";

    /// <summary>Reads <c>{id}</c>, <c>from</c>, <c>to</c> and <c>stream</c>.</summary>
    /// <param name="longest">A longer range is refused.</param>
    /// <param name="problem">The answer when false.</param>
    public static bool TryRead(
        HttpContext context, TimeSpan longest, [NotNullWhen(true)] out PlaybackRequest? request, [NotNullWhen(false)] out IResult? problem)
    {
        request = null;
        var wrong = new List<FieldProblem>();
        var from = ReadTime(context, "from", wrong);
        var to = ReadTime(context, "to", wrong);
        if (wrong.Count == 0 && to <= from) wrong.Add(new FieldProblem("to", "empty", "'to' must be after 'from'"));
        if (wrong.Count == 0 && to - from > longest)
        {
            wrong.Add(new FieldProblem("to", "tooLong", $"at most {longest.TotalHours.ToString(CultureInfo.InvariantCulture)} hours at a time"));
        }

        string cameraId = (string)context.GetRouteValue("id")!;
        if (!ArchiveLayout.IsSafeName(cameraId)) wrong.Add(new FieldProblem("id", "notAnId", "not a camera's id"));
        if (!TryReadStream(context, out string? stream)) wrong.Add(new FieldProblem("stream", "notAStream", "'main' or 'sub' is expected"));
        problem = wrong.Count > 0 ? Problems.Fields(wrong) : OutsideTicket(context, from, to);
        if (problem is not null) return false;

        request = new PlaybackRequest(cameraId, stream, from, to);
        return true;
    }

    /// <param name="stream">Null when the request names none.</param>
    public static bool TryReadStream(HttpContext context, out string? stream)
    {
        stream = context.Request.Query["stream"] is [{ Length: > 0 } asked] ? asked : null;
        return stream is null || ArchiveLayout.IsSafeName(stream);
    }

    /// <summary>The refusal when a ticket is for a time that begins after <paramref name="from"/> or ends before <paramref name="to"/>;
    /// null when it allows this.</summary>
    public static IResult? OutsideTicket(HttpContext context, DateTimeOffset from, DateTimeOffset to) =>
        context.Viewer().Ticket is { } ticket && (from < ticket.From || to > ticket.To)
            ? Problems.Of(StatusCodes.Status403Forbidden, "outsideTicket", "The ticket does not cover this time")
            : null;

    /// <summary>A time of the query; what is wrong with it joins the list.</summary>
    internal static DateTimeOffset ReadTime(HttpContext context, string name, List<FieldProblem> wrong)
    {
        if (context.Request.Query[name] is not [{ Length: > 0 } text])
        {
            wrong.Add(new FieldProblem(name, "required", "a time is expected, as in 2026-11-21T09:30:00.000Z"));
            return default;
        }

        if (DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && text.Contains('T', StringComparison.Ordinal))
        {
            return time;
        }

        wrong.Add(new FieldProblem(name, "notATime", "a time is expected, as in 2026-11-21T09:30:00.000Z"));
        return default;
    }
}
