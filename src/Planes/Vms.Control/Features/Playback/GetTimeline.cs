using System.Globalization;
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
    private const int MaxEvents = 1000;

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
            await using var command = database.Command($"""
                select {EventRow.Columns} from {EventRow.From}
                where e.camera_id = $1 and ($2::timestamptz is null or coalesce(e.end_at, e.at) >= $2) and ($3::timestamptz is null or e.at < $3)
                order by e.at, e.id limit {MaxEvents.ToString(CultureInfo.InvariantCulture)}
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
