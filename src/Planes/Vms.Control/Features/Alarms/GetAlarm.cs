using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Alarms;

/// <summary>GET /api/alarms/{id}.</summary>
internal static class GetAlarm
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapGet("/{id}", Handle).WithName(nameof(GetAlarm)).WithSummary("One alarm.").Needs(Permissions.EventsRead, Scope.Cameras).ProducesProblem(404);

    private static async Task<Results<Ok<AlarmView>, ProblemHttpResult>> Handle(string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await AlarmRow.FindAsync(connection, Caller.Of(context).Rights.Filter(Permissions.EventsRead), id, locked: false, cancellationToken) is { } alarm
            ? TypedResults.Ok(alarm) : AlarmsRoutes.NotFound();
    }
}
