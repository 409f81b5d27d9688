using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

internal static class AlarmsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var alarms = app.MapGroup("/api/alarms").WithTags("Alarms").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListAlarms.Map(alarms);
        GetAlarm.Map(alarms);
        AcknowledgeAlarm.Map(alarms);
        AssignAlarm.Map(alarms);
        CommentAlarm.Map(alarms);
        CloseAlarm.Map(alarms);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("alarmNotFound", "There is no such alarm");
}
