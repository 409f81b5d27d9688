using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

/// <summary>POST /api/alarms/{id}/acknowledge: somebody looks after it; nobody else is told any more.</summary>
internal static class AcknowledgeAlarm
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/acknowledge", Handle).WithName(nameof(AcknowledgeAlarm)).WithSummary("Acknowledge an alarm: it is escalated no further.")
            .Needs(Permissions.AlarmsWrite, Scope.Cameras).ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static Task<Results<Ok<AlarmView>, ProblemHttpResult>> Handle(string id, HttpContext context, AlarmEdits edits, CancellationToken cancellationToken) =>
        edits.ChangeAsync(
            id, context, "acknowledged",
            alarm => alarm.State == "open" ? null : Problems.Of(
                StatusCodes.Status409Conflict, "alarmNotOpen", "The alarm is not open any more", $"It is {alarm.State}{(alarm.AcknowledgedBy is { } by ? $"; {by} acknowledged it" : "")}."),
            "state = 'acknowledged', acknowledged_by = n.who, acknowledged_at = n.at, assigned_to = coalesce(assigned_to, n.who), escalate_at = null", null, cancellationToken);
}
