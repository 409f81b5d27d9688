using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Integrations.Push;
using Vms.Hosting;

namespace Vms.Control.Features.Notifications;

/// <summary>GET and PUT /api/notifications/preferences: one's own.</summary>
internal static class Preferences
{
    private const int MaxTypes = 64;
    private const int MaxTypeLength = 64;
    private const int MaxCameras = 1000;
    private const int MaxIdLength = 64;

    public static void Map(RouteGroupBuilder notifications)
    {
        notifications.MapGet("/preferences", Get).WithName("GetNotificationPreferences").WithSummary("How one wants to be told.").NeedsSignIn();
        notifications.MapPut("/preferences", Put).WithName("SetNotificationPreferences").WithSummary("Say how one wants to be told, and when not.").NeedsSignIn()
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
    }

    private static async Task<Ok<NotificationPreferences>> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        TypedResults.Ok(await NotificationPreferences.ReadAsync(database, Caller.Of(context).Principal!.Id, cancellationToken));

    private static async Task<Results<Ok<NotificationPreferences>, ProblemHttpResult>> Put(
        NotificationPreferences request, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        CheckTypes("types", request.Types, problems);
        CheckTypes("through", request.Through, problems);
        if (request.CameraIds is null || request.CameraIds.Count > MaxCameras || request.CameraIds.Any(c => string.IsNullOrEmpty(c) || c.Length > MaxIdLength || !EventText.IsStorable(c)))
            problems.Add(new FieldProblem("cameraIds", "invalidValue", $"Use the ids of at most {MaxCameras} cameras"));
        if (request.Quiet is { } quiet)
            Check(quiet, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        await database.ExecuteAsync("""
            insert into control.notification_preference (account_id, settings, updated_at) values ($1, $2::jsonb, $3)
            on conflict (account_id) do update set settings = excluded.settings, updated_at = excluded.updated_at
            """, [Caller.Of(context).Principal!.Id, JsonSerializer.Serialize(request, JsonSerializerOptions.Web), time.GetUtcNow()], cancellationToken);
        return TypedResults.Ok(request);
    }

    private static void CheckTypes(string field, IReadOnlyList<string>? types, List<FieldProblem> problems)
    {
        if (types is null || types.Count > MaxTypes || types.Any(t => string.IsNullOrEmpty(t) || t.Length > MaxTypeLength || !EventText.IsStorable(t)))
            problems.Add(new FieldProblem(field, "invalidValue", $"Use at most {MaxTypes} types as line.crossed or object.*"));
    }

    private static void Check(QuietHours quiet, List<FieldProblem> problems)
    {
        if (!QuietHours.TryParseTime(quiet.From, out var from))
            problems.Add(new FieldProblem("quiet.from", "invalidValue", "Use a time from 00:00 to 23:59"));
        if (!QuietHours.TryParseTime(quiet.To, out var to))
            problems.Add(new FieldProblem("quiet.to", "invalidValue", "Use a time from 00:00 to 23:59"));
        else if (from == to)
            problems.Add(new FieldProblem("quiet.to", "empty", "They end when they begin; to be told nothing, switch push and desktop off"));
        if (string.IsNullOrEmpty(quiet.TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(quiet.TimeZone, out var zone) || !zone.HasIanaId)
            problems.Add(new FieldProblem("quiet.timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin"));
        if (quiet.Days is { } days && (days.Count > 7 || !days.All(QuietHours.IsDay)))
            problems.Add(new FieldProblem("quiet.days", "invalidValue", "Use some of mon tue wed thu fri sat sun"));
    }
}
