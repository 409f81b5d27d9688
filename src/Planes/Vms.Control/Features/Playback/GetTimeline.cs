using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Playback;

/// <summary>GET /api/cameras/{id}/timeline: the recorder's recordings and gaps, with control's events among them. The recorder's own port
/// answers the same without events.</summary>
internal static class GetTimeline
{
    /// <summary>The marks of one view; a view with more is zoomed out too far to tell them apart.</summary>
    private const string MaxEvents = "1000";

    /// <summary>Ceiling of the recorder's answer.</summary>
    private const int MaxAnswerBytes = 16 << 20;

    public static async Task HandleAsync(
        string id, DateTimeOffset? from, DateTimeOffset? to, double? resolution, HttpContext context, Planes planes, NpgsqlDataSource database, IOptions<JsonOptions> json)
    {
        using var answer = await planes.Recorder.AskAsync(context);
        if (answer is null)
            return;
        if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentLength is > MaxAnswerBytes)
        {
            await planes.Recorder.CopyAnswerAsync(context, answer);
            return;
        }

        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var timeline = (await JsonNode.ParseAsync(body, cancellationToken: context.RequestAborted))!.AsObject();
        timeline["events"] = await EventsAsync(id, from, to, database, json.Value, context.RequestAborted);
        await Results.Json(timeline).ExecuteAsync(context);
    }

    /// <summary>Oldest first, as the recordings are. None while the database is away: the recordings are what matters.</summary>
    private static async Task<JsonArray> EventsAsync(
        string cameraId, DateTimeOffset? from, DateTimeOffset? to, NpgsqlDataSource database, JsonOptions json, CancellationToken cancellationToken)
    {
        try
        {
            // Those that begin in the range are found by their beginning. Those that had begun before it and go on into it are few at any moment, and found by that.
            await using var command = database.Command($"""
                with found as (
                    (select * from control.event where camera_id = $1 and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3)
                     order by at, id limit {MaxEvents})
                    union all
                    (select * from control.event where camera_id = $1 and at < $2 and end_at is not null and tstzrange(at, greatest(at, end_at), '[]') @> $2::timestamptz
                     order by at, id limit {MaxEvents}))
                select {EventRow.Columns} from {EventRow.From.Replace("control.event e", "found e", StringComparison.Ordinal)}
                order by e.at, e.id limit {MaxEvents}
                """, cameraId, from?.ToUniversalTime(), to?.ToUniversalTime());
            var events = await command.RowsAsync(EventRow.Read, cancellationToken);
            return [.. events.Select(e => System.Text.Json.JsonSerializer.SerializeToNode(e, json.SerializerOptions))];
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            return [];
        }
    }
}
