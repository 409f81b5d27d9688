using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

/// <summary>POST /api/alarms/{id}/assign: who is to look after it.</summary>
internal static class AssignAlarm
{
    /// <param name="AssignedTo">Name of a user; null: nobody in particular.</param>
    public sealed record Request(string? AssignedTo);

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/assign", Handle).WithName(nameof(AssignAlarm)).WithSummary("Give an alarm to somebody.")
            .Needs(Permissions.AlarmsWrite, Scope.Cameras).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<AlarmView>, ProblemHttpResult>> Handle(
        string id, Request request, HttpContext context, NpgsqlDataSource database, AlarmEdits edits, CancellationToken cancellationToken)
    {
        var (asked, name) = (request.AssignedTo, (string?)null);
        if (!string.IsNullOrEmpty(asked) && EventText.IsStorable(asked))
        {
            await using var command = database.Command(
                "select username from control.account where tenant_id = $1 and username_key = $2 and enabled", Caller.Of(context).TenantId, Accounts.KeyOf(asked));
            name = await command.FirstAsync(r => r.GetString(0), cancellationToken);
        }

        // Who is asked for is said behind whether the alarm is there: nobody finds out about users by alarms that they do not see.
        return await edits.ChangeAsync(
            id, context, "assigned",
            alarm => !string.IsNullOrEmpty(asked) && name is null ? Problems.Fields(new FieldProblem("assignedTo", "userNotFound", "There is no such user"))
                : alarm.State == "closed" ? CloseAlarm.IsClosed() : null,
            "assigned_to = n.said", name, cancellationToken);
    }
}
