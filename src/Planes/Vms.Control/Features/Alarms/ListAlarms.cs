using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Alarms;

/// <summary>GET /api/alarms: newest first, page by page.</summary>
internal static class ListAlarms
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;
    private static readonly string[] s_states = ["open", "acknowledged", "closed"];

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapGet("/", Handle).WithName(nameof(ListAlarms)).WithSummary("List alarms, newest first.").Needs(Permissions.EventsRead, Scope.Cameras).ProducesProblem(400);

    private static async Task<Results<Ok<Page<AlarmView>>, ProblemHttpResult>> Handle(
        string[]? state, string? cameraId, string? eventId, string? severity, string? assignedTo, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? cursor, HttpContext context, NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (state?.Any(s => !s_states.Contains(s)) == true)
            return Problems.Fields(new FieldProblem("state", "invalidValue", $"Use {string.Join(", ", s_states)}"));
        if (!((string?[])[cameraId, eventId, severity, assignedTo]).All(EventText.IsStorable))
            return Problems.Fields(new FieldProblem("eventId", "invalidValue", "It holds a NUL, or half of a character"));
        if (!ListEvents.TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.EventsRead);
        await using var command = database.Command($"""
            select {AlarmRow.Columns} from {AlarmRow.From}
            where a.tenant_id = $1 and ($2::text[] is null or a.camera_id = any($2) or (a.camera_id is null and a.site_id = any($3)))
              and ($4::text[] is null or a.state = any($4)) and ($5::text is null or a.camera_id = $5) and ($6::text is null or a.severity = $6)
              and ($7::text is null or a.assigned_to = $7) and ($8::timestamptz is null or a.at >= $8) and ($9::timestamptz is null or a.at < $9)
              and ($10::timestamptz is null or (a.at, a.id) < ($10, $11)) and ($12::text is null or a.event_id = $12)
            order by a.at desc, a.id desc limit $13
            """, seen.TenantId, seen.CameraIds, seen.SiteIds, state is { Length: > 0 } ? state : null, cameraId, severity, assignedTo, from?.ToUniversalTime(), to?.ToUniversalTime(),
            beforeAt, beforeId, eventId, take + 1);
        var rows = await command.RowsAsync(AlarmRow.Read, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => ListEvents.CursorOf(last.At, last.Id)));
    }
}
