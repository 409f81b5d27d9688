using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Vms.Contracts;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Events;

/// <summary>GET /api/events: newest first, page by page. <c>reported=true</c>: only what cameras, analytics and other programs reported, and not what the
/// system tells about itself. <c>groupId</c>: the cameras of these groups, and of those in them, besides those that are named.</summary>
internal static class ListEvents
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    /// <summary>Which ones; null: any.</summary>
    /// <param name="CameraIds">One of them; null: any, and what concerns no camera.</param>
    /// <param name="Types">One of them, or the beginning of it: <c>object.*</c>; null or empty: any.</param>
    /// <param name="Plate">* and ? stand for any characters, and any one.</param>
    public sealed record Wanted(
        string[]? CameraIds, string[]? Types, bool? Reported, DateTimeOffset? From, DateTimeOffset? To, string? Class = null, string? Zone = null, string? Line = null, string? Plate = null);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/events", Handle).WithName(nameof(ListEvents)).WithSummary("List events, newest first.").WithTags("Events").Needs(Permissions.EventsRead, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Results<Ok<Page<EventView>>, ProblemHttpResult>> Handle(
        string[]? cameraId, string[]? groupId, string[]? type, bool? reported, DateTimeOffset? from, DateTimeOffset? to, [FromQuery(Name = "class")] string? objectClass, string? zone, string? line, string? plate, int? limit, string? cursor,
        HttpContext context, RightsState people, NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!((string?[])[.. cameraId ?? [], .. groupId ?? [], .. type ?? [], objectClass, zone, line, plate]).All(EventText.IsStorable))
            return Problems.Fields(new FieldProblem("type", "invalidValue", "It holds a NUL, or half of a character"));
        if (!TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var rows = await ReadAsync(
            database, Caller.Of(context).Rights.Filter(Permissions.EventsRead), new Wanted(ChosenCameras.Of(cameraId, groupId, null, people.Current), type, reported, from, to, objectClass, zone, line, plate),
            beforeAt is { } at ? (at, beforeId!) : null, take + 1, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows, take, row => row, last => CursorOf(last.At, last.Id)));
    }

    /// <param name="after">The last one of the page before.</param>
    /// <returns>Newest first.</returns>
    public static async Task<List<EventView>> ReadAsync(
        NpgsqlDataSource database, CameraFilter seen, Wanted wanted, (DateTimeOffset At, string Id)? after, int take, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            select {EventRow.Columns} from {EventRow.From}
            where ($1::text[] is null or e.camera_id = any($1))
              and ($2::text[] is null or exists (select from unnest($2::text[]) t where case when right(t, 2) = '.*' then starts_with(e.type, left(t, -1)) else e.type = t end))
              and ($3::timestamptz is null or e.at >= $3) and ($4::timestamptz is null or e.at < $4)
              and ($5::timestamptz is null or (e.at, e.id) < ($5, $6))
              and ($8::boolean is null or (split_part(e.type, '.', 1) <> all($9)) = $8)
              and ($13::text is null or e.data ->> 'class' = $13) and ($14::text is null or (e.data ? 'zone' and left(e.data ->> 'zone', 128) = $14))
              and ($15::text is null or (e.data ? 'line' and left(e.data ->> 'line', 128) = $15)) and ($16::text is null or (e.data ? 'plate' and left(e.data ->> 'plate', 64) like $16))
              and e.tenant_id = $10 and ($11::text[] is null or e.camera_id = any($11) or (e.camera_id is null and e.site_id = any($12)))
            order by e.at desc, e.id desc limit $7
            """, wanted.CameraIds, wanted.Types is { Length: > 0 } types ? types : null, wanted.From?.ToUniversalTime(), wanted.To?.ToUniversalTime(), after?.At, after?.Id, take, wanted.Reported,
            BusLayout.OwnEventWords.ToArray(), seen.TenantId, seen.CameraIds, seen.SiteIds,
            wanted.Class, wanted.Zone, wanted.Line, wanted.Plate is { } plate ? PlatePattern.ToLike(plate) : null);
        return await command.RowsAsync(EventRow.Read, cancellationToken);
    }

    public static string CursorOf(DateTimeOffset at, string id) => Cursor.Of(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), id);

    public static bool TryReadCursor(string? text, out DateTimeOffset? at, out string? id)
    {
        (at, id) = (null, null);
        if (!Cursor.TryParse(text, parts: 2, out var key))
            return false;
        if (key is null)
            return true;
        if (!DateTimeOffset.TryParseExact(key[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        (at, id) = (time, key[1]);
        return true;
    }
}
