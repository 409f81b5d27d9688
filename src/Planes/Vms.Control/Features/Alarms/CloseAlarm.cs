using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

/// <summary>POST /api/alarms/{id}/close: it is over; one that nobody acknowledged is acknowledged by it.</summary>
internal static class CloseAlarm
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/close", Handle).WithName(nameof(CloseAlarm)).WithSummary("Close an alarm.")
            .Needs(Permissions.AlarmsWrite, Scope.Cameras).ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    public static ProblemHttpResult IsClosed() => Problems.Of(StatusCodes.Status409Conflict, "alarmClosed", "The alarm is closed", "It stays as it is; comments can still be added.");

    private static Task<Results<Ok<AlarmView>, ProblemHttpResult>> Handle(string id, HttpContext context, AlarmEdits edits, CancellationToken cancellationToken) =>
        edits.ChangeAsync(
            id, context, "closed", alarm => alarm.State == "closed" ? IsClosed() : null,
            "state = 'closed', closed_by = n.who, closed_at = n.at, acknowledged_by = coalesce(acknowledged_by, n.who), acknowledged_at = coalesce(acknowledged_at, n.at), escalate_at = null",
            null, cancellationToken);
}
