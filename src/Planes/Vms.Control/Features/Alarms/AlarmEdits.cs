using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.LiveFeed;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Alarms;

/// <summary>Changes of alarms: each with its audit entry, and told to whoever sees the alarm.</summary>
internal sealed class AlarmEdits(NpgsqlDataSource database, FeedHub hub, TimeProvider time)
{
    /// <param name="action">Behind "alarm." in the audit.</param>
    /// <param name="refusal">Why the alarm, as it is, is not changed so; null where it may.</param>
    /// <param name="set">SQL of what changes; <c>n.at</c> is the time, <c>n.who</c> who does it, <c>n.said</c> <paramref name="value"/>.</param>
    public async Task<Results<Ok<AlarmView>, ProblemHttpResult>> ChangeAsync(
        string id, HttpContext context, string action, Func<AlarmView, ProblemHttpResult?> refusal, string set, string? value, CancellationToken cancellationToken)
    {
        var (now, actor, mine) = (time.GetUtcNow(), Actor.Of(context), Caller.Of(context).Rights.Filter(Permissions.AlarmsWrite));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlarmRow.FindAsync(connection, mine, id, locked: true, cancellationToken) is not { } before)
            return AlarmsRoutes.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(before.UpdatedAt)) is { } otherVersion)
            return otherVersion;
        if (refusal(before) is { } refused)
            return refused;
        await connection.ExecuteAsync($"""
            update control.alarm set {set}, updated_at = n.at from (select $2::timestamptz as at, $3::text as who, $4::text as said) n where alarm.id = $1
            """, [id, now, actor.Name, value], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "alarm." + action, id, new { before.Title, before.CameraId, value }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var changed = (await AlarmRow.FindAsync(connection, mine, id, locked: false, cancellationToken))!;
        hub.Publish(new AlarmMessage(changed), Permissions.EventsRead, changed.CameraId, changed.SiteId);
        return TypedResults.Ok(changed);
    }
}
