using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

/// <summary>POST /api/alarms/{id}/comments: also of one that is closed.</summary>
internal static class CommentAlarm
{
    private const int MaxComments = 200;
    private const int MaxLength = 2000;

    public sealed record Request(string? Text);

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/comments", Handle).WithName(nameof(CommentAlarm)).WithSummary("Write something down about an alarm.")
            .Needs(Permissions.AlarmsWrite, Scope.Cameras).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static Task<Results<Ok<AlarmView>, ProblemHttpResult>> Handle(string id, Request request, HttpContext context, AlarmEdits edits, CancellationToken cancellationToken)
    {
        var text = request.Text?.Trim() ?? "";
        return edits.ChangeAsync(
            id, context, "commented",
            alarm => text.Length is 0 or > MaxLength || !EventText.IsStorable(text) ? Problems.Fields(new FieldProblem("text", text.Length == 0 ? "required" : "tooLong", $"Use 1 to {MaxLength} characters"))
                : alarm.Comments.Count >= MaxComments ? Problems.Of(StatusCodes.Status409Conflict, "tooManyComments", "Too many comments", $"There are {MaxComments} already.") : null,
            "comments = comments || jsonb_build_array(jsonb_build_object('by', n.who, 'at', n.at, 'text', n.said))", text, cancellationToken);
    }
}
